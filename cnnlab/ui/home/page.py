"""Home: what this is, where to begin, and what happened last."""

from typing import Final

import streamlit as st

from cnnlab.ui import keys, shell
from cnnlab.ui.home import run_cards, show_me
from cnnlab.ui.messages import guard
from cnnlab.ui.resources import store

PROMISE: Final = (
    "Put your own pictures in folders, one for each thing to tell apart. Three kinds of network from the history of "
    "image recognition learn them on this computer, offline, in minutes; you watch them learn, set them side by side, "
    "and see which suits your pictures and what it looks at."
)
STEPS: Final = (
    ("Data", "Pictures, counted, checked and divided into those to learn from and those to judge by."),
    ("Augment", "Each picture varied anew in every epoch, exactly as the network sees it."),
    ("Architecture", "VGG, GoogLeNet and ResNet, option by option, with what each costs."),
    ("Train", "Curves while the network learns, in a process that outlives this page."),
    ("Compare", "Which is better, by how much, and on which pictures they disagree."),
    ("Predict", "A new picture, what each network says, and where it looks."),
)


def draw() -> None:
    """The whole page."""
    shell.header("home")
    _draw_beginning()
    with guard("the last runs"):
        run_cards.draw()
    if not store().runs.list(limit=1):
        _draw_way()


def _draw_beginning() -> None:
    with st.container(border=True, key="home_beginning"):
        st.markdown(PROMISE)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Show me",
                key=keys.HOME_SHOW_ME,
                type="primary",
                icon=":material/play_arrow:",
                help="Draws two kinds of animals, trains a small network of each family on them, and shows how.",
                on_click=show_me.begin,
            )
            if st.button("Use my own pictures", key=keys.HOME_OWN, icon=":material/photo_library:"):
                shell.go_to("data")
            st.caption("*Show me* takes about a minute and a half; nothing is downloaded.", width="content")
        with guard("Show me"):
            show_me.draw_progress()


def _draw_way() -> None:
    with st.grid("auto", min_column_width=260, gap="small"):
        for number, (title, sentence) in enumerate(STEPS, start=1):
            with st.container(border=True, height="stretch", gap=None):
                shell.link(title.lower(), f"{number}. {title}", icon=shell.PAGES[title.lower()].icon)
                st.caption(sentence)
