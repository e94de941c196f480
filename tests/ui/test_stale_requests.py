"""Requests from fragments of a page that is no longer shown are dropped, and nothing else is."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType

from cnnlab.ui import stale_requests


def client_state(*, fragment="", page="here"):
    return SimpleNamespace(fragment_id=fragment, page_script_hash=page)


def test_only_a_fragment_of_another_page_is_stale():
    assert stale_requests.is_stale(client_state(fragment="f", page="there"), "here")
    assert not stale_requests.is_stale(client_state(fragment="f"), "here")
    assert not stale_requests.is_stale(client_state(page="there"), "here")
    assert not stale_requests.is_stale(None, "here")


def test_a_session_is_wrapped_once_and_passes_on_what_is_not_stale(monkeypatch):
    passed = []
    monkeypatch.delattr(AppSession, stale_requests._MARK, raising=False)
    monkeypatch.setattr(AppSession, "request_rerun", lambda self, state: passed.append(state))
    stale_requests.install()
    stale_requests.install()
    session = SimpleNamespace(_client_state=SimpleNamespace(page_script_hash="here"))
    AppSession.request_rerun(session, client_state(fragment="f", page="there"))
    AppSession.request_rerun(session, client_state(fragment="f"))
    assert [state.page_script_hash for state in passed] == ["here"]
    monkeypatch.delattr(AppSession, stale_requests._MARK)


@pytest.mark.parametrize(
    ("waiting", "is_kept"),
    [
        (RerunData(page_script_hash="there", fragment_id="f"), False),
        (RerunData(page_script_hash="here", fragment_id="f"), True),
        (RerunData(page_script_hash="there"), True),
    ],
)
def test_only_waiting_requests_of_another_pages_fragment_are_dropped(monkeypatch, waiting, is_kept):
    requests = ScriptRequests()
    requests.request_rerun(waiting)
    context = SimpleNamespace(script_requests=requests, page_script_hash="here")
    monkeypatch.setattr(stale_requests, "get_script_run_ctx", lambda: context)
    stale_requests.drop_waiting()
    assert (requests._state is ScriptRequestType.RERUN) == is_kept
