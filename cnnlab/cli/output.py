"""How commands speak: JSON on standard output for programs, everything for people on standard error where both meet.

Nothing that is printed is read as markup, as an emoji or as a sequence that steers the terminal: it may be a name. What
the encoding of the output lacks is written as an escape. Knows no command.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cnnlab.names import harmless, readable

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print exactly one JSON object; everything for people goes to standard error.")
]

ReportProgress = Callable[[int, int], None]
"""Called with (done, total)."""


def console(*, is_json: bool = False) -> Console:
    """Where text for people goes: standard output, unless that belongs to the JSON object."""
    return _PlainConsole(stderr=is_json, soft_wrap=True, highlight=False, markup=False, emoji=False)


class _PlainConsole(Console):
    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 - rich's own signature
        super().print(*(harmless(one) if isinstance(one, str) else one for one in objects), **options)


def degrade_unknown_letters() -> None:
    """Show letters that the output's encoding lacks (a code page, ASCII) as escapes instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def tell_error(message: str) -> None:
    """An error as one line on standard error."""
    print(f"cnnlab: {harmless(' '.join(message.split()))}", file=sys.stderr)


def print_json(record: Mapping[str, Any]) -> None:
    """The one JSON object of a command, in ASCII. Numbers that JSON lacks (NaN, infinity) become null."""
    sys.stdout.write(json.dumps(_plain(record), indent=2, default=str) + "\n")


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str | Path):
        return readable(str(value))
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    if isinstance(value, Mapping):
        return {readable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table for people; None is shown as a dash."""
    drawn = Table(title=Text(harmless(title)), title_justify="left", box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        drawn.add_column(Text(harmless(heading)))
    for row in rows:
        drawn.add_row(*("–" if cell is None else Text(harmless(str(cell))) for cell in row))
    return drawn


@contextmanager
def progress_bar(description: str) -> Iterator[ReportProgress]:
    """A bar on standard error, on a terminal only."""
    target = console(is_json=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=target, disable=not target.is_terminal, transient=True) as progress:
        task = progress.add_task(description, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def percent(share: float | None) -> str | None:
    """A share as people read it: three significant digits."""
    return None if share is None else f"{100 * share:.3g} %"


def short_number(value: float | None, unit: str = "") -> str | None:
    """Three significant digits with k, M, G: 1.59 M."""
    if value is None:
        return None
    for limit, prefix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{prefix}{unit}"
    return f"{value:.3g}{unit and ' ' + unit}"
