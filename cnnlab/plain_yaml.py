"""YAML that others wrote, read within limits, and values quoted in messages: a small text must not fill the memory.

Aliases are refused: a few of them, each of the one before, describe billions of values.
"""

from typing import Final

import yaml

from cnnlab.errors import ConfigError

LARGEST_TEXT: Final = 100_000
"""Letters: a pipeline of every step has about two thousand."""
DEEPEST: Final = 20
"""Brackets within brackets: a configuration needs five."""
LONGEST_QUOTE: Final = 100


def read_yaml(text: str, what: str) -> object:
    """The values of a text; `what` begins the sentence of a refusal: `The configuration`.

    Raises:
        ConfigError: not YAML, or too large, too deep, or with aliases.
    """
    if len(text) > LARGEST_TEXT:
        raise ConfigError(f"{what} has {len(text):,} letters; at most {LARGEST_TEXT:,} are read, so shorten it.")
    try:
        return yaml.load(text, _LimitedLoader)  # noqa: S506 - a safe loader with limits
    except yaml.YAMLError as error:
        raise ConfigError(f"{what} is not readable as YAML ({shortened(str(error))}); correct it there.") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{what} holds a value that cannot be read ({shortened(str(error))}); correct it.") from None


def shortened(text: str) -> str:
    """One line of at most a hundred letters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}…"


def quoted(value: object) -> str:
    """A value as a message repeats it: what was given, and never more than a hundred letters of it."""
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_QUOTE else f"{value[:LONGEST_QUOTE]}…")
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 4 * LONGEST_QUOTE:
        return "a number of more than a hundred digits"  # Python refuses to write the longest ones
    return shortened(repr(value))


class _LimitedLoader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read, so write the value out")
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.composer.ComposerError(None, None, f"it is nested more than {DEEPEST} levels deep")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node
