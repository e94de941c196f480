"""An option of an architecture: a parameter that also tells when it has no effect. Does not import torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnlab.parameters import Parameter

OptionValue = bool | int | float | str
Options = Mapping[str, OptionValue]


@dataclass(frozen=True, kw_only=True)
class OptionSpec(Parameter):
    """An option; unless it is `structural`, it affects how a network starts or learns but not its layers.

    `ignored(options)` is a sentence on why the option has no effect with these options, or None if it has one.
    """

    structural: bool = True
    ignored: Callable[["Options"], str | None] = lambda _: None
