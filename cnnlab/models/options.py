"""One option of an architecture: a parameter that says besides when it has no effect. Knows no family and no torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnlab.parameters import Parameter

OptionValue = bool | int | float | str
Options = Mapping[str, OptionValue]


@dataclass(frozen=True, kw_only=True)
class OptionSpec(Parameter):
    """An option. One that is not `structural` says how a network starts or learns, not what it is made of.

    `ignored(options)` is a sentence that says why the option has no effect with the others as they are, None where it
    has one.
    """

    structural: bool = True
    ignored: Callable[["Options"], str | None] = lambda _: None
