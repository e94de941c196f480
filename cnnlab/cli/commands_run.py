"""Commands that create and control runs: `train`, `resume`, `pause`, `stop`, `worker`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnlab.cli import INTERRUPTED
from cnnlab.cli.commands_data import ReadingOption, reading_of
from cnnlab.cli.options import RunArgument, option
from cnnlab.cli.output import JsonOption, console, percent, print_error, print_json, progress_bar
from cnnlab.cli.training_view import TrainingView
from cnnlab.errors import CnnLabError, UsageError
from cnnlab.store.records import RunRecord, Status

if TYPE_CHECKING:
    from cnnlab.runs.execute import RunResult
    from cnnlab.store.store import Store


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (train, resume, pause, stop, worker):
        app.command()(command)


def train(
    data: Annotated[Path | None, option("data.path")] = None,
    family: Annotated[str | None, option("architecture.family")] = None,
    preset: Annotated[str | None, option("architecture.preset")] = None,
    recipe: Annotated[
        str | None, typer.Option(help="How to train: quick, careful or article.", show_default="quick")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="key=value: an option of the network, or a setting by its path (see cnnlab settings)."
        ),
    ] = None,
    epochs: Annotated[int | None, option("training.epochs")] = None,
    batch_size: Annotated[int | None, option("training.batch_size")] = None,
    learning_rate: Annotated[float | None, option("training.learning_rate")] = None,
    image_size: Annotated[int | None, option("pipeline.image_size")] = None,
    val_fraction: Annotated[float | None, option("data.val_fraction")] = None,
    seed: Annotated[int | None, option("seed")] = None,
    split_seed: Annotated[int | None, option("data.split_seed")] = None,
    device: Annotated[str | None, option("compute.device")] = None,
    threads: Annotated[int | None, option("compute.threads")] = None,
    init_from: Annotated[str | None, option("architecture.init_from")] = None,
    name: Annotated[str | None, option("name")] = None,
    config: Annotated[
        Path | None, typer.Option(help="A YAML file with the whole configuration, instead of these options.")
    ] = None,
    reading: ReadingOption = None,
    is_json: JsonOption = False,
) -> None:
    """Train a network on a folder of pictures in this terminal, and record everything as a run."""
    from cnnlab.models.registry import DEFAULT_PRESET
    from cnnlab.runs.execute import file_for_here
    from cnnlab.store.store import Store
    from cnnlab.training.config import RunConfig
    from cnnlab.training.recipes import DEFAULT_RECIPE, make_config

    if config is not None:
        flags = (data, family, settings, epochs, batch_size, learning_rate, image_size, val_fraction, seed, split_seed)
        if any(flag is not None for flag in (*flags, preset, recipe, device, threads, init_from, name)):
            raise UsageError("--config holds the whole configuration; omit the other options, or change the file.")
        chosen = RunConfig.from_yaml(_read_text(config))
    elif data is None or family is None:
        raise UsageError("A run needs --data (a folder) and --family (vgg, googlenet or resnet), or --config.")
    else:
        chosen = make_config(
            data=data,
            family=family,
            preset=preset or DEFAULT_PRESET,
            recipe=recipe or DEFAULT_RECIPE,
            settings=settings or (),
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            image_size=image_size,
            val_fraction=val_fraction,
            seed=seed,
            split_seed=split_seed,
            device=device,
            threads=threads,
            init_from=init_from,
            name=name,
        )
    store = Store.open()
    with progress_bar("Scanning pictures") as report:
        filed = file_for_here(
            store, chosen, recipe=None if config else recipe, reading=reading_of(reading), progress=report
        )
    _train_here(store, filed, is_json=is_json)


def resume(run: RunArgument, is_json: JsonOption = False) -> None:
    """Continue a paused, stopped, interrupted or failed run from its last checkpoint in this terminal."""
    from cnnlab.processes import ProcessIdentity
    from cnnlab.runs import lifecycle
    from cnnlab.store.store import Store

    store = Store.open()
    lifecycle.recognise_dead(store)
    record = store.runs.find(run)
    filed = lifecycle.resume(store, record.run_id, reserved_for=ProcessIdentity.current())
    _train_here(store, filed, is_json=is_json)


def pause(run: RunArgument, is_json: JsonOption = False) -> None:
    """Ask a run to save a checkpoint and free its device; `resume` continues it."""
    from cnnlab.runs import lifecycle
    from cnnlab.store.store import Store

    store = Store.open()
    lifecycle.recognise_dead(store)
    record = lifecycle.pause(store, store.runs.find(run).run_id)
    _tell_status(lifecycle.wait_until_obeyed(store, record.run_id), is_json=is_json)


def stop(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="The run to stop.", show_default=False)] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Stop all runs that are running, paused or queued.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Stop a run, or all runs; their results so far are kept."""
    from cnnlab.runs import lifecycle
    from cnnlab.store.store import Store

    if (run is None) == (not is_all):
        raise UsageError("Either name a run to stop, or give --all.")
    store = Store.open()
    lifecycle.recognise_dead(store)
    if run is not None:
        record = lifecycle.stop(store, store.runs.find(run).run_id)
        _tell_status(lifecycle.wait_until_obeyed(store, record.run_id), is_json=is_json)
        return
    asked = lifecycle.stop_all(store)
    stopped = [lifecycle.wait_until_obeyed(store, record.run_id) for record in asked]
    if is_json:
        print_json({"runs": [{"run_id": record.run_id, "status": record.status} for record in stopped]})
        return
    for record in stopped:
        _tell_status(record, is_json=False)
    if not stopped:
        console().print("There was nothing to stop.")


def worker(
    is_staying: Annotated[bool, typer.Option("--stay", help="Keep running when there is nothing to do.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Train queued runs; ends after ten idle minutes. The pages start a worker by themselves when one is needed."""
    from cnnlab.runs.worker import run_worker

    has_worked = run_worker(stay=is_staying)
    if is_json:
        print_json({"status": "ended" if has_worked else "another worker is there"})
    elif not has_worked:
        console().print("Another worker is already running, so there is nothing to do.")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The configuration {str(path)!r} cannot be read ({error}); name a YAML file.") from error


def _tell_status(run: RunRecord, *, is_json: bool) -> None:
    if is_json:
        print_json({"run_id": run.run_id, "status": run.status})
    else:
        console().print(f"Run {run.run_id} ({run.name}) is {run.status}.")


def _train_here(store: "Store", filed: RunRecord, *, is_json: bool) -> None:
    """Train a filed run in this process, print how it ended and exit with the corresponding status."""
    from cnnlab.runs.execute import RunResult, train_filed
    from cnnlab.training.allocator import keep_freed_memory

    keep_freed_memory()
    with TrainingView(filed.epochs, is_json=is_json) as view:
        view.announce(filed)
        try:
            result = train_filed(store, filed.run_id, listener=view.show, waiting=view.wait, preparing=view.prepare)
            exit_code = _exit_code(result)
        except KeyboardInterrupt:
            run = store.runs.get(filed.run_id)
            result, exit_code = RunResult(run=run, history=store.epochs.of(run.number)), INTERRUPTED
    _tell_result(result, is_json=is_json)
    raise typer.Exit(exit_code)


def _exit_code(result: "RunResult") -> int:
    if isinstance(result.error, CnnLabError):
        return result.error.exit_code
    return 0 if result.run.status is Status.FINISHED else 1


def _tell_result(result: "RunResult", *, is_json: bool) -> None:
    run = result.run
    if is_json:
        print_json(result.to_dict())
    if run.status is not Status.FINISHED:
        print_error(f"Run {run.run_id} ({run.name}) is {run.status}. {run.reason or ''} {run.remedy or ''}")
    elif not is_json:
        accuracy = "" if run.val_accuracy is None else f", validation accuracy {percent(run.val_accuracy)}"
        console().print(
            f"Run {run.run_id} ({run.name}) is {run.status}: best epoch {run.best_epoch} (lowest validation loss)"
            f"{accuracy}, {run.seconds:.3g} s"
        )
