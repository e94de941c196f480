import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.errors import ConfigError
from cnnlab.models.geometry import Window, map_size, output_size, smallest_image


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"),
    [(224, 3, 1, 1, 224), (224, 2, 2, 0, 112), (224, 7, 2, 3, 112), (7, 7, 1, 0, 1), (5, 2, 2, 0, 2)],
)
def test_output_size_is_the_articles_formula(size, kernel, stride, padding, expected):
    assert output_size(size, kernel, stride, padding) == expected


@pytest.mark.parametrize(
    ("arguments", "named"), [((3, 7), "kernel"), ((0, 1), "size"), ((8, 3, 0), "stride"), ((8, 3, 1, -1), "padding")]
)
def test_output_size_rejects_impossible_values_in_a_sentence_with_the_remedy(arguments, named):
    with pytest.raises(ConfigError, match=named):
        output_size(*arguments)


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 4), st.integers(0, 3), st.booleans())
def test_a_window_gives_the_same_size_as_torch(size, kernel, stride, padding, ceil):
    padding = min(padding, kernel // 2)  # torch's own condition for poolings
    pool = torch.nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil)
    try:
        expected = pool(torch.empty(1, 1, size, size, device="meta")).shape[-1]
    except RuntimeError:
        expected = 0
    assert Window(kernel, stride, padding, ceil).output(size) == expected


def test_the_smallest_image_has_two_cells_for_every_halving():
    windows = (Window(3, 2, 1),) * 3
    assert smallest_image(windows) == 5  # 5 -> 3 -> 2 -> 1
    assert map_size(5, windows) == 1
    assert smallest_image(windows, last_map=2) == 9


def test_windows_too_large_for_any_image_are_rejected():
    with pytest.raises(ConfigError, match="No image"):
        smallest_image((Window(2, 2),) * 10)
