"""Messages stay until they are read; text from outside is shown literally."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from cnnlab.names import as_unicode
from cnnlab.ui import keys
from cnnlab.ui.wording import escape_markdown

APP = """
import streamlit as st
from cnnlab.errors import RunStateError
from cnnlab.ui import messages

def refuse():
    with messages.guard_callback("a"):
        raise RunStateError("Run **a** cannot go on; put the picture back.")

def obey(about):
    with messages.guard_callback(about):
        messages.add_notice(f"Run {about} goes on.")

messages.show_kept("a page")
st.button("no", key="no", on_click=refuse)
st.button("yes", key="yes", on_click=obey, args=("a",))
st.button("other", key="other", on_click=obey, args=("b",))
st.button("redraw", key="redraw")
"""


def texts(app: AppTest) -> list[str]:
    return [box.value.replace("\\", "") for box in (*app.error, *app.success)]


def test_an_error_stays_however_often_the_page_is_rerun():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    for _ in range(3):
        app.run()
        app.button(key="redraw").click().run()
    assert texts(app) == ["Run **a** cannot go on; put the picture back."]


def test_a_message_disappears_when_it_is_dismissed():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    app.button(key=f"{keys.DISMISS}.0").click().run()
    assert texts(app) == []


def test_an_error_stays_while_something_else_is_done():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    app.button(key="other").click().run()
    assert texts(app) == ["Run **a** cannot go on; put the picture back.", "Run b goes on."]
    app.button(key="other").click().run()
    assert len(texts(app)) == 2


def test_an_error_disappears_when_the_same_action_succeeds():
    app = AppTest.from_string(APP).run()
    app.button(key="no").click().run()
    app.button(key="yes").click().run()
    assert texts(app) == ["Run a goes on."]


@pytest.mark.parametrize("text", ["<b>bold</b>", ":cat: *x* `y` $z$", "![x](http://127.0.0.1/hit.png)", "# 1. - a|b"])
def test_every_markup_character_is_escaped(text):
    shown = escape_markdown(text)
    for index, letter in enumerate(shown):
        if letter in r"!#$*:<>[]()`|_":
            assert shown[index - 1] == "\\"


@pytest.mark.parametrize("text", ["1. one", "- one", "12. twelve", "-"])
def test_a_name_that_looks_like_a_list_item_is_escaped(text):
    assert "\\" in escape_markdown(text)


@pytest.mark.parametrize(
    "text", ["www.example.com", "https://example.com", "a@b.example", "a -> b", "x <- y", "p -- q"]
)
def test_text_that_streamlit_turns_into_links_or_arrows_is_split_by_a_zero_width_character(text):
    assert "\u2060" in escape_markdown(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_letter_is_lost(text):
    valid = as_unicode(text)
    shown = escape_markdown(text).replace("\u2060", "")
    unescaped = "".join(part.replace("\\", "") for part in shown.split("\\\\"))
    expected = " ".join(valid.splitlines()).replace("\\", "").replace("\u2060", "")
    assert unescaped == expected
