"""A page served by another program on this machine cannot connect to the dashboard; the dashboard's own pages can."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from tests.browser.conftest import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CONNECT = """address => new Promise(done => {
    const socket = new WebSocket(address);
    socket.onopen = () => done('open');
    socket.onerror = () => done('refused');
})"""


@pytest.fixture
def other_page() -> Iterator[str]:
    """The address of a page served by another program."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html></html>")

        def log_message(self, *_: object) -> None:
            return

    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}/"
    serving.shutdown()


def test_only_the_dashboards_own_pages_may_connect(server, browser, other_page):
    context = browser.new_context()
    own, other = context.new_page(), context.new_page()
    own.goto(server.url)
    settled(own)
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    other.goto(other_page)
    assert other.evaluate(CONNECT, address) == "refused"
    assert own.evaluate(CONNECT, address) == "open"
    context.close()
