"""Commands that look at runs and use them: `runs`, `show`, `compare`, `predict`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cnnlab.cli.options import RunArgument
from cnnlab.cli.output import JsonOption, console, percent, print_json, progress_bar, short_number, table
from cnnlab.errors import DataError, UsageError
from cnnlab.store.records import RunRecord, Status


def add_to(app: typer.Typer) -> None:
    """Give `app` the commands of this file."""
    for command in (runs, show, compare, predict):
        app.command()(command)


def runs(
    status: Annotated[str | None, typer.Option(help=f"Only runs that are {', '.join(Status)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    is_json: JsonOption = False,
) -> None:
    """List runs, the newest first."""
    from cnnlab.runs.lifecycle import is_not_responding, recognise_dead
    from cnnlab.store.store import Store

    if status is not None and status not in set(Status):
        raise UsageError(f"No status is called {status!r}; choose one of {', '.join(Status)}.")
    store = Store.open()
    recognise_dead(store)
    found = store.runs.list(status=None if status is None else {Status(status)}, limit=limit)
    if is_json:
        print_json({"runs": [_brief(run) for run in found]})
        return
    headings = ("run", "name", "status", "epoch", "val accuracy", "parameters")
    rows = [
        (
            run.run_id,
            run.name,
            f"{run.status}, not responding" if is_not_responding(run) else run.status,
            f"{run.epoch}/{run.epochs}",
            percent(run.val_accuracy),
            short_number(run.parameters),
        )
        for run in found
    ]
    console().print(table("", headings, rows) if rows else "No run yet; begin with: cnnlab train --help")


def show(
    run: RunArgument,
    is_json: JsonOption = False,
) -> None:
    """Show one run: configuration, environment, history, checkpoints."""
    from cnnlab.runs.housekeeping import run_folder
    from cnnlab.runs.lifecycle import recognise_dead
    from cnnlab.store.store import Store
    from cnnlab.training.config import RunConfig

    store = Store.open()
    recognise_dead(store)
    record = store.runs.find(run)
    folder = run_folder(store, record)
    history = [dict(epoch.figures) for epoch in store.epochs.of(record.number)]
    if is_json:
        checkpoints = [{"step": step, "folder": str(path)} for step, path in folder.complete_checkpoints()]
        whole = {"config": dict(record.config), "environment": folder.attempts(), "history": history}
        print_json({**_brief(record), **whole, "checkpoints": checkpoints, "folder": str(folder.path)})
        return
    out = console()
    out.print(f"{record.run_id}  {record.name}: {record.status}, epoch {record.epoch} of {record.epochs}")
    for line in (record.reason, record.remedy):
        if line:
            out.print(line)
    rows = [
        (one["epoch"], f"{one['train_loss']:.4f}", _rounded(one["val_loss"]), percent(one["val_accuracy"]))
        for one in history
    ]
    out.print(table("", ("epoch", "train loss", "val loss", "val accuracy"), rows))
    out.print(f"\nFiles: {folder.path}")
    out.print(RunConfig.from_dict(record.config).to_yaml())


def compare(
    names: Annotated[list[str], typer.Argument(metavar="RUN RUN ...", help="Two runs or more.")],
    is_json: JsonOption = False,
) -> None:
    """Set runs side by side, with what differs in their configurations and whether they may be compared at all."""
    from cnnlab.analysis.comparison import compare as compare_runs
    from cnnlab.analysis.comparison import differences, sentence
    from cnnlab.store.store import Store

    store = Store.open()
    found = [store.runs.find(name) for name in names]
    comparison = compare_runs(found)
    settings = differences([run.config for run in found])
    if is_json:
        print_json(
            {
                "runs": [_brief(run) for run in found],
                "metric": comparison.metric,
                "comparable": comparison.comparable,
                "reasons": list(comparison.reasons),
                "best": comparison.best,
                "val_pictures": comparison.val_pictures,
                "differences": {path: list(values) for path, values in settings},
                "verdicts": None,
            }
        )
        return
    out = console()
    rows = [
        (run.run_id, run.name, percent(run.val_accuracy), _rounded(run.val_loss), short_number(run.parameters))
        for run in found
    ]
    out.print(table("", ("run", "name", "val accuracy", "val loss", "parameters"), rows))
    out.print(table("\nDifferent settings", ("setting", *(run.name for run in found)), [(p, *v) for p, v in settings]))
    out.print("\n" + sentence(comparison, found))


def predict(
    files: Annotated[list[Path], typer.Argument(metavar="FILE ...", help="Pictures, or folders of pictures.")],
    run: Annotated[str, typer.Option(help="The run to ask: its id, a unique prefix of one, or @last.")],
    is_json: JsonOption = False,
) -> None:
    """Ask a run what it sees in pictures; a file that cannot be read is named and the others go on."""
    from cnnlab.analysis.prediction import load_trained
    from cnnlab.analysis.prediction import predict as ask
    from cnnlab.store.store import Store

    store = Store.open()
    trained = load_trained(store, store.runs.find(run))
    files = [file for name in files for file in _files_in(name)]
    if not files:
        raise DataError("There is no file in the folder to look at; name pictures, or a folder that holds some.")
    found = []
    with progress_bar("Looking") as report:
        for done, file in enumerate(files, start=1):
            found += ask(trained, [file])
            report(done, len(files))
    records: list[dict[str, Any]] = [
        {"file": str(file), "error": one.error}
        if one.error is not None
        else {"file": str(file), "top": [{"label": label, "probability": p} for label, p in one.top]}
        for file, one in zip(files, found, strict=True)
    ]
    exit_code = DataError.exit_code if all(one.error is not None for one in found) else 0
    if is_json:
        print_json({"run_id": trained.run_id, "predictions": records})
        raise typer.Exit(exit_code)
    rows = [
        (file, one.error or ", ".join(f"{label} {percent(p)}" for label, p in one.top[:3]))
        for file, one in zip(files, found, strict=True)
    ]
    console().print(table("", ("file", "what the run sees"), rows))
    raise typer.Exit(exit_code)


def _files_in(name: Path) -> list[Path]:
    """The file itself, or every file below a folder that is not hidden."""
    if not name.is_dir():
        return [name]
    below = (path for path in name.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(below)


def _brief(run: RunRecord) -> dict[str, Any]:
    names = (
        *("run_id", "name", "status", "family", "preset", "recipe", "device", "threads", "epoch", "epochs", "step"),
        *("best_epoch", "val_accuracy", "val_loss", "train_loss", "parameters", "flops", "seconds"),
        *("images_per_second", "category", "reason", "remedy", "bit_identical", "fingerprint", "split_hash", "created"),
    )
    from cnnlab.runs.lifecycle import is_not_responding

    return {name: getattr(run, name) for name in names} | {"not_responding": is_not_responding(run)}


def _rounded(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"
