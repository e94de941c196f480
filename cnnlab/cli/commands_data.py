"""Commands about pictures: `scan` and `samples`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnlab.cli.output import JsonOption, console, print_json, progress_bar, table
from cnnlab.errors import UsageError

if TYPE_CHECKING:
    from cnnlab.data.layout import Reading


ReadingOption = Annotated[
    str | None,
    typer.Option("--reading", help="What the folders are where their names leave a doubt: parts or classes."),
]


def reading_of(text: str | None) -> "Reading | None":
    """The answer to what the folders are.

    Raises:
        UsageError: it is neither.
    """
    if text is None or text == "parts" or text == "classes":
        return text  # type: ignore[return-value]  # one of the two words
    raise UsageError(f"--reading must be parts or classes (got {text[:40]!r}).")


def add_to(app: typer.Typer) -> None:
    """Give `app` the commands of this file."""
    app.command()(scan)
    app.command()(samples)


def scan(
    path: Annotated[Path, typer.Argument(help="A folder with one sub-folder for each class.", show_default=False)],
    reading: ReadingOption = None,
    is_json: JsonOption = False,
) -> None:
    """Look at a folder of pictures: classes, counts, what cannot be read and why, what is there twice."""
    from cnnlab.data.scan import scan_folder

    with progress_bar("Looking at pictures") as report:
        found = scan_folder(path, reading=reading_of(reading), progress=report)
    if is_json:
        print_json(found.as_json())
    out = console(is_json=is_json)
    for finding in found.findings:
        out.print(finding.sentence)
    if is_json:
        return
    out.print(f"{len(found.pictures)} pictures in {len(found.classes)} classes, fingerprint {found.fingerprint[:12]}")
    out.print(table("", ("class", "pictures"), list(found.counts.items())))
    if found.unreadable:
        rows = [(item.file, item.reason) for item in found.unreadable]
        out.print(table(f"\nLeft out, because they cannot be read ({len(rows)})", ("file", "reason"), rows))
    if found.duplicates:
        rows_twice = [(", ".join(group),) for group in found.duplicates]
        out.print(table(f"\nIdentical files ({len(rows_twice)} groups)", ("files",), rows_twice))


def samples(
    name: Annotated[str, typer.Argument(help="drawings (poodles and Siamese cats) or digits (real handwriting).")],
    to: Annotated[Path, typer.Option(help="Folder to write the classes into.", show_default=False)],
    per_class: Annotated[int, typer.Option(min=1, max=10_000, help="Pictures of each class.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws other pictures.")] = 0,
    is_json: JsonOption = False,
) -> None:
    """Write a bundled data set as a folder of pictures; nothing is downloaded."""
    from cnnlab.data.samples import write_samples

    with progress_bar("Writing pictures") as report:
        made = write_samples(name, to, per_class=per_class, seed=seed, progress=report)
    if is_json:
        print_json({"name": name, "folder": str(made.folder), "classes": list(made.classes), "images": made.images})
    else:
        console().print(f"{made.images} pictures of {', '.join(made.classes)} in {made.folder}")
