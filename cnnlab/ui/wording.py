"""Words on a page: nouns in the singular and the plural, and other people's text shown letter by letter.

Streamlit takes nearly every text for Markdown, labels of buttons too; a picture in it would be fetched from wherever it
lies. So every name, path, note, address and error goes through `plain`. How a number is written is in plots/numbers.py.
"""

import re
from typing import Final

from cnnlab.names import readable

# Streamlit replaces these after the Markdown was read, when escapes are gone: addresses become links, `->` an arrow.
_JOINED: Final = re.compile(r"(?<=[-<>~=])(?=[-<>=])|(?<=www)(?=\.)|(?=://)|(?=@)", re.IGNORECASE)
LONGEST_NAME: Final = 60
_WORD_JOINER: Final = "\u2060"  # no width, no break
_MARKUP: Final = frozenset("\\`*_{}[]()<>#+!|~$:&")
_LIST: Final = re.compile(r"^(\s*\d{0,9})([-.])(?=\s|$)")  # at the beginning of a line


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 run`, `3 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def file_name(name: str, ending: str) -> str:
    """The name of a download that a person recognises and every system can store: `resnet small 1 epochs.csv`."""
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in readable(name)).strip(" .")
    return f"{kept[:LONGEST_NAME] or 'run'} {ending}"


def cell(text: str) -> str:
    """A text in a CSV file that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def plain(text: str) -> str:
    """A text from outside within Markdown, so that it is seen as it is: no emoji, no link, no picture, no colour."""
    parted = _JOINED.sub(_WORD_JOINER, " ".join(readable(text).splitlines()))
    escaped = "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in parted)
    return _LIST.sub(r"\1\\\2", escaped)
