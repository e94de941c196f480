"""Words on a page: singular and plural nouns, and text from outside shown literally.

Streamlit reads nearly every text as Markdown, even labels of buttons, and would fetch pictures in it from any address.
So every name, path, note, address and error goes through `escape_markdown`. Numbers are formatted in plots/numbers.py.
"""

import re
from typing import Final

from cnnlab.names import as_unicode

# Streamlit replaces these after parsing the Markdown, when escapes are gone: addresses become links, `->` an arrow.
_JOINED: Final = re.compile(r"(?<=[-<>~=])(?=[-<>=])|(?<=www)(?=\.)|(?=://)|(?=@)", re.IGNORECASE)
MAX_NAME_LENGTH: Final = 60
_WORD_JOINER: Final = "\u2060"  # no width, no break
_MARKUP: Final = frozenset("\\`*_{}[]()<>#+!|~$:&")
_LIST: Final = re.compile(r"^(\s*\d{0,9})([-.])(?=\s|$)")  # at the start of a line


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 run`, `3 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def file_name(name: str, ending: str) -> str:
    """A readable file name for a download that every system accepts: `resnet small 1 epochs.csv`."""
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in as_unicode(name)).strip(" .")
    return f"{kept[:MAX_NAME_LENGTH] or 'run'} {ending}"


def cell(text: str) -> str:
    """A text for a CSV file that a spreadsheet does not read as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def escape_markdown(text: str) -> str:
    """Escape text from outside for Markdown, so that it is shown literally: no emoji, link, picture or colour."""
    parted = _JOINED.sub(_WORD_JOINER, " ".join(as_unicode(text).splitlines()))
    escaped = "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in parted)
    return _LIST.sub(r"\1\\\2", escaped)
