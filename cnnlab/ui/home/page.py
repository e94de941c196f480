"""Home: what this is, where to begin, and what happened last."""

from typing import Final

import streamlit as st

from cnnlab.ui import guide, keys, navigation, shell
from cnnlab.ui.home import article, run_cards, show_me, strip
from cnnlab.ui.messages import guard
from cnnlab.ui.resources import store

PROMISE: Final = (
    "Which network suits your own pictures? Train three families on them, see what each gets right and wrong, and why: "
    "on this computer, offline, in minutes."
)
HOW: Final = (
    "Put your pictures in folders, one for each thing to tell apart. VGG, GoogLeNet and ResNet learn them while you "
    "watch; then you set them side by side on the same pictures, and see what each looks at."
)
ARTICLE_URL: Final = "https://wjddyd66.github.io/pytorch/Pytorch-CNN2/"
STEPS: Final = (
    ("Data", "Pictures, counted, checked and divided into those to learn from and those to judge by."),
    ("Augment", "Each picture varied anew in every epoch, exactly as the network sees it."),
    ("Architecture", "VGG, GoogLeNet and ResNet, option by option, with what each costs."),
    ("Train", "Curves while the network learns, in a process that outlives this page."),
    ("Compare", "Figures, curves and mistakes side by side, and the pictures on which the networks disagree."),
    ("Predict", "A new picture, what each network says, and where it looks."),
)


def draw() -> None:
    """The whole page: led in by pictures at first, later by the last runs."""
    shell.header("home")
    is_first = not store().runs.list(limit=1)
    _draw_beginning(is_first=is_first)
    if is_first:
        _draw_way()
        _draw_article()
    else:
        with guard("the last runs"):
            run_cards.draw()
        _draw_article()


def _draw_beginning(*, is_first: bool) -> None:
    with st.container(border=True, key="home_beginning"):
        if is_first:
            strip.draw()
            st.markdown(f"#### {PROMISE}")
            st.markdown(HOW)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Show me",
                key=keys.HOME_SHOW_ME,
                type="primary",
                icon=":material/play_arrow:",
                help="Draws two kinds of animals, trains a small network of each family on them, and shows how.",
                on_click=show_me.begin,
            )
            if guide.can_go_on() and st.button("Go on with Show me", key=keys.HOME_GO_ON, icon=":material/resume:"):
                guide.go_on()
            if st.button("Use my own pictures", key=keys.HOME_OWN, icon=":material/photo_library:"):
                navigation.go_to("data")
            st.caption(
                "*Show me* leads all the way to a prediction; nothing is downloaded.",
                width="content",
            )
        with guard("Show me"):
            show_me.draw_progress()


def _draw_way() -> None:
    with st.grid("auto", min_column_width=260, gap="small"):
        for number, (title, sentence) in enumerate(STEPS, start=1):
            with st.container(border=True, height="stretch", gap=None):
                navigation.link(title.lower(), f"{number}. {title}", icon=navigation.PAGES[title.lower()].icon)
                st.caption(sentence)


def _draw_article() -> None:
    """The article that all of this came from, and its way on the pictures that are chosen."""
    with st.container(horizontal=True, vertical_alignment="center", key="home_article"):
        st.markdown(
            f"It began with [an article]({ARTICLE_URL}) (in Korean) that trains the three networks on 20 poodles and "
            "20 Siamese cats.",
            width="content",
        )
        if st.button(
            "Train as the article does",
            key=keys.HOME_ARTICLE,
            icon=":material/article:",
            type="tertiary",
            help="Fills the form with its networks and its recipe (300 epochs, one picture a step) for the pictures "
            "that are chosen. *Train all three* starts it, *Article's plot* on Compare draws its plot.",
        ):
            article.fill_form()
            navigation.go_to("train")
