"""Finds the weights that a run starts from: the best ones of another run, or a file."""

from pathlib import Path

from cnnlab.errors import RunNotFoundError, WeightsError
from cnnlab.runs.folder import RunFolder
from cnnlab.store.store import Store
from cnnlab.training.config import RunConfig


def freeze_origin(store: Store, config: RunConfig) -> RunConfig:
    """The configuration with `init_from` as a full run id or an absolute path.

    Raises:
        WeightsError: there is no such run or file.
    """
    origin = config.architecture.init_from
    if origin is None:
        return config
    if Path(origin).expanduser().is_file():
        return config.with_overrides({"architecture.init_from": str(Path(origin).expanduser().resolve())})
    try:
        return config.with_overrides({"architecture.init_from": store.runs.find(origin).run_id})
    except RunNotFoundError as error:
        raise WeightsError(
            f"`architecture.init_from` {origin!r} is neither a run nor a file; name one of them.",
            setting="architecture.init_from",
        ) from error


def initial_weights(store: Store, config: RunConfig) -> Path | None:
    """The file of weights that a filed run starts from.

    Raises:
        WeightsError: it is gone.
    """
    origin = config.architecture.init_from
    if origin is None:
        return None
    path = Path(origin)
    file = path if path.is_absolute() else RunFolder(store.workspace.runs / origin).weights()
    if file is None or not file.is_file():
        raise WeightsError(
            f"The weights of {origin!r} no longer exist; name another run or file.", setting="architecture.init_from"
        )
    return file
