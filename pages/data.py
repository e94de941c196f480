"""The Data page: which pictures there are, what is odd about them, and how they are split."""

import streamlit as st

from cnnlab.ui import keys, messages, navigation, shell, wording
from cnnlab.ui.data_page import (
    findings_list,
    from_samples,
    gallery,
    manage,
    overview,
    reading,
    sources,
    split_panel,
    work,
)
from cnnlab.ui.next_run import split_choice
from cnnlab.ui.next_run.dataset import current_dataset

shell.ensure()
actions_slot = shell.header("data")
controls, canvas = shell.controls_and_canvas()
dataset = current_dataset()
shell.entitle("data", dataset.name if dataset is not None else "")

with controls, messages.guard("the choice of pictures"):
    offer = sources.render()
    with actions_slot:
        if offer.missing is not None:
            st.caption(offer.missing, width="content")
        st.button(
            offer.label,
            key=keys.DATA_ADD,
            type="primary",
            icon=offer.icon,
            on_click=offer.act,
            disabled=offer.missing is not None,
        )

with canvas:
    work.render()
    changed_slot = st.container()
    if dataset is None:
        if not work.is_adding():
            with st.container(border=True, horizontal_alignment="center", key="empty_data"):
                st.markdown("There are no pictures yet. Add your own, or start with bundled drawings of animals.")
                st.button(
                    "Add bundled drawings",
                    key=keys.EMPTY_NEXT,
                    type="primary",
                    icon=":material/draw:",
                    on_click=from_samples.add,
                )
        st.stop()
    with messages.guard("the pictures"):
        pictures = reading.pictures(dataset)
        split = split_choice.current_split(dataset)
        counts = reading.counts_by_part(pictures, split)
        overview.render_figures(dataset, pictures)
        findings_list.render(reading.findings_of(dataset))
        overview.render_bars(counts)
        gallery.begin_anew(dataset.dataset_id)
        gallery.render(pictures, split.parts, counts)

        with controls:
            st.subheader(wording.escape_markdown(dataset.name), anchor=False)
            split_panel.render(dataset, split, pictures)
            st.caption(f"{overview.parts_line(counts)}.")
            manage.render(dataset)
            work.render_beside()
    navigation.next_step("augment")

with changed_slot:  # last, because it reads the names of all files
    changed = reading.what_changed(dataset)
    if changed is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="data_changed"):
            st.warning(wording.escape_markdown(changed), icon=":material/sync_problem:")
            st.button(
                "Look again", key=keys.DATA_CHANGED, icon=":material/refresh:",
                on_click=manage.look_again, args=(dataset,),
            )  # fmt: skip
