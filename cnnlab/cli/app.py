"""The program `cnnlab`: puts the commands together and turns every error into one line and an exit status.

Exit status: 0 done; 1 the run failed or was stopped; 2 wrong usage or configuration; 3 wrong data; 130 interrupted.
"""

import faulthandler
import sys
import traceback
from collections.abc import Sequence

import typer

from cnnlab.cli import commands_data, commands_model, commands_run, commands_use
from cnnlab.cli.commands_run import INTERRUPTED
from cnnlab.cli.doctor import doctor
from cnnlab.cli.output import degrade_unknown_letters, print_json, tell_error
from cnnlab.errors import CnnLabError

# What Typer raises for every mistake in a command; it has no public name.
_NotUnderstood: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="cnnlab",
    help="Which convolutional network suits your own pictures, and why.",
    epilog="--debug anywhere in a command shows the traceback of an error.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
for part in (commands_data, commands_model, commands_run, commands_use):
    part.add_to(app)
app.command()(doctor)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status."""
    if sys.stderr is sys.__stderr__:  # not where a test stands in for the terminal
        faulthandler.enable()  # should a library end the process, the lines that led there are shown
    degrade_unknown_letters()
    given = list(sys.argv[1:] if arguments is None else arguments)
    is_debug = "--debug" in given
    sys.exit(run([word for word in given if word != "--debug"], is_debug=is_debug))


def run(arguments: Sequence[str], *, is_debug: bool = False) -> int:
    """The exit status of one command; errors are written as one line on standard error."""
    try:
        return int(app(args=list(arguments), prog_name="cnnlab", standalone_mode=False) or 0)
    except KeyboardInterrupt:
        return _fail("Interrupted.", INTERRUPTED, arguments)
    except typer.Abort:
        return _fail("Interrupted.", INTERRUPTED, arguments)
    except CnnLabError as error:
        _show_traceback(is_debug)
        return _fail(str(error), error.exit_code, arguments)
    except _NotUnderstood as error:
        message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
        return _fail(f"{message.rstrip('.')}; see cnnlab --help.", 2, arguments)
    except Exception as error:
        _show_traceback(is_debug)
        return _fail(
            f"Unexpected error in CNN Lab ({type(error).__name__}: {error}); repeat with --debug and report it.",
            1,
            arguments,
        )


def _show_traceback(is_debug: bool) -> None:
    if is_debug:
        traceback.print_exc()


def _fail(message: str, exit_code: int, arguments: Sequence[str]) -> int:
    line = " ".join(message.split())
    if "--json" in arguments:
        print_json({"error": line, "exit_code": exit_code})
    tell_error(line)
    return exit_code
