"""Words around numbers: nouns in the singular and the plural. How a number itself is written is in plots/numbers.py."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 run`, `3 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
