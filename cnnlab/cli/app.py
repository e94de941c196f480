"""The program `cnnlab`: assembles the commands and turns every error into one line and an exit status.

Exit status: 0 success; 1 the run failed or was stopped; 2 invalid usage or configuration; 3 unusable data;
130 interrupted.
"""

import _thread
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import typer
from typer.main import get_command

from cnnlab.cli import INTERRUPTED, commands_data, commands_model, commands_run, commands_use
from cnnlab.cli.doctor import doctor
from cnnlab.cli.output import degrade_unknown_letters, print_error, print_json
from cnnlab.errors import CnnLabError
from cnnlab.names import printable

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_SECONDS: Final = 0.05

# What Typer raises for every usage error; it has no public name.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]

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


def run_program(given: Sequence[str]) -> int:
    """Set up the process, run one command and return its exit status."""
    if sys.stderr is sys.__stderr__:  # unless a test captures it
        faulthandler.enable()  # shows where it was if a library crashes the process
    sys.unraisablehook = _interrupt_again
    degrade_unknown_letters()
    return run([word for word in given if word != "--debug"], is_debug="--debug" in given)


def run(arguments: Sequence[str], *, is_debug: bool = False) -> int:
    """Run one command and return its exit status; errors are written as one line on standard error."""
    command = get_command(app)
    try:  # not app(), which treats an interrupt as an ordinary exit and prints nothing
        with command.make_context("cnnlab", list(arguments)) as context:
            command.invoke(context)
        return 0
    except typer.Exit as left:
        return left.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _fail("Interrupted.", INTERRUPTED, arguments)
    except CnnLabError as error:
        _show_traceback(is_debug)
        return _fail(str(error), error.exit_code, arguments, about=error)
    except _TyperUsageError as error:
        message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
        return _fail(f"{message.rstrip('.')}; see cnnlab --help.", 2, arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader is gone: let the last flush pass
        return 1
    except Exception as error:
        _show_traceback(is_debug)
        return _fail(
            f"Unexpected error in CNN Lab ({type(error).__name__}: {error}); repeat with --debug and report it.",
            1,
            arguments,
        )


def _interrupt_again(lost: "UnraisableHookArgs") -> None:
    """Repeat an interrupt that came where nothing can be raised, such as in a callback of the garbage collector."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(AGAIN_SECONDS, _thread.interrupt_main).start()  # immediately, it would be lost in here as well
    else:
        sys.__unraisablehook__(lost)


def _show_traceback(is_debug: bool) -> None:
    if is_debug:
        sys.stderr.write(printable(traceback.format_exc()))


def _fail(message: str, exit_code: int, arguments: Sequence[str], *, about: CnnLabError | None = None) -> int:
    line = " ".join(message.split())
    if "--json" in arguments:
        print_json({"error": line, "exit_code": exit_code, **_details(about)})
    print_error(line)
    return exit_code


def _details(error: CnnLabError | None) -> dict[str, str]:
    """What kind of error it is and what it is about, for programs."""
    if error is None:
        return {}
    about = {"file": error.file, "setting": error.setting, "run_id": error.run_id}
    return {"category": error.category, **{name: value for name, value in about.items() if value is not None}}
