"""What a way of adding pictures offers: the word on the page's primary button, what it does, or why it cannot."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`missing` says what is still needed; while there is something, the button cannot be pressed."""

    label: str
    icon: str
    act: Callable[[], None]
    missing: str | None = None
