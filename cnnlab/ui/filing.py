"""Files runs for a page: only once per double click, and with a worker running to take them."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cnnlab.errors import DataError
from cnnlab.runs.filing import file_run
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.records import RunRecord
from cnnlab.training.config import RunConfig
from cnnlab.ui.resources import store
from cnnlab.ui.state import session

DOUBLE_CLICK_SECONDS: Final = 2.0


def file_runs(
    configs: Sequence[RunConfig],
    *,
    recipe: str | None = None,
    cloned_from: str | None = None,
    token: str | None = None,
    tags: tuple[str, ...] = (),
) -> list[RunRecord]:
    """File one run for each configuration and make sure that a worker is running.

    `token` identifies the request; without one, equal configurations within two seconds count as a double click.

    Raises:
        DataError: the folder of pictures no longer exists.
    """
    for config in configs:
        _check_folder(config)
    digest = _digest(configs)
    token = token or _token(digest)
    filed = [
        file_run(store(), config, token=f"{token}:{index}", recipe=recipe, cloned_from=cloned_from, tags=tags)
        for index, config in enumerate(configs)
    ]
    start_worker_if_none(store())
    session.last_filing = (digest, time.time(), token)  # a second click has waited until now
    return filed


def _check_folder(config: RunConfig) -> None:
    if not Path(config.data.path).is_dir():
        raise DataError(
            f"The folder {config.data.path!r} no longer exists, so there is nothing to train on; put it back, or "
            "choose another data set."
        )


def _digest(configs: Sequence[RunConfig]) -> str:
    return hashlib.sha256("\n".join(config.to_yaml() for config in configs).encode()).hexdigest()


def _token(digest: str) -> str:
    last_digest, last_time, last_token = session.last_filing
    is_double = digest == last_digest and time.time() - last_time < DOUBLE_CLICK_SECONDS
    return last_token if is_double else secrets.token_hex(8)
