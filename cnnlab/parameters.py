"""The description of a setting: forms, the command line, the documentation and every check are built from it.

It describes the settings of a run, the options of a network and the parameters of a transform. Imports neither torch
nor pydantic, so that `--help` appears at once.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, Literal

from cnnlab.errors import ConfigError
from cnnlab.plain_yaml import quoted

ParameterType = Literal["integer", "number", "range", "switch", "choice", "text", "mapping"]

_ON: Final = frozenset({"true", "yes", "on", "1"})
_OFF: Final = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One setting. `low` and `high` are inclusive bounds for a number, and for both ends of a range (a pair).

    `name` is its name in configurations and in `--set`, a dotted path for a run's setting (`training.epochs`); `title`
    is the label of its field. An `optional` setting may be None. `step` is the increment of its field in a form;
    `logarithmic` means that its values are best compared by their ratio.
    """

    name: str
    title: str
    type: ParameterType
    help: str
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str | int, ...] = ()
    unit: str = ""
    effect: str = ""
    optional: bool = False
    step: float | None = None
    logarithmic: bool = False

    def parse(self, value: object) -> Any:  # noqa: ANN401 - its type is the parameter's
        """The value in the parameter's own type, converted from text if need be.

        Raises:
            ConfigError: wrong type or out of bounds; names the parameter, what was expected and what was given.
        """
        if self.optional and (value is None or value == ""):
            return None
        parsed = _PARSERS[self.type](self, value)
        if parsed is None:
            raise ConfigError(f"`{self.name}` must be {self.expected} (got {quoted(value)}).", setting=self.name)
        return parsed

    @property
    def expected(self) -> str:
        """The values it accepts, as the end of a sentence."""
        if self.type == "choice":
            return "one of " + ", ".join(map(str, self.choices))
        kind = _KINDS[self.type]
        if self.low is None or self.high is None:
            return kind
        unit = f" {self.unit}" if self.unit else ""
        return f"{kind} between {format_value(self.low)} and {format_value(self.high)}{unit}"


_KINDS: Final[Mapping[ParameterType, str]] = {
    "integer": "a whole number",
    "number": "a number",
    "range": "two numbers in ascending order",
    "switch": "true or false",
    "text": "text",
    "mapping": "a mapping of names to values",
}

IMAGE_SIZE: Final = Parameter(
    name="image_size",
    title="Image size",
    type="integer",
    default=224,
    low=8,
    high=512,  # above this, a step of the published networks takes minutes and gigabytes on a laptop
    step=8,
    unit="pixels",
    help="Side of the square picture that the network sees. Doubling it takes four times the computation.",
)


def format_value(value: object) -> str:
    """A bound or a default, formatted for people: `10,000`, `1e-07`, `on`, `0.08 to 1`."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " to ".join(map(format_value, value))
    if not isinstance(value, int | float):
        return str(value)
    return f"{int(value):,}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:g}"


def _switch(_: Parameter, value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _ON:
        return True
    return False if text in _OFF else None


def _choice(parameter: Parameter, value: object) -> str | int | None:
    text = str(value).strip().lower()
    return next((choice for choice in parameter.choices if str(choice).lower() == text), None)


def _number(parameter: Parameter, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    is_within = (parameter.low is None or number >= parameter.low) and (
        parameter.high is None or number <= parameter.high
    )
    return number if math.isfinite(number) and is_within else None


def _integer(parameter: Parameter, value: object) -> int | None:
    number = _number(parameter, value)
    return int(number) if number is not None and number.is_integer() else None


def _range(parameter: Parameter, value: object) -> tuple[float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    first, last = (_number(parameter, end) for end in value)
    return None if first is None or last is None or first > last else (first, last)


def _text(_: Parameter, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | PurePath):
        return None
    return str(value)


def _mapping(_: Parameter, value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, Mapping) else None


_PARSERS: Final[Mapping[ParameterType, Callable[[Parameter, object], object]]] = {
    "integer": _integer,
    "number": _number,
    "range": _range,
    "switch": _switch,
    "choice": _choice,
    "text": _text,
    "mapping": _mapping,
}
