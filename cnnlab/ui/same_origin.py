"""Lets only the dashboard's own pages talk to its server. Knows no page.

Streamlit (1.67) accepts the connection of any page that comes from this machine, on whatever port: another program's
page could then use the dashboard as its user does. From the first page that is drawn on, the address of the page must
be that of the server, or one that `server.corsAllowedOrigins` names. It reaches into a part of Streamlit without a
public name: a test watches it.
"""

from urllib.parse import urlsplit

from streamlit.web.server import server_util
from streamlit.web.server.starlette import starlette_websocket


def install() -> None:
    """From now on refuse connections of pages from elsewhere; same-origin ones are accepted before this is asked."""
    starlette_websocket.is_url_from_allowed_origins = is_named  # type: ignore[attr-defined]


def is_named(url: str) -> bool:
    """Whether the settings name the origin as one that may connect."""
    return urlsplit(url).netloc in {urlsplit(origin).netloc for origin in server_util.allowlisted_origins()}
