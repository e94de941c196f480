"""How commands speak: JSON on standard output for programs, everything for people on standard error where both meet.

Knows no command.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print exactly one JSON object; everything for people goes to standard error.")
]

ReportProgress = Callable[[int, int], None]
"""Called with (done, total)."""


def console(*, is_json: bool) -> Console:
    """Where text for people goes: standard output, unless that belongs to the JSON object."""
    return Console(stderr=is_json, soft_wrap=True, highlight=False)


def print_json(record: Mapping[str, Any]) -> None:
    """The one JSON object of a command. Numbers that JSON lacks (NaN, infinity) become null."""
    sys.stdout.write(json.dumps(_finite(record), ensure_ascii=False, indent=2, default=str) + "\n")


def _finite(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table for people; None is shown as a dash."""
    drawn = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        drawn.add_column(heading)
    for row in rows:
        drawn.add_row(*("–" if cell is None else str(cell) for cell in row))
    return drawn


@contextmanager
def progress_bar(description: str) -> Iterator[ReportProgress]:
    """A bar on standard error, on a terminal only."""
    target = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
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
