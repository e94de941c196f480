"""Drops requests of a page that arrive after the session has moved to another page.

Each request of a self-updating fragment names the page it belongs to. If one was sent just before `st.switch_page` and
arrives after it, Streamlit (1.67) renders the fragment as part of the old page; the browser then discards the new page
and stops ("Bad delta path index"). A request from a page that is no longer shown is useless, so it is dropped, whether
it arrives late (`install`) or is already waiting (`drop_waiting`). Both patch parts of Streamlit without public names;
a test watches them.
"""

from typing import Any, Final

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

_MARK: Final = "_cnnlab_drops_stale_requests"


def install() -> None:
    """From now on, drop fragment requests for a page other than the current one."""
    if hasattr(AppSession, _MARK):
        return  # reloading this module must not wrap it twice
    accept = AppSession.request_rerun

    def request_rerun(self: AppSession, client_state: Any) -> None:  # noqa: ANN401 - a message of Streamlit's protocol
        if not is_stale(client_state, self._client_state.page_script_hash):
            accept(self, client_state)

    setattr(AppSession, _MARK, True)
    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


def is_stale(client_state: Any, shown_page: str) -> bool:  # noqa: ANN401
    """Whether a request comes from a fragment of another page."""
    return bool(client_state and client_state.fragment_id and client_state.page_script_hash != shown_page)


def drop_waiting() -> None:
    """At the end of a full page run, drop waiting fragment requests for the previous page."""
    context = get_script_run_ctx()
    requests: Any = None if context is None else context.script_requests
    if context is None or requests is None:
        return  # rendered without a browser
    with requests._lock:
        waiting = requests._rerun_data
        is_of_fragment = requests._state is ScriptRequestType.RERUN and bool(waiting.fragment_id_queue)
        if is_of_fragment and waiting.page_script_hash != context.page_script_hash:
            requests._state = ScriptRequestType.CONTINUE
