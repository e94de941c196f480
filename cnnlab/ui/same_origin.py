"""Lets only the dashboard's own pages connect to its server.

Streamlit (1.67) accepts connections from any page served by this machine, on any port, so another program's page could
use the dashboard like its user. Once the first page has been rendered, a page's origin must be that of the server or be
listed in `server.corsAllowedOrigins`. This patches a part of Streamlit without a public name; a test watches it.
"""

from urllib.parse import urlsplit

from streamlit.web.server import server_util
from streamlit.web.server.starlette import starlette_websocket


def install() -> None:
    """Refuse connections from other origins from now on; Streamlit accepts same-origin ones before it asks this."""
    starlette_websocket.is_url_from_allowed_origins = is_named  # type: ignore[attr-defined]


def is_named(url: str) -> bool:
    """Whether the settings allow this origin to connect."""
    return urlsplit(url).netloc in {urlsplit(origin).netloc for origin in server_util.allowlisted_origins()}
