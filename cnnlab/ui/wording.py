"""Words around numbers: nouns in the singular and the plural. How a number itself is written is in plots/numbers.py."""

from typing import Final

_MARKUP: Final = frozenset("\\`*_{}[]()<>#+!|~$:")


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 run`, `3 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def plain(text: str) -> str:
    """A text from outside within Markdown, so that nothing in it is taken for markup."""
    return "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in text.replace("\n", " "))
