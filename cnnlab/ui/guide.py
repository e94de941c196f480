"""The guided tour of *Show me*: what to look at on Train, Compare and Predict, and the button that leads on.

The runs of the tour are kept in the store, so a refresh does not end it.
"""

from collections.abc import Sequence
from typing import Final, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab.data.records import Part
from cnnlab.models.registry import get_family
from cnnlab.store.records import ENDED, RunRecord, Status
from cnnlab.ui import address, drafts, keys, navigation, wording
from cnnlab.ui.messages import guard, guard_callback
from cnnlab.ui.next_run.dataset import choose_dataset, current_dataset
from cnnlab.ui.resources import store

RUNS: Final = "guided_runs"
LOOK_SECONDS: Final = 1.0
PREDICT_SOURCE: Final = "Data set"

HOW_TO_READ: Final = (
    "It learns to tell drawn poodles from Siamese cats; the **loss** falls as it gets surer. Thin lines: training "
    "pictures. Thick lines: validation pictures, and these are what counts. The form on the left is for your own runs."
)
COMPARE_TEXT: Final = (
    "The sentence below says which network scores highest, and on how many pictures; it does not say whether the "
    "difference is more than chance. *Disagreement* shows the pictures on which the networks differ, *Cost* how much "
    "each one needs."
)
PREDICT_TEXT: Final = (
    "None of the three networks was trained on this first picture. The bars show how sure each one is, and the warm "
    "colours **where it looked**: at the animal, or at the background? Click another picture to try it. That was the "
    "whole tour; now try it with your own pictures."
)


def begin(runs: Sequence[RunRecord]) -> None:
    """Start the tour of these runs."""
    drafts.remember(RUNS, [run.run_id for run in runs])


def can_go_on() -> bool:
    """Whether *Show me* was left unfinished, perhaps by closing the browser, and can be continued."""
    return bool(_guided())


def go_on() -> NoReturn:
    """Continue the tour on the Train page."""
    runs = _guided()
    dataset = store().datasets.get(runs[0].dataset_id) if runs[0].dataset_id is not None else None
    if dataset is not None:
        choose_dataset(dataset)
    address.runs.remember([run.run_id for run in runs])
    navigation.go_to("train")


def end() -> None:
    """End the tour."""
    drafts.remember(RUNS, None)


def is_on(runs: Sequence[RunRecord]) -> bool:
    """Whether a page shows runs of the tour, and the data set they were trained on."""
    dataset = current_dataset()
    if dataset is not None and any(run.config["data"]["path"] != dataset.path for run in runs):
        return False
    guided = set(drafts.recall(RUNS) or ())
    return bool(runs) and {run.run_id for run in runs} <= guided


def is_busy(runs: Sequence[RunRecord]) -> bool:
    """Whether *Show me* is still training these runs."""
    return is_on(runs) and any(run.status not in ENDED for run in runs)


def on_train(runs: Sequence[RunRecord]) -> None:
    """Explain what the Train page shows while the networks learn; updates itself."""
    if is_on(runs):
        busy = is_busy(_guided())
        st.fragment(_render_train, run_every=LOOK_SECONDS if busy else None)(busy=busy)


def on_compare(runs: Sequence[RunRecord]) -> None:
    """Explain what a comparison says."""
    if is_on(runs):
        with _box("compare", COMPARE_TEXT):
            _lead_on(runs, "Try them out", "predict")


def on_predict(runs: Sequence[RunRecord]) -> None:
    """Explain what a prediction shows; the last step of the tour."""
    if is_on(runs):
        with _box("predict", PREDICT_TEXT):
            # not in a callback: this box and its buttons are gone once the tour has ended
            if st.button("My pictures", key=keys.GUIDE_NEXT, type="primary", icon=":material/photo_library:"):
                end()
                navigation.go_to("data")
            _end_button()


def choose_picture(runs: Sequence[RunRecord]) -> None:
    """Choose a validation picture if none is chosen yet; call this before the Predict page is rendered."""
    from cnnlab.store.datasets import pictures_of  # imports pydantic, which Home does without

    if not is_on(runs) or keys.PREDICT_PICTURE in st.session_state:
        return
    run = runs[0]
    dataset = None if run.dataset_id is None else store().datasets.get(run.dataset_id)
    if dataset is None or run.split_number is None:
        return
    split = store().datasets.split(dataset.dataset_id, run.split_number)
    parts = {} if split is None else split.parts
    ids = store().datasets.picture_ids(dataset.dataset_id)
    index = next((index for index, identifier in enumerate(ids) if parts.get(identifier) == Part.VAL), len(ids))
    picture = next(iter(pictures_of(store(), dataset, offset=index, limit=1)), None)
    if picture is not None:
        st.session_state[keys.PREDICT_SOURCE] = PREDICT_SOURCE
        st.session_state[keys.PREDICT_PICTURE] = (picture.id, dataset.dataset_id)


def _guided() -> tuple[RunRecord, ...]:
    """All runs of the tour that still exist, even if a page shows only some of them."""
    return store().runs.get_many(drafts.recall(RUNS) or ())


@guard("Show me")
def _render_train(*, busy: bool) -> None:
    runs = _guided()
    if busy and not is_busy(runs):
        st.rerun()
    with _box("train", _train_text(runs) if busy else _trained_text(runs)):
        if not busy and any(run.val_accuracy is not None for run in runs):
            _lead_on(runs, "Compare them", "compare")
        _end_button()


def _train_text(runs: Sequence[RunRecord]) -> str:
    number, run = next(
        ((number, run) for number, run in enumerate(runs, start=1) if run.status not in ENDED), (len(runs), runs[-1])
    )
    if run.status is Status.QUEUED:
        doing = "A worker is starting and loading its libraries; this takes a few seconds, once."
    else:
        family = get_family(run.family)
        doing = f"**{family.title}** {'goes first' if number == 1 else 'is next'}: {family.tour}."
    return f"**{number} of {len(runs)}.** {doing} {HOW_TO_READ}"


def _trained_text(runs: Sequence[RunRecord]) -> str:
    finished = sum(run.status is Status.FINISHED for run in runs)
    if finished < len(runs):
        return (
            f"{finished} of {wording.counted(len(runs), 'network')} finished; the reason why the others did not is "
            "below. *Show me* on the Home page starts again."
        )
    return (
        "All three have finished. The higher a thick accuracy line ends, the better that network recognises new "
        "pictures; a ring marks the epoch whose weights are kept. Where do the networks differ?"
    )


def _box(page: str, text: str) -> DeltaGenerator:
    """Render the text; return the column beside it for the buttons."""
    with st.container(border=True, key=f"guide_{page}"):
        words, buttons = st.columns([3.4, 1.2], vertical_alignment="center", gap="small")
        words.markdown(text)
        return buttons


def _lead_on(runs: Sequence[RunRecord], label: str, page: str) -> None:
    if st.button(
        label, key=keys.GUIDE_NEXT, type="primary", icon=navigation.PAGES[page].icon, on_click=_take_along, args=(runs,)
    ):
        navigation.go_to(page)


def _end_button() -> None:
    if st.button("End the tour", key=keys.GUIDE_END, type="tertiary", on_click=end):
        st.rerun()


def _take_along(runs: Sequence[RunRecord]) -> None:
    """Make the next page show these runs and their data set, whatever it showed before."""
    with guard_callback("the guide"):
        usable = [run.run_id for run in runs if run.val_accuracy is not None]
        address.compared.remember(usable)
        st.session_state[keys.PREDICT_RUNS] = usable
        dataset = None if runs[0].dataset_id is None else store().datasets.get(runs[0].dataset_id)
        if dataset is not None:
            choose_dataset(dataset)
