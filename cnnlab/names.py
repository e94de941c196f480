"""Makes names from outside safe to show: they may be invalid Unicode or contain control characters.

The terminal, JSON output and the pages all use these functions.
"""

import unicodedata
from typing import Final

JOINERS: Final = "\u200c\u200d"
"""Harmless in a terminal: they join or separate letters, and Persian and Indic names need them."""


def as_unicode(name: str) -> str:
    r"""The name as valid Unicode: a byte of a file name that cannot be decoded is written as `\xe9`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """The text with its control characters escaped, so that a terminal shows them. Line breaks and tabs are kept."""
    return "".join(
        char if char in "\n\t" + JOINERS or unicodedata.category(char) not in ("Cc", "Cf") else repr(char)[1:-1]
        for char in as_unicode(text)
    )
