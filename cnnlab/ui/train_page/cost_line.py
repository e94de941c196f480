"""One line before *Start*: how long the run and all that waits will take, and how much memory. Blocks nothing."""

from collections.abc import Sequence
from typing import Final

import psutil
import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.models.registry import family_names
from cnnlab.plots import numbers
from cnnlab.runs.records import ACTIVE, DataSetRecord, RunRecord, Status
from cnnlab.training.config import RunConfig
from cnnlab.ui import keys, messages, progress, wording
from cnnlab.ui.resources import store
from cnnlab.ui.train_page.costs import COSTS, Answer, Question
from cnnlab.ui.train_page.form import Form

LOOK_SECONDS: Final = 0.7
PENDING: Final = "(measuring)"
HEADROOM: Final = 1.6
"""A whole run against its bare steps, on a machine that has little else to do; each run beside it takes its share."""
MOST_QUEUED: Final = 12
"""More waiting runs than this are not measured one by one."""


def draw(form: Form, dataset: DataSetRecord) -> None:
    """Draw the line; while something is measured it looks again by itself, and the form stays free."""
    own = question_for(form.config(dataset), dataset)
    others = [question_for(config, dataset) for config in _other_families(form, dataset)]
    queued = _queued_questions()
    is_measuring = None in COSTS.look([own, *others, *queued])
    st.fragment(_draw_line, run_every=LOOK_SECONDS if is_measuring else None)(
        own, others, queued, is_measuring=is_measuring
    )


def question_for(config: RunConfig, dataset: DataSetRecord) -> Question:
    """What a run with this configuration will meet in a data set."""
    pictures, data = dataset.images, config.data
    val = round(pictures * data.val_fraction)
    train = max(1, pictures - val - round(pictures * data.test_fraction))
    return Question(config, max(2, len(dataset.classes)), train, val)


def sentence(
    own: Answer | None,
    all_three: Sequence[Answer | None],
    queued: Sequence[Answer | None],
    *,
    seconds_before: float,
    running: int = 0,
) -> str:
    """The line. `all_three` has an answer for each family, `queued` for each waiting run; None is being measured.

    `seconds_before` is what is left of the `running` runs, beside which each step takes longer.
    """
    if own is None:
        return "Measuring what this run will take …"
    if own.error is not None:
        return f"What this run takes could not be measured: {wording.plain(own.error)}"
    parts = [f"Takes **{_range(own.seconds, running)}** and {numbers.size(own.memory_bytes)} of memory"]
    if all_three:
        parts.append(f"all three {_range(_total(all_three), running) if _is_known(all_three) else PENDING}")
    if queued or seconds_before:
        before = seconds_before + (_total(queued) if _is_known(queued) else 0.0)
        ready = _about(before + (own.seconds or 0.0)) if _is_known(queued) else PENDING
        what = wording.counted(len(queued), "run") + " waiting" if queued else "the run that goes on"
        parts.append(f"ready after {what} in {ready}")
    return "; ".join(parts) + "."


def too_large(own: Answer | None, *, available: int) -> str | None:
    """A warning where the run needs more memory than the machine has to give, in bytes."""
    if own is None or own.memory_bytes is None or own.memory_bytes <= available:
        return None
    return (
        f"It needs about {numbers.size(own.memory_bytes)} of memory and {numbers.size(available)} are free: take "
        "a smaller batch (accumulation keeps its effect), smaller pictures or a smaller network."
    )


@messages.guard("the cost")
def _draw_line(own: Question, others: Sequence[Question], queued: Sequence[Question], *, is_measuring: bool) -> None:
    answers = COSTS.look([own, *others, *queued])
    if is_measuring and None not in answers:
        st.rerun()  # ends the looking
    first, rest = answers[0], answers[1:]
    all_three = [first, *rest[: len(others)]] if others else []
    text = sentence(first, all_three, rest[len(others) :], seconds_before=_seconds_before(), running=_running())
    warning = too_large(first, available=psutil.virtual_memory().available)
    with st.container(key=keys.TRAIN_COST):
        st.caption(
            f":material/timer: {text}",
            help="From one step of the network, measured here on the processor. The first figure is a machine with "
            "nothing else to do, the second one with the runs that go on now. Once the run has begun, the time left "
            "is that of its own steps.",
        )
        if warning:
            st.warning(warning)


def _other_families(form: Form, dataset: DataSetRecord) -> list[RunConfig]:
    """What *Train all three* files beside the run of the form; empty where a family refuses the settings."""
    own = form.architecture.family
    try:
        return [form.config(dataset, family=family) for family in family_names() if family != own]
    except ConfigError:
        return []


def _queued_questions() -> list[Question]:
    found = []
    for run in store().runs.queue()[:MOST_QUEUED]:
        dataset = store().datasets.at(str(run.config["data"]["path"]))
        if dataset is not None:
            found.append(question_for(run.run_config(), dataset))
    return found


def _seconds_before() -> float:
    active: tuple[RunRecord, ...] = store().runs.list(status=ACTIVE)
    return sum(progress.seconds_left(run) or 0.0 for run in active if run.status is Status.RUNNING)


def _running() -> int:
    return len(store().runs.list(status=ACTIVE))


def _is_known(answers: Sequence[Answer | None]) -> bool:
    return all(answer is not None and answer.seconds is not None for answer in answers)


def _total(answers: Sequence[Answer | None]) -> float:
    return sum(answer.seconds or 0.0 for answer in answers if answer is not None)


def _range(seconds: float | None, running: int) -> str:
    """From the fastest steps that were measured to what loading, validation and work beside them make of it."""
    low, high = _about(seconds), _about(None if seconds is None else seconds * HEADROOM * (1 + running))
    return low if low == high else f"{low} to {high}"


def _about(seconds: float | None) -> str:
    """A time in two digits: more would promise too much."""
    if seconds is None:
        return numbers.duration(None)
    return numbers.duration(float(f"{seconds:.2g}")).removesuffix(" 0 s").removesuffix(" 0 min")
