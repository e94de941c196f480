"""The split of the current data set: choose one, or make a new one. Existing splits never change."""

from dataclasses import replace

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.parameters import Parameter
from cnnlab.plots.bars import PART_TITLES
from cnnlab.runs.picture_table import PictureTable
from cnnlab.runs.pictures import ensure_split
from cnnlab.store.records import DataSetRecord, SplitRecord
from cnnlab.training.settings import SETTINGS
from cnnlab.ui import keys, messages, parameter_field
from cnnlab.ui.data_page import reading
from cnnlab.ui.data_page.slots import slots
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.next_run import split_choice
from cnnlab.ui.next_run.split_choice import SplitChoice
from cnnlab.ui.resources import store


def render(dataset: DataSetRecord, split: SplitRecord, table: PictureTable) -> None:
    """Render the choice of a split, and the fields for a new one."""
    records = {record.number: record for record in store().datasets.splits(dataset.dataset_id)}
    key = f"{keys.DATA_SPLIT}.{dataset.dataset_id}"
    st.session_state[key] = split.number
    st.selectbox(
        "Split: training, validation, test",
        sorted(records, reverse=True),
        format_func=lambda number: _title(records[number]) if number in records else str(number),
        key=key,
        help="Which pictures train the network and which only test it. The next run uses this split. An existing split "
        "never changes, so runs on the same split can be compared.",
        on_change=_choose,
        args=(dataset, key),
    )
    with st.popover("New split", icon=":material/call_split:", width="stretch"):
        _render_fields(dataset)
        given = sorted(table.folder_parts)
        if given:
            names = " and ".join(PART_TITLES[part] for part in given)
            st.caption(f"The folders define {names}; any other part is taken at random from the training pictures.")


def _render_fields(dataset: DataSetRecord) -> None:
    wanted = split_choice.current(dataset)
    if slots.split_fields_of != dataset.dataset_id:  # these values belong to another data set
        slots.split_fields_of = dataset.dataset_id
        for key in (keys.DATA_SPLIT_VAL, keys.DATA_SPLIT_TEST, keys.DATA_SPLIT_SEED):
            st.session_state.pop(key, None)
    left, right = st.columns(2)
    for column, key, title, path, share in (
        (left, keys.DATA_SPLIT_VAL, "Validation (%)", "data.val_fraction", wanted.val_fraction),
        (right, keys.DATA_SPLIT_TEST, "Test (%)", "data.test_fraction", wanted.test_fraction),
    ):
        _prepare(key, round(100 * share, 3))
        with column:
            parameter_field.render(_in_percent(SETTINGS[path], title), key=key, persist_state="session")
    _prepare(keys.DATA_SPLIT_SEED, wanted.seed)
    parameter_field.render(SETTINGS["data.split_seed"], key=keys.DATA_SPLIT_SEED, persist_state="session")
    refusal = None
    try:
        _filled().config(dataset)
    except ConfigError as error:
        refusal = str(error)
        messages.show_error(refusal)
    st.button(
        "Make split",
        key=keys.DATA_SPLIT_MAKE,
        type="primary",
        disabled=refusal is not None,
        on_click=_make,
        args=(dataset,),
    )
    st.caption("Split by class, identical files together. The same shares and seed always give the same split.")


def _in_percent(share: Parameter, title: str) -> Parameter:
    return replace(share, title=title, low=100 * (share.low or 0), high=100 * (share.high or 0), step=5.0)


def _prepare(key: str, value: float) -> None:
    if st.session_state.get(key) is None:
        st.session_state[key] = value


def _title(record: SplitRecord) -> str:
    """Number and actual shares, which differ from the requested fractions if the folders define parts."""
    parts = list(record.parts.values())
    shares = (f"{100 * parts.count(part) / max(1, len(parts)):.0f}" for part in reading.PARTS)
    return f"{record.number}: {' / '.join(shares)} %, seed {record.seed}"


def _filled() -> SplitChoice:
    state = st.session_state
    return SplitChoice(
        state[keys.DATA_SPLIT_VAL] / 100, state[keys.DATA_SPLIT_TEST] / 100, int(state[keys.DATA_SPLIT_SEED])
    )


def _choose(dataset: DataSetRecord, key: str) -> None:
    with guard_callback("the split"):
        number = st.session_state[key]
        record = store().datasets.split(dataset.dataset_id, number) if isinstance(number, int) else None
        if record is not None:
            split_choice.choose(dataset, SplitChoice(record.val_fraction, record.test_fraction, record.seed))


def _make(dataset: DataSetRecord) -> None:
    with guard_callback("the split"):
        wanted = _filled()
        known = {record.number for record in store().datasets.splits(dataset.dataset_id)}
        record = ensure_split(store(), dataset, wanted.config(dataset))
        split_choice.choose(dataset, wanted)
        parts = list(record.parts.values())
        train, val, test = (parts.count(part) for part in reading.PARTS)
        how = "exists already" if record.number in known else "made"
        messages.add_notice(f"Split {record.number} {how}: {train:,} training, {val:,} validation, {test:,} test.")
