"""Download buttons whose files are made when they are pressed, and stay until the browser has fetched them.

Streamlit (1.67) counts a file made on demand as one that no page shows: the second script run that ends after it was
made, of any tab, deletes it. Pages look for news every second, so a slow browser asks too late and gets a 404. That is
why the file also belongs to the session that asked for it, until its page is drawn anew.
"""

import mimetypes
import threading
from collections.abc import Callable
from typing import Literal

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext


def download_button(
    label: str,
    make: Callable[[], str | bytes],
    file_name: str,
    key: str,
    *,
    help: str | None = None,  # noqa: A002 - Streamlit's own word
    disabled: bool = False,
    type: Literal["secondary", "tertiary"] = "secondary",  # noqa: A002
) -> None:
    """Render a button that downloads what `make` returns; nothing is made before it is pressed."""
    context = get_script_run_ctx()

    def made() -> bytes:
        content = make()
        data = content.encode("utf-8") if isinstance(content, str) else content
        if context is not None and runtime.exists():
            _keep(data, file_name, key, context)
        return data

    st.download_button(
        label,
        data=made,
        file_name=file_name,
        mime=_mime(file_name),
        key=key,
        help=help,
        icon=":material/download:",
        type=type,
        on_click="ignore",
        disabled=disabled,
    )


def _keep(data: bytes, file_name: str, key: str, context: ScriptRunContext) -> None:
    # a file is filed under the session of the thread that adds it, so it takes a thread that has this one
    filing = threading.Thread(
        target=runtime.get_instance().media_file_mgr.add,
        args=(data, _mime(file_name), f"download.{key}", file_name),
        kwargs={"is_for_static_download": True},
    )
    add_script_run_ctx(filing, context)
    filing.start()
    filing.join()


def _mime(file_name: str) -> str:
    return mimetypes.guess_type(file_name)[0] or "application/octet-stream"
