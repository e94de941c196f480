"""Command-line options made from the descriptions of settings, so that help, range and unit are written only once."""

from typing import Annotated, Any

import typer

from cnnlab.parameters import Parameter
from cnnlab.training.settings import SETTINGS

RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run's id or a unique prefix of it, its name if no other run has it, or @last.",
        show_default=False,
    ),
]


def option(path: str) -> Any:  # noqa: ANN401 - Typer's options have no public type
    """The option for a setting of a run; if it is left out, the recipe decides."""
    return typer.Option(help=help_of(SETTINGS[path]))


def help_of(parameter: Parameter) -> str:
    """A setting's help and allowed values, for a terminal."""
    if parameter.type in ("text", "mapping"):
        return parameter.help
    return f"{parameter.help} {parameter.expected.capitalize()}."
