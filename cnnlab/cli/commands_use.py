"""Commands that show and use runs: `runs`, `show`, `compare`, `predict`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cnnlab.cli.options import RunArgument
from cnnlab.cli.output import JsonOption, console, percent, print_json, progress_bar, short_number, table
from cnnlab.errors import DataError, UsageError
from cnnlab.store.records import RunRecord, Status


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (runs, show, compare, predict):
        app.command()(command)


def runs(
    status: Annotated[str | None, typer.Option(help=f"Only runs that are {', '.join(Status)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of runs, newest first.")] = 50,
    is_json: JsonOption = False,
) -> None:
    """List runs, newest first."""
    from cnnlab.runs.lifecycle import is_not_responding, recognise_dead
    from cnnlab.store.store import Store

    if status is not None and status not in set(Status):
        raise UsageError(f"There is no status {status!r}; choose one of {', '.join(Status)}.")
    store = Store.open()
    recognise_dead(store)
    listed = store.runs.list(status=None if status is None else {Status(status)}, limit=limit)
    if is_json:
        print_json({"runs": [_brief(run) for run in listed]})
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
        for run in listed
    ]
    console().print(table("", headings, rows) if rows else "There are no runs yet; start with: cnnlab train --help")


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
    history = [dict(row.figures) for row in store.epochs.of(record.number)]
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
        (epoch["epoch"], f"{epoch['train_loss']:.4f}", _rounded(epoch["val_loss"]), percent(epoch["val_accuracy"]))
        for epoch in history
    ]
    out.print(table("", ("epoch", "train loss", "val loss", "val accuracy"), rows))
    out.print(f"\nFiles: {folder.path}")
    out.print(RunConfig.from_dict(record.config).to_yaml())


def compare(
    names: Annotated[list[str], typer.Argument(metavar="RUN RUN ...", help="Two or more runs.")],
    is_json: JsonOption = False,
) -> None:
    """Compare runs side by side: results, different settings, and whether the comparison is fair at all."""
    from cnnlab.analysis.comparison import compare as compare_runs
    from cnnlab.analysis.comparison import differences, sentence
    from cnnlab.store.store import Store

    store = Store.open()
    chosen = [store.runs.find(name) for name in names]
    comparison = compare_runs(chosen)
    settings = differences([run.config for run in chosen])
    if is_json:
        print_json(
            {
                "runs": [_brief(run) for run in chosen],
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
        for run in chosen
    ]
    out.print(table("", ("run", "name", "val accuracy", "val loss", "parameters"), rows))
    out.print(table("\nDifferent settings", ("setting", *(run.name for run in chosen)), [(p, *v) for p, v in settings]))
    out.print("\n" + sentence(comparison, chosen))


def predict(
    files: Annotated[list[Path], typer.Argument(metavar="FILE ...", help="Pictures, or folders of pictures.")],
    run: Annotated[str, typer.Option(help="The run to use: its id, a unique prefix of it, or @last.")],
    is_json: JsonOption = False,
) -> None:
    """Classify pictures with a run; a file that cannot be read is reported, and the others are still classified."""
    from cnnlab.analysis.prediction import load_trained
    from cnnlab.analysis.prediction import predict as predict_pictures
    from cnnlab.store.store import Store

    store = Store.open()
    trained = load_trained(store, store.runs.find(run))
    files = [file for name in files for file in _files_in(name)]
    if not files:
        raise DataError("There are no files in the folder; name pictures, or a folder with some.")
    predictions = []
    with progress_bar("Predicting") as report:
        for done, file in enumerate(files, start=1):
            predictions += predict_pictures(trained, [file])
            report(done, len(files))
    records: list[dict[str, Any]] = [
        {"file": str(file), "error": prediction.error}
        if prediction.error is not None
        else {"file": str(file), "top": [{"label": label, "probability": p} for label, p in prediction.top]}
        for file, prediction in zip(files, predictions, strict=True)
    ]
    exit_code = DataError.exit_code if all(prediction.error is not None for prediction in predictions) else 0
    if is_json:
        print_json({"run_id": trained.run_id, "predictions": records})
        raise typer.Exit(exit_code)
    rows = [
        (file, prediction.error or ", ".join(f"{label} {percent(p)}" for label, p in prediction.top[:3]))
        for file, prediction in zip(files, predictions, strict=True)
    ]
    console().print(table("", ("file", "prediction"), rows))
    raise typer.Exit(exit_code)


def _files_in(name: Path) -> list[Path]:
    """The file itself, or all files in a folder and its sub-folders that are not hidden."""
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
