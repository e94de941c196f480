"""The command line: everything that the pages can do, without a browser. Each command is one call into the core.

This file only enters and leaves the program, so that an interrupt is obeyed even before anything else is imported.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

INTERRUPTED: Final = 130

__all__ = ["INTERRUPTED", "main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its status. An interrupt ends it within a second and without a traceback."""
    is_ignoring = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # how a shell starts background jobs
    if not is_ignoring:
        signal.signal(signal.SIGINT, _leave_at_once)
    from cnnlab.cli.app import run_program

    try:
        if not is_ignoring:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        status = run_program(sys.argv[1:] if arguments is None else arguments)
        if not is_ignoring:
            signal.signal(signal.SIGINT, _leave_at_once)
    except KeyboardInterrupt:  # a second one, while the first was being obeyed
        status = INTERRUPTED
    if status == INTERRUPTED:
        _leave_interrupted()
    sys.exit(status)


def _leave_at_once(_number: int, _frame: object) -> None:
    """Exit while no command is running: nothing is open, and libraries that are loading may swallow exceptions."""
    os.write(2, b"cnnlab: Interrupted.\n")
    os._exit(INTERRUPTED)


def _leave_interrupted() -> None:
    """Exit with all child processes, without the seconds that the interpreter takes to unload large libraries."""
    from cnnlab.processes import end_descendants

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue  # the reader is gone
    end_descendants()
    os._exit(INTERRUPTED)
