"""One line above the form: how long the run and the queue will take, and how much memory the run needs."""

from collections.abc import Sequence
from typing import Final

import psutil
import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.models.registry import family_names
from cnnlab.store.records import ACTIVE, DataSetRecord
from cnnlab.training.config import RunConfig
from cnnlab.ui import keys, messages, progress
from cnnlab.ui.next_run.form import Form
from cnnlab.ui.resources import store
from cnnlab.ui.train_page.cost_paces import corrected, question_for
from cnnlab.ui.train_page.cost_words import sentence, too_large
from cnnlab.ui.train_page.costs import AGAIN_SECONDS, COSTS, Question

LOOK_SECONDS: Final = 0.7
MAX_QUEUED: Final = 12
"""Waiting runs beyond these are not measured."""


def render(form: Form, dataset: DataSetRecord) -> None:
    """Render the line; while something is being measured it updates itself, and the form stays usable."""
    own = question_for(form.config(dataset), dataset)
    others = [question_for(config, dataset) for config in _other_families(form, dataset)]
    queued = _questions_before()
    questions = [own, *others, *queued]
    answers = corrected(questions, COSTS.look(questions))
    is_measuring = None in answers
    is_rough = any(answer is not None and not answer.is_quiet for answer in answers)
    run_every = LOOK_SECONDS if is_measuring else AGAIN_SECONDS if is_rough else None
    st.fragment(_render_line, run_every=run_every)(own, others, queued, is_measuring=is_measuring)


@messages.guard("the cost")
def _render_line(own: Question, others: Sequence[Question], queued: Sequence[Question], *, is_measuring: bool) -> None:
    questions = [own, *others, *queued]
    answers = corrected(questions, COSTS.look(questions))
    if is_measuring and None not in answers:
        st.rerun()  # stops the polling
    first, rest = answers[0], answers[1:]
    all_three = [first, *rest[: len(others)]] if others else []
    text = sentence(first, all_three, rest[len(others) :], left=_seconds_left())
    warning = too_large(first, available=psutil.virtual_memory().available)
    with st.container(key=keys.TRAIN_COST):
        st.caption(
            f":material/timer: {text}",
            help="The shorter time assumes an otherwise idle processor, the longer one as much other load as when "
            "one step of the network was measured here. It is measured again once the machine is idle. If an earlier "
            "run had the same settings, its epochs are used instead.",
        )
        if warning:
            st.warning(warning)


def _other_families(form: Form, dataset: DataSetRecord) -> list[RunConfig]:
    """What *Train all three* files besides the run of the form; empty if the settings do not fit another family."""
    own = form.architecture.family
    try:
        return [form.config(dataset, family=family) for family in family_names() if family != own]
    except ConfigError:
        return []


def _questions_before() -> list[Question]:
    """Questions for waiting runs, and for active ones that started too recently to know their own pace."""
    beginning = [run for run in store().runs.list(status=ACTIVE) if progress.seconds_left(run) is None]
    questions = []
    for run in (*beginning, *store().runs.queue()[:MAX_QUEUED]):
        dataset = store().datasets.at(str(run.config["data"]["path"]))
        if dataset is not None:
            questions.append(question_for(RunConfig.from_dict(run.config), dataset))
    return questions


def _seconds_left() -> list[float]:
    """Seconds left of each active run that has a pace."""
    return [left for run in store().runs.list(status=ACTIVE) if (left := progress.seconds_left(run)) is not None]
