"""Output of the commands. With `--json`, JSON goes to standard output and all text to standard error.

Printed text may contain names, so it is never interpreted as markup, emoji or terminal escape sequences. Characters
that the output's encoding lacks are written as escapes.
"""

import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cnnlab.data.progress import ProgressCallback
from cnnlab.names import as_unicode, printable

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print exactly one JSON object; all other output goes to standard error.")
]


def console(*, is_json: bool = False) -> Console:
    """Where text goes: standard output, unless that is reserved for the JSON object."""
    return _PlainConsole(stderr=is_json, soft_wrap=True, highlight=False, markup=False, emoji=False)


class _PlainConsole(Console):
    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 - rich's own signature
        super().print(*(printable(item) if isinstance(item, str) else item for item in objects), **options)


def degrade_unknown_letters() -> None:
    """Write characters that the output's encoding (a code page, ASCII) lacks as escapes instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_error(message: str) -> None:
    """Print an error as one line on standard error."""
    print(f"cnnlab: {printable(' '.join(message.split()))}", file=sys.stderr)


def print_json(record: Mapping[str, Any]) -> None:
    """Print the JSON object of a command, in ASCII. Numbers that JSON lacks (NaN, infinity) become null."""
    sys.stdout.write(json.dumps(_plain(record), indent=2, default=str) + "\n")


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str | Path):
        return as_unicode(str(value))
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    if isinstance(value, Mapping):
        return {as_unicode(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table as text; None is shown as a dash."""
    grid = Table(title=Text(printable(title)), title_justify="left", box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        grid.add_column(Text(printable(heading)))
    for row in rows:
        grid.add_row(*("–" if cell is None else Text(printable(str(cell))) for cell in row))
    return grid


@contextmanager
def progress_bar(description: str) -> Iterator[ProgressCallback]:
    """A progress bar on standard error, shown only on a terminal."""
    target = console(is_json=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=target, disable=not target.is_terminal, transient=True) as progress:
        task = progress.add_task(description, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def percent(share: float | None) -> str | None:
    """A share as a percentage with three significant digits."""
    return None if share is None else f"{100 * share:.3g} %"


def short_number(value: float | None, unit: str = "") -> str | None:
    """A number with three significant digits and k, M or G: 1.59 M."""
    if value is None:
        return None
    for limit, prefix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{prefix}{unit}"
    return f"{value:.3g}{unit and ' ' + unit}"
