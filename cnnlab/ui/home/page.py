"""Home: what CNN Lab is, where to start, and what happened last."""

from typing import Final

import streamlit as st

from cnnlab.ui import guide, keys, navigation, shell
from cnnlab.ui.home import article, run_cards, show_me, strip
from cnnlab.ui.messages import guard
from cnnlab.ui.resources import store

PROMISE: Final = (
    "Which network suits your own pictures? Train three families on them, and see what each gets right and wrong, and "
    "why: on this computer, offline, in minutes."
)
HOW: Final = (
    "Sort your pictures into folders, one for each kind. Watch VGG, GoogLeNet and ResNet learn them, compare all three "
    "on the same pictures, and see what each one looks at."
)
ARTICLE_URL: Final = "https://wjddyd66.github.io/pytorch/Pytorch-CNN2/"
STEPS: Final = (
    ("Data", "Your pictures: counted, checked, and split into training and validation pictures."),
    ("Augment", "New variations of each picture in every epoch, exactly as the network sees them."),
    ("Architecture", "VGG, GoogLeNet and ResNet, option by option, with the cost of each."),
    ("Train", "Live curves while the network learns. Training continues when you close this page."),
    ("Compare", "Figures, curves and mistakes side by side, and the pictures on which the networks disagree."),
    ("Predict", "What each network says about a new picture, and where it looks."),
)


def render() -> None:
    """Render the page: an introduction on the first visit, the latest runs on later ones."""
    shell.header("home")
    is_first = not store().runs.list(limit=1)
    _render_beginning(is_first=is_first)
    if is_first:
        _render_way()
        _render_article()
    else:
        with guard("the latest runs"):
            run_cards.render()
        _render_article()


def _render_beginning(*, is_first: bool) -> None:
    with st.container(border=True, key="home_beginning"):
        if is_first:
            strip.render()
            st.markdown(f"#### {PROMISE}")
            st.markdown(HOW)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Show me",
                key=keys.HOME_SHOW_ME,
                type="primary",
                icon=":material/play_arrow:",
                help="Adds drawings of two animals, trains a small network of each family and shows you the results.",
                on_click=show_me.begin,
            )
            if guide.can_go_on() and st.button("Resume Show me", key=keys.HOME_GO_ON, icon=":material/resume:"):
                guide.go_on()
            if st.button("Use my own pictures", key=keys.HOME_OWN, icon=":material/photo_library:"):
                navigation.go_to("data")
            st.caption(
                "*Show me* takes you all the way to a prediction; nothing is downloaded.",
                width="content",
            )
        with guard("Show me"):
            show_me.render_progress()


def _render_way() -> None:
    with st.grid("auto", min_column_width=260, gap="small"):
        for number, (title, sentence) in enumerate(STEPS, start=1):
            with st.container(border=True, height="stretch", gap=None):
                navigation.link(title.lower(), f"{number}. {title}", icon=navigation.PAGES[title.lower()].icon)
                st.caption(sentence)


def _render_article() -> None:
    """The article that the lab is based on, and a button that fills the form as the article does."""
    with st.container(horizontal=True, vertical_alignment="center", key="home_article"):
        st.markdown(
            f"CNN Lab is based on [an article]({ARTICLE_URL}) (in Korean) that trains the three networks on 20 "
            "poodles and 20 Siamese cats.",
            width="content",
        )
        if st.button(
            "Train as in the article",
            key=keys.HOME_ARTICLE,
            icon=":material/article:",
            type="tertiary",
            help="Fills the form with its networks and its recipe (300 epochs, one picture per step) for the current "
            "data set. *Train all three* starts the runs; *Article's plot* on Compare shows its plot.",
        ):
            article.fill_form()
            navigation.go_to("train")
