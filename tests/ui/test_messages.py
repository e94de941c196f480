"""What a page says stays until it is read; what others wrote is shown letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from cnnlab.names import readable
from cnnlab.ui import keys
from cnnlab.ui.wording import plain

APP = """
import streamlit as st
from cnnlab.errors import RunStateError
from cnnlab.ui import messages

def refuse():
    with messages.guard_callback("a"):
        raise RunStateError("Run **a** cannot go on; put the picture back.")

def obey(about):
    with messages.guard_callback(about):
        messages.tell(f"Run {about} goes on.")

messages.show_kept("a page")
st.button("no", key="no", on_click=refuse)
st.button("yes", key="yes", on_click=obey, args=("a",))
st.button("other", key="other", on_click=obey, args=("b",))
st.button("redraw", key="redraw")
"""


def texts(app: AppTest) -> list[str]:
    return [box.value.replace("\\", "") for box in (*app.error, *app.success)]


def test_a_refusal_stays_however_often_the_page_is_drawn_anew():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    for _ in range(3):
        app.run()
        app.button(key="redraw").click().run()
    assert texts(app) == ["Run **a** cannot go on; put the picture back."]


def test_a_message_goes_when_it_is_dismissed():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    app.button(key=f"{keys.DISMISS}.0").click().run()
    assert texts(app) == []


def test_a_refusal_stays_while_something_else_is_done():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    app.button(key="other").click().run()
    assert texts(app) == ["Run **a** cannot go on; put the picture back.", "Run b goes on."]
    app.button(key="other").click().run()
    assert len(texts(app)) == 2


def test_a_refusal_goes_when_the_same_thing_succeeds():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    app.button(key="yes").click().run()
    assert texts(app) == ["Run a goes on."]


@pytest.mark.parametrize("text", ["<b>bold</b>", ":cat: *x* `y` $z$", "![x](http://127.0.0.1/hit.png)", "# 1. - a|b"])
def test_every_sign_of_markup_is_escaped(text):
    shown = plain(text)
    for index, letter in enumerate(shown):
        if letter in r"!#$*:<>[]()`|_":
            assert shown[index - 1] == "\\"


@pytest.mark.parametrize("text", ["1. one", "- one", "12. twelve", "-"])
def test_a_name_that_looks_like_the_entry_of_a_list_is_none(text):
    assert "\\" in plain(text)


@pytest.mark.parametrize(
    "text", ["www.example.com", "https://example.com", "a@b.example", "a -> b", "x <- y", "p -- q"]
)
def test_what_streamlit_makes_links_and_arrows_of_is_parted_by_a_sign_without_width(text):
    assert "\u2060" in plain(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_letter_is_lost(text):
    valid = readable(text)
    shown = plain(text).replace("\u2060", "")
    unescaped = "".join(part.replace("\\", "") for part in shown.split("\\\\"))
    expected = " ".join(valid.splitlines()).replace("\\", "").replace("\u2060", "")
    assert unescaped == expected
