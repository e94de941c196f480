"""Names that others gave, as text for people and programs: they need not be valid Unicode, nor without control signs.

One way for the terminal, for JSON and for pages. Knows no path and no page.
"""

import unicodedata
from typing import Final

JOINERS: Final = "\u200c\u200d"
"""They steer no terminal, but join and part letters: Persian and Indic names need them."""


def readable(name: str) -> str:
    r"""The name as valid Unicode: a byte of a file name that is no text stands as `\xe9`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def harmless(text: str) -> str:
    """The text without signs that steer a terminal: they are seen, not obeyed. Line breaks and tabs stay."""
    return "".join(
        letter if letter in "\n\t" + JOINERS or unicodedata.category(letter) not in ("Cc", "Cf") else repr(letter)[1:-1]
        for letter in readable(text)
    )
