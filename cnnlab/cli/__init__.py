"""The command line: everything that the pages can do, without a browser. Each command is one call into the core.

Here is only the way in and out, so that an interrupt is obeyed before anything else was imported.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

INTERRUPTED: Final = 130

__all__ = ["INTERRUPTED", "main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status. An interrupt ends it within a second and without a traceback."""
    is_deaf = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # so a shell starts what shall go on in the background
    if not is_deaf:
        signal.signal(signal.SIGINT, _leave_at_once)
    from cnnlab.cli.app import run_program

    try:
        if not is_deaf:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        status = run_program(sys.argv[1:] if arguments is None else arguments)
        if not is_deaf:
            signal.signal(signal.SIGINT, _leave_at_once)
    except KeyboardInterrupt:  # the second one, while the first was obeyed
        status = INTERRUPTED
    if status == INTERRUPTED:
        _leave_interrupted()
    sys.exit(status)


def _leave_at_once(_number: int, _frame: object) -> None:
    """Where no command is at work: nothing is kept open, and libraries that are being loaded lose exceptions."""
    os.write(2, b"cnnlab: Interrupted.\n")
    os._exit(INTERRUPTED)


def _leave_interrupted() -> None:
    """End with all that was started, without the seconds in which the interpreter takes large libraries down."""
    from cnnlab.processes import end_descendants

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue  # nobody reads it any more
    end_descendants()
    os._exit(INTERRUPTED)
