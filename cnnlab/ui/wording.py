"""Numbers as people read them: three significant digits, with their unit. Knows nothing of what they measure."""

from typing import Final

MISSING: Final = "–"
_PREFIXES: Final = ((1e9, " G"), (1e6, " M"), (1e3, " k"))


def digits(value: float, significant: int = 3) -> str:
    """Significant digits without an exponent where one can do without: 0.0123, 91.2, 1590."""
    text = f"{value:.{significant}g}"
    return f"{value:.0f}" if "e+" in text else text


def percent(share: float | None) -> str:
    """A share of 0 to 1 as `91.2 %`."""
    return MISSING if share is None else f"{100 * share:.1f} %"


def loss(value: float | None) -> str:
    """A loss in nats, without the unit."""
    return MISSING if value is None else digits(value)


def short(value: float | None) -> str:
    """A large number as `1.59 M`."""
    if value is None:
        return MISSING
    for size, prefix in _PREFIXES:
        if abs(value) >= size:
            return digits(value / size) + prefix
    return digits(value)


def duration(seconds: float | None) -> str:
    """A time as `0.8 s`, `12 s`, `1 min 12 s`, `2 h 5 min`."""
    if seconds is None:
        return MISSING
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 run`, `3 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
