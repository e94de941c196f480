"""One option of an architecture as data: what it is called, what it may be, what it does. Knows no family and no torch.

Forms, the command line and the tests are made from these records; so `parse` takes what any of them delivers.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from cnnlab.errors import ConfigError
from cnnlab.plain_yaml import quoted

OptionType = Literal["integer", "number", "switch", "choice"]
OptionValue = bool | int | float | str
Options = Mapping[str, OptionValue]

_ON = frozenset({"true", "yes", "on", "1"})
_OFF = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, kw_only=True)
class OptionSpec:
    """An option: `low` and `high` bound integers and numbers (both included), `choices` lists what a choice may be.

    One that is not `structural` says how a network starts or learns, not what it is made of. `ignored(options)` is a
    sentence that says why the option has no effect with the others as they are, None where it has one.
    """

    name: str
    title: str
    type: OptionType
    default: OptionValue
    low: float | None = None
    high: float | None = None
    choices: tuple[str | int, ...] = ()
    help: str
    effect: str
    structural: bool = True
    ignored: Callable[["Options"], str | None] = lambda _: None

    def parse(self, value: object) -> OptionValue:
        """The value in the option's own type, from that type or from text; ConfigError says what was expected."""
        parsed = _PARSERS[self.type](self, value)
        if parsed is None:
            raise ConfigError(f"`{self.name}` must be {self.expected} (got {quoted(value)}).")
        return parsed

    @property
    def expected(self) -> str:
        """What the option may be, as the end of a sentence."""
        if self.type == "choice":
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        if self.type == "switch":
            return "true or false"
        kind = "a whole number" if self.type == "integer" else "a number"
        return f"{kind} between {self.low:g} and {self.high:g}"


def _switch(spec: OptionSpec, value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _ON:
        return True
    return False if text in _OFF else None


def _choice(spec: OptionSpec, value: object) -> str | int | None:
    text = str(value).strip().lower()
    return next((choice for choice in spec.choices if str(choice).lower() == text), None)


def _number(spec: OptionSpec, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and _within(spec, number) else None


def _integer(spec: OptionSpec, value: object) -> int | None:
    number = _number(spec, value)
    return int(number) if number is not None and number.is_integer() else None


def _within(spec: OptionSpec, number: float) -> bool:
    return (spec.low is None or number >= spec.low) and (spec.high is None or number <= spec.high)


_PARSERS = {"switch": _switch, "choice": _choice, "number": _number, "integer": _integer}
