"""Ignores what a page asks for after the session has gone on to another page. Knows no page.

Fragments that look again by themselves send the page they belong to with each request. One that was sent just before
`st.switch_page` and arrives after it makes Streamlit (1.67) draw the fragment as a part of the page that was left: the
browser throws the new page away and stops ("Bad delta path index"). A request of a fragment whose page is no longer
shown has no use, so it is dropped, whether it arrives late (`install`) or waits already (`drop_waiting`). Both reach
into parts of Streamlit without public names: a test watches them.
"""

from typing import Any, Final

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

_MARK: Final = "_cnnlab_drops_stale_requests"


def install() -> None:
    """From now on drop requests of fragments that arrive for another page than the one that is shown."""
    if hasattr(AppSession, _MARK):
        return  # a module that was loaded anew must not wrap it twice
    accept = AppSession.request_rerun

    def request_rerun(self: AppSession, client_state: Any) -> None:  # noqa: ANN401 - a message of Streamlit's protocol
        if not is_stale(client_state, self._client_state.page_script_hash):
            accept(self, client_state)

    setattr(AppSession, _MARK, True)
    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


def is_stale(client_state: Any, shown_page: str) -> bool:  # noqa: ANN401
    """Whether a request is one of a fragment on another page."""
    return bool(client_state and client_state.fragment_id and client_state.page_script_hash != shown_page)


def drop_waiting() -> None:
    """At the end of a whole page: forget requests of fragments that came in for the page before."""
    context = get_script_run_ctx()
    requests: Any = None if context is None else context.script_requests
    if context is None or requests is None:
        return  # a page drawn without a browser
    with requests._lock:
        waiting = requests._rerun_data
        is_of_fragment = requests._state is ScriptRequestType.RERUN and bool(waiting.fragment_id_queue)
        if is_of_fragment and waiting.page_script_hash != context.page_script_hash:
            requests._state = ScriptRequestType.CONTINUE
