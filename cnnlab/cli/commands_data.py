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
    typer.Option("--reading", help="What ambiguous folders are: parts or classes."),
]


def reading_of(text: str | None) -> "Reading | None":
    """The value of `--reading`.

    Raises:
        UsageError: it is neither of the two words.
    """
    if text is None or text == "parts" or text == "classes":
        return text  # type: ignore[return-value]  # one of the two words
    raise UsageError(f"--reading must be parts or classes (got {text[:40]!r}).")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    app.command()(scan)
    app.command()(samples)


def scan(
    path: Annotated[Path, typer.Argument(help="A folder with one sub-folder for each class.", show_default=False)],
    reading: ReadingOption = None,
    is_json: JsonOption = False,
) -> None:
    """Scan a folder of pictures: classes, counts, unreadable files and why, duplicates."""
    from cnnlab.data.scan import scan_folder

    with progress_bar("Scanning pictures") as report:
        result = scan_folder(path, reading=reading_of(reading), progress=report)
    if is_json:
        print_json(result.as_json())
    out = console(is_json=is_json)
    for finding in result.findings:
        out.print(finding.sentence)
    if is_json:
        return
    out.print(
        f"{len(result.pictures)} pictures in {len(result.classes)} classes, fingerprint {result.fingerprint[:12]}"
    )
    out.print(table("", ("class", "pictures"), list(result.counts.items())))
    if result.unreadable:
        rows = [(item.file, item.reason) for item in result.unreadable]
        out.print(table(f"\nLeft out because they cannot be read ({len(rows)})", ("file", "reason"), rows))
    if result.duplicates:
        groups = [(", ".join(group),) for group in result.duplicates]
        out.print(table(f"\nIdentical files ({len(groups)} groups)", ("files",), groups))


def samples(
    name: Annotated[str, typer.Argument(help="drawings (poodles and Siamese cats) or digits (real handwriting).")],
    to: Annotated[Path, typer.Option(help="Folder to write the classes to.", show_default=False)],
    per_class: Annotated[int, typer.Option(min=1, max=10_000, help="Pictures per class.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Different seeds give different pictures.")] = 0,
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
