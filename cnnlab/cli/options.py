"""Options of commands, made from the description of a setting: help, range and unit are written once."""

from typing import Annotated, Any

import typer

from cnnlab.parameters import Parameter
from cnnlab.training.settings import SETTINGS

RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run's id or a unique prefix of one, its name if no other run has it, or @last.",
        show_default=False,
    ),
]


def option(path: str) -> Any:  # noqa: ANN401 - Typer gives its options no type to name
    """The option for a setting of a run; what it stands for when it is left out, recipes say."""
    return typer.Option(help=help_of(SETTINGS[path]))


def help_of(parameter: Parameter) -> str:
    """What a setting is and what it may be, for a terminal."""
    if parameter.type in ("text", "mapping"):
        return parameter.help
    return f"{parameter.help} {parameter.expected.capitalize()}."
