"""Managing one run: rename, note, tag, clone into the form, download, clear, delete."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cnnlab.analysis.evaluation import load_evaluation
from cnnlab.plots import numbers
from cnnlab.plots.series import to_csv
from cnnlab.runs import housekeeping
from cnnlab.runs.filing import MAX_NAME_LENGTH
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.records import EpochRecord, RunRecord
from cnnlab.ui import address, downloads, keys, messages, navigation, wording
from cnnlab.ui.next_run import takeover
from cnnlab.ui.resources import store


def render(runs: Sequence[RunRecord]) -> None:
    """Render the panel for one of the ticked runs."""
    by_id = {run.run_id: run for run in runs}
    if st.session_state.get(keys.COMPARE_MANAGED) not in by_id:
        st.session_state.pop(keys.COMPARE_MANAGED, None)
    chosen = st.selectbox("Run", list(by_id), format_func=lambda run_id: by_id[run_id].name, key=keys.COMPARE_MANAGED)
    run = by_id[chosen]
    left, right = st.columns(2, gap="medium")
    with left:
        _describe(run)
    with right:
        _use(run)


def _describe(run: RunRecord) -> None:
    with st.form(f"{keys.COMPARE_DESCRIBE}.{run.run_id}", border=True):
        st.text_input("Name", run.name, key=f"{keys.COMPARE_NAME}.{run.run_id}", max_chars=MAX_NAME_LENGTH)
        st.text_input(
            "Tags",
            ", ".join(run.tags),
            key=f"{keys.COMPARE_TAGS}.{run.run_id}",
            help="Separated by commas.",
            max_chars=200,
        )
        st.text_area("Note", run.note, key=f"{keys.COMPARE_NOTE}.{run.run_id}", height=90, max_chars=2000)
        st.form_submit_button("Save", icon=":material/save:", on_click=_keep, args=(run,))


def _keep(run: RunRecord) -> None:
    with messages.guard_callback(run.run_id):
        store().runs.get(run.run_id)  # it may have been deleted in another tab
        name = st.session_state[f"{keys.COMPARE_NAME}.{run.run_id}"].strip() or run.name
        tags = [tag.strip() for tag in st.session_state[f"{keys.COMPARE_TAGS}.{run.run_id}"].split(",")]
        tags = list(dict.fromkeys(filter(None, tags)))
        store().runs.update(
            run.run_id, name=name, tags=tags, note=st.session_state[f"{keys.COMPARE_NOTE}.{run.run_id}"].strip()
        )
        messages.add_notice(f"{name}: saved.")


def _use(run: RunRecord) -> None:
    folder = run_folder(store(), run)
    with st.container(border=True, gap="small"):
        st.caption(f"{run.run_id} · {numbers.size(folder.size_bytes())} on disk")
        with st.container(horizontal=True, gap="small"):
            cloned = st.button(
                "Clone into the form",
                icon=":material/content_copy:",
                key=keys.COMPARE_CLONE,
                on_click=takeover.take_over,
                args=(run,),
            )
            if cloned:
                navigation.go_to("train")
            navigation.link("train", "Open live view", icon=":material/monitoring:", query={keys.RUN: run.run_id})
        _downloads(run)
        _removal(run)


def _downloads(run: RunRecord) -> None:
    folder = run_folder(store(), run)
    weights = folder.weights()
    with st.container(horizontal=True, gap="small"):
        _download("Weights", run, ".safetensors", weights, "The best weights so far, as a PyTorch state dict.")
        _download(
            "Configuration",
            run,
            ".yaml",
            folder.config,
            "Every setting of the run as YAML; training with them again gives the same result.",
        )
        downloads.download_button(
            "Curves",
            lambda: to_csv(
                {name: store().metrics.read(run.number, name) for name in store().metrics.names(run.number)}
            ),
            wording.file_name(run.name, "steps.csv"),
            f"{keys.COMPARE_DOWNLOAD}.curves",
            help="Every point of every series, by step, as CSV.",
        )
        downloads.download_button(
            "Epochs",
            lambda: epochs_csv(store().epochs.of(run.number)),
            wording.file_name(run.name, "epochs.csv"),
            f"{keys.COMPARE_DOWNLOAD}.epochs",
            help="Training and validation figures of every epoch, as CSV.",
        )
        downloads.download_button(
            "Predictions",
            lambda: _predictions_csv(run),
            wording.file_name(run.name, "predictions.csv"),
            f"{keys.COMPARE_DOWNLOAD}.predictions",
            help="Its prediction for each validation picture at its best epoch, as CSV.",
            disabled=not folder.predictions.is_file(),
        )


def _download(label: str, run: RunRecord, suffix: str, file: Path | None, explanation: str) -> None:
    downloads.download_button(
        label,
        lambda: file.read_bytes() if file is not None else b"",
        wording.file_name(run.name, f"{label.lower()}{suffix}"),
        f"{keys.COMPARE_DOWNLOAD}.{label}",
        help=explanation,
        disabled=file is None or not file.is_file(),
    )


def _predictions_csv(run: RunRecord) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "picture_id", "true", "predicted", "probability"])
    evaluation = load_evaluation(store(), run)
    for judged in evaluation.pictures if evaluation is not None else ():
        cells = (judged.path, judged.picture_id, judged.label, judged.predicted)
        writer.writerow([*map(wording.cell, cells), judged.probability])
    return text.getvalue()


def epochs_csv(epochs: Sequence[EpochRecord]) -> str:
    """One row per epoch with every figure that is a single number."""
    text = io.StringIO()
    names = [name for name, value in (epochs[-1].figures.items() if epochs else ()) if not isinstance(value, list)]
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(epoch.figures) for epoch in epochs)
    return text.getvalue()


def _removal(run: RunRecord) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Clear checkpoints",
            icon=":material/cleaning_services:",
            key=keys.COMPARE_CLEAR,
            help="Frees space. Curves, predictions and best weights are kept, but the run can no longer be resumed.",
            on_click=_clear,
            args=(run,),
            disabled=run.is_active or not run_folder(store(), run).complete_checkpoints(),
        )
        with st.popover("Delete", icon=":material/delete:", disabled=run.is_active, key=keys.COMPARE_DELETE_ASK):
            st.markdown(
                f"Deletes **{wording.escape_markdown(run.name)}** with its curves, predictions and weights. "
                "The pictures stay."
            )
            if not run.is_active:
                st.button("Delete it", key=keys.COMPARE_DELETE, type="primary", on_click=_delete, args=(run,))
    if run.is_active:
        st.caption("Stop this run before deleting it.")


def _clear(run: RunRecord) -> None:
    with messages.guard_callback(run.run_id):
        messages.add_notice(f"{numbers.size(housekeeping.clear_checkpoints(store(), run.run_id))} freed.")


def _delete(run: RunRecord) -> None:
    with messages.guard_callback(run.run_id):
        housekeeping.delete_run(store(), run.run_id)
        address.compared.set([run_id for run_id in address.compared.get() if run_id != run.run_id])
        messages.add_notice(f"{run.name}: deleted.")
