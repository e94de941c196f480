"""The guided way of *Show me*: what is seen on Train, Compare and Predict, and the button that leads on.

Which runs are shown around stands in the store, so that a refresh does not end the way. Draws no run itself.
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
    "It learns to tell drawn poodles from Siamese cats; the **loss** falls as it becomes surer. Thin lines: pictures "
    "it learns from. Thick lines: pictures kept apart, and these count. The form on the left is for a run of your own."
)
COMPARE_TEXT: Final = (
    "The sentence below says which figure is highest, and on how many pictures it rests; whether the difference is "
    "more than chance it does not say. *Disagreement* shows the pictures on which the networks differ, *Cost* what "
    "each needs for it."
)
PREDICT_TEXT: Final = (
    "The first picture is one that none of the three learned from. The bars say how sure each is, and the warm "
    "colours **where it looked**: on the animal, or on the background? Press another picture to try. This "
    "is the whole way; now with your own pictures."
)


def begin(runs: Sequence[RunRecord]) -> None:
    """Lead through these runs from now on."""
    drafts.remember(RUNS, [run.run_id for run in runs])


def can_go_on() -> bool:
    """Whether *Show me* was left in the middle, by closing the browser perhaps, and can be taken up again."""
    return bool(_guided())


def go_on() -> NoReturn:
    """Take the guided way up again, where its runs are."""
    runs = _guided()
    dataset = store().datasets.get(runs[0].dataset_id) if runs[0].dataset_id is not None else None
    if dataset is not None:
        choose_dataset(dataset)
    address.runs.remember([run.run_id for run in runs])
    navigation.go_to("train")


def end() -> None:
    """Lead no further."""
    drafts.remember(RUNS, None)


def is_on(runs: Sequence[RunRecord]) -> bool:
    """Whether the runs that a page shows are those that are shown around, and their pictures those of the page."""
    dataset = current_dataset()
    if dataset is not None and any(run.config["data"]["path"] != dataset.path for run in runs):
        return False
    guided = set(drafts.recall(RUNS) or ())
    return bool(runs) and {run.run_id for run in runs} <= guided


def is_busy(runs: Sequence[RunRecord]) -> bool:
    """Whether *Show me* is training these runs now."""
    return is_on(runs) and any(run.status not in ENDED for run in runs)


def on_train(runs: Sequence[RunRecord]) -> None:
    """What is seen while the networks learn; keeps up with them."""
    if is_on(runs):
        busy = is_busy(_guided())
        st.fragment(_draw_train, run_every=LOOK_SECONDS if busy else None)(busy=busy)


def on_compare(runs: Sequence[RunRecord]) -> None:
    """What a comparison says."""
    if is_on(runs):
        with _box("compare", COMPARE_TEXT):
            _lead_on(runs, "Try them out", "predict")


def on_predict(runs: Sequence[RunRecord]) -> None:
    """What a prediction shows; the end of the way."""
    if is_on(runs):
        with _box("predict", PREDICT_TEXT):
            # not in a callback: this box, and the button with it, is gone once the tour has ended
            if st.button("My pictures", key=keys.GUIDE_NEXT, type="primary", icon=":material/photo_library:"):
                end()
                navigation.go_to("data")
            _end_button()


def choose_picture(runs: Sequence[RunRecord]) -> None:
    """Choose a picture that none of the runs learned from, unless one was chosen; before the Predict page is drawn."""
    from cnnlab.store.datasets import pictures_of  # brings pydantic, which Home is drawn without

    if not is_on(runs) or keys.PREDICT_PICTURE in st.session_state:
        return
    run = runs[0]
    dataset = None if run.dataset_id is None else store().datasets.get(run.dataset_id)
    if dataset is None or run.split_number is None:
        return
    split = store().datasets.split(dataset.dataset_id, run.split_number)
    parts = {} if split is None else split.parts
    ids = store().datasets.picture_ids(dataset.dataset_id)
    place = next((place for place, identifier in enumerate(ids) if parts.get(identifier) == Part.VAL), len(ids))
    picture = next(iter(pictures_of(store(), dataset, offset=place, limit=1)), None)
    if picture is not None:
        st.session_state[keys.PREDICT_SOURCE] = PREDICT_SOURCE
        st.session_state[keys.PREDICT_PICTURE] = (picture.id, dataset.dataset_id)


def _guided() -> tuple[RunRecord, ...]:
    """All runs that are shown around, even where a page shows some of them; those deleted meanwhile left out."""
    return store().runs.some(drafts.recall(RUNS) or ())


@guard("Show me")
def _draw_train(*, busy: bool) -> None:
    runs = _guided()
    if busy and not is_busy(runs):
        st.rerun()
    with _box("train", _train_text(runs) if busy else _trained_text(runs)):
        if not busy and any(run.val_accuracy is not None for run in runs):
            _lead_on(runs, "Compare them", "compare")
        _end_button()


def _train_text(runs: Sequence[RunRecord]) -> str:
    place, run = next(
        ((place, run) for place, run in enumerate(runs, start=1) if run.status not in ENDED), (len(runs), runs[-1])
    )
    if run.status is Status.QUEUED:
        doing = "A worker starts and loads its libraries; that takes some seconds, once."
    else:
        family = get_family(run.family)
        doing = f"**{family.title}** {'goes first' if place == 1 else 'is next'}: {family.tour}."
    return f"**{place} of {len(runs)}.** {doing} {HOW_TO_READ}"


def _trained_text(runs: Sequence[RunRecord]) -> str:
    finished = sum(run.status is Status.FINISHED for run in runs)
    if finished < len(runs):
        return (
            f"{wording.counted(finished, 'network')} of {len(runs)} came to the end; why the others did not stands "
            "below. *Show me* on the Home page begins anew."
        )
    return (
        "All have learned. Where a thick line of accuracy ends higher, that network judges unknown pictures better; a "
        "ring marks the epoch whose weights are kept. Where do the networks differ?"
    )


def _box(page: str, text: str) -> DeltaGenerator:
    """Draw the text; gives the place of the buttons beside it."""
    with st.container(border=True, key=f"guide_{page}"):
        said, buttons = st.columns([3.4, 1.2], vertical_alignment="center", gap="small")
        said.markdown(text)
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
    """Let the next page show these runs and their pictures, whatever it showed before."""
    with guard_callback("the guide"):
        usable = [run.run_id for run in runs if run.val_accuracy is not None]
        address.compared.remember(usable)
        st.session_state[keys.PREDICT_RUNS] = usable
        dataset = None if runs[0].dataset_id is None else store().datasets.get(runs[0].dataset_id)
        if dataset is not None:
            choose_dataset(dataset)
