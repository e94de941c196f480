"""All pages on an empty workspace, and what they import."""

import subprocess
import sys

import pytest

from cnnlab.ui.navigation import PAGES
from cnnlab.workspace import PROJECT_ROOT


@pytest.mark.parametrize("name", PAGES)
def test_every_page_works_on_an_empty_workspace(open_page, name):
    page = open_page(name)
    assert not page.exception
    assert not page.error
    assert [title.value for title in page.title] == [PAGES[name].title]


@pytest.mark.parametrize("name", ["data", "augment", "train", "compare", "predict"])
def test_an_empty_page_says_what_to_do_next_and_offers_it(open_page, name):
    page = open_page(name)
    assert page.button(key="frame.empty_next").label


@pytest.mark.slow
def test_no_page_imports_torch_into_the_server(workspace):
    """In a separate process, since other tests import torch."""
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
for name in {[name for name in PAGES if name != "home"]!r}:
    app.switch_page(f"pages/{{name}}.py").run()
    assert not app.exception, (name, app.exception)
print(sorted(name for name in ("torch", "torchvision", "sklearn") if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_the_first_page_imports_no_library_that_it_does_not_need(workspace):
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
assert not app.exception
print(sorted(name for name in ("pandas", "pydantic", "sklearn", "torch") if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", PAGES)
def test_a_message_is_shown_on_every_page_of_an_empty_workspace(open_page, name):
    page = open_page(name)
    page.session_state["session.messages"] = (("error", "It cannot be done.", "it"),)
    page.run()
    assert [error.value for error in page.error] == ["It cannot be done."]
