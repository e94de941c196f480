"""The page's primary button for a source of pictures: its label, what it does, or why it is disabled."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`missing` says what is still needed; the button is disabled unless it is None."""

    label: str
    icon: str
    act: Callable[[], None]
    missing: str | None = None
