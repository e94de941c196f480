"""Computes map sizes after convolutions and poolings, and the smallest possible input. Does not import torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.errors import ConfigError
from cnnlab.parameters import IMAGE_SIZE


@dataclass(frozen=True)
class Window:
    """The square window of a convolution or a pooling, in cells of the map it slides over."""

    kernel: int
    stride: int = 1
    padding: int = 0
    ceil: bool = False  # a last window that reaches beyond the map counts as well

    def output(self, size: int) -> int:
        """Side of the resulting map in cells; 0 if the window does not fit."""
        span = size + 2 * self.padding - self.kernel
        if span < 0 and not self.ceil:
            return 0
        steps = math.ceil(span / self.stride) if self.ceil else span // self.stride
        # torch's rule: a window that would start beyond the map and its left padding is dropped
        if self.ceil and steps * self.stride >= size + self.padding:
            steps -= 1
        return max(0, steps + 1)


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Side of the resulting map in cells: OH = (H + 2P - FH) / S + 1, rounded down as torch does.

    Raises:
        ConfigError: a value is too small, or the window is larger than the padded map.
    """
    for name, value, least in (
        ("size", size, 1),
        ("kernel", kernel, 1),
        ("stride", stride, 1),
        ("padding", padding, 0),
    ):
        if value < least:
            raise ConfigError(f"`{name}` must be at least {least} (got {value}).")
    result = Window(kernel, stride, padding).output(size)
    if result == 0:
        raise ConfigError(
            f"A window of {kernel} does not fit into a map of {size} with padding {padding}; "
            f"use a kernel of at most {size + 2 * padding} or more padding."
        )
    return result


def map_size(image_size: int, windows: Sequence[Window]) -> int:
    """Side of the map after all windows; 0 if one of them does not fit."""
    size = image_size
    for window in windows:
        size = window.output(size)
        if size == 0:
            return 0
    return size


def smallest_image(windows: Sequence[Window], *, last_map: int = 1) -> int:
    """Smallest image side for which the last map has `last_map` cells and every halving has at least two cells.

    A padded window "fits" a map of one cell, so without the second condition ResNet would accept a picture of one pixel
    and halve it five times to no effect.
    """
    for size in range(1, int(IMAGE_SIZE.high or 0) + 1):
        if _halves_well(size, windows) and map_size(size, windows) >= last_map:
            return size
    raise ConfigError(
        f"No image of up to {IMAGE_SIZE.high:g} pixels is large enough for these {len(windows)} windows; use fewer."
    )


def _halves_well(size: int, windows: Sequence[Window]) -> bool:
    for window in windows:
        if window.stride > 1 and size < 2:
            return False
        size = window.output(size)
    return size > 0
