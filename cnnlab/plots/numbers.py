"""Formats numbers for people, with three significant digits and their units."""

from typing import Final

SCALES: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def three_digits(value: float | None) -> str:
    """`0.6931471805` as `0.693`; a dash for None, words for infinity and for "not a number"."""
    if value is None:
        return "–"
    if value != value:
        return "not a number"
    if value in (float("inf"), float("-inf")):
        return "infinite"
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e5:
        return f"{float(f'{value:.3g}'):,.10f}".rstrip("0").rstrip(".") if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:.2e}"


def percent(share: float | None) -> str:
    """`0.9412` as `94.1 %`."""
    return "–" if share is None else f"{100 * share:.1f} %"


def count(value: float | None) -> str:
    """`1_590_000` as `1.59 M`."""
    if value is None:
        return "–"
    for scale, letter in SCALES:
        if abs(value) >= scale * 0.9995:
            return f"{three_digits(value / scale)} {letter}"
    return three_digits(value)


def size(value: float | None) -> str:
    """Bytes as `435 MB`."""
    text = count(value)
    if value is None:
        return text
    return f"{text}B" if text[-1].isalpha() else f"{text} B"


def duration(seconds: float | None) -> str:
    """`72.4` as `1 min 12 s`."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{three_digits(seconds)} s"
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
