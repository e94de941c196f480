"""Reads untrusted YAML within limits and quotes values in messages, so that a small text cannot fill the memory.

Aliases are rejected: a handful of nested ones can expand to billions of values.
"""

from typing import Final

import yaml

from cnnlab.errors import ConfigError

LARGEST_TEXT: Final = 100_000
"""In characters: a pipeline with every step has about two thousand."""
DEEPEST: Final = 20
"""Levels of nesting: a configuration needs five."""
MAX_QUOTE_LENGTH: Final = 100
_LINE_SEPARATORS: Final = "\x85\u2028\u2029"


def read_yaml(text: str, what: str) -> object:
    """The values in a YAML text; `what` starts the error message, for example `The configuration`.

    Raises:
        ConfigError: it is not YAML, too long, nested too deeply, or contains aliases.
    """
    if len(text) > LARGEST_TEXT:
        raise ConfigError(f"{what} has {len(text):,} characters, more than the limit of {LARGEST_TEXT:,}; shorten it.")
    try:
        return yaml.load(text, _LimitedLoader)  # noqa: S506 - a safe loader with limits
    except yaml.YAMLError as error:
        raise ConfigError(f"{what} is not valid YAML ({shortened(str(error))}); correct it there.") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{what} contains an invalid value ({shortened(str(error))}); correct it.") from None


def write_yaml(values: object) -> str:
    """Plain values as text that `read_yaml` reads back unchanged, in the order given and with letters as they are."""
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
    if any(separator in text for separator in _LINE_SEPARATORS):
        return yaml.safe_dump(values, sort_keys=False)  # as they are, PyYAML would read them as line breaks
    return text


def shortened(text: str) -> str:
    """The text on one line, cut off after a hundred characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_QUOTE_LENGTH else f"{line[:MAX_QUOTE_LENGTH]}…"


def quoted(value: object) -> str:
    """A value as a message quotes it: at most a hundred characters."""
    if isinstance(value, str):
        return repr(value if len(value) <= MAX_QUOTE_LENGTH else f"{value[:MAX_QUOTE_LENGTH]}…")
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 4 * MAX_QUOTE_LENGTH:
        return "a number of more than a hundred digits"  # Python refuses to format very long integers
    return shortened(repr(value))


class _LimitedLoader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not supported, so write the value out")
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.composer.ComposerError(None, None, f"it is nested more than {DEEPEST} levels deep")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node
