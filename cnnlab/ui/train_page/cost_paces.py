"""What runs really took, from their first epoch on: more accurate than a step measured beforehand."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from cnnlab.store.records import DataSetRecord, RunRecord
from cnnlab.training.config import RunConfig
from cnnlab.ui.resources import store
from cnnlab.ui.train_page.costs import Answer, Question

MAX_LOOKED_AT: Final = 40
SURE: Final = 1.2
"""Safety factor: the next run may take longer than the slowest earlier one."""


def question_for(config: RunConfig, dataset: DataSetRecord) -> Question:
    """The question for a run with this configuration on a data set."""
    pictures, data = dataset.images, config.data
    val = round(pictures * data.val_fraction)
    train = max(1, pictures - val - round(pictures * data.test_fraction))
    return Question(config, max(2, len(dataset.classes)), train, val)


def corrected(questions: Sequence[Question], answers: Sequence[Answer | None]) -> list[Answer | None]:
    """The answers, with measured times replaced by those of earlier runs with the same settings, if there are any."""
    paces = _paces()
    return [
        answer if answer is None or answer.error else _as_run(answer, question, paces.get(question.key, []))
        for question, answer in zip(questions, answers, strict=True)
    ]


def epoch_seconds(run: RunRecord) -> float | None:
    """Seconds of one epoch of the run, including validation; None before its first epoch has ended."""
    if run.epoch < 1 or not run.total_steps or not run.step:
        return None
    return run.seconds / run.step * run.total_steps / run.epochs


def _as_run(answer: Answer, question: Question, paces: Sequence[float]) -> Answer:
    if not paces:
        return answer
    epochs = question.config.training.epochs
    return replace(
        answer, seconds=epochs * min(paces), slow_seconds=epochs * max(paces) * SURE, is_quiet=True, is_from_run=True
    )


def _paces() -> dict[str, list[float]]:
    """Seconds per epoch of the latest runs, by question key."""
    datasets = {dataset.dataset_id: dataset for dataset in store().datasets.all()}
    paces: dict[str, list[float]] = {}
    for run in store().runs.list(limit=MAX_LOOKED_AT):
        dataset, pace = datasets.get(run.dataset_id or 0), epoch_seconds(run)
        if dataset is not None and pace:
            paces.setdefault(_key(run.run_id, dataset.dataset_id, dataset.scanned), []).append(pace)
    return paces


@lru_cache(maxsize=4 * MAX_LOOKED_AT)  # a run's configuration never changes, and a data set only changes with a scan
def _key(run_id: str, dataset_id: int, scanned: float) -> str:
    dataset = store().datasets.get(dataset_id)
    assert dataset is not None, f"data set {dataset_id} is listed but not in the store"
    return question_for(RunConfig.from_dict(store().runs.get(run_id).config), dataset).key
