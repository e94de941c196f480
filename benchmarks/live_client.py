"""A client that polls a live page like a browser but renders nothing; it speaks Streamlit's protocol.

Its requests are those of a real browser, recorded once (`record_question`). It also repeats what a page repeats by
itself (`run_every`). It runs in a thread.
"""

import threading
import time
from types import TracebackType
from typing import Self

from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: TID251 - the protocol, not a page
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: TID251
from websockets.sync.client import ClientConnection, connect

ANSWER_SECONDS = 60.0
LOST_SECONDS = 15.0


def record_question(tab: Page, address: str) -> bytes:
    """Open a page with a live figure in a fresh tab, and return the message with which it first polls for updates."""
    questions: list[bytes] = []

    def collect(frame: str | bytes) -> None:
        message = BackMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        widgets = message.rerun_script.widget_states.widgets
        if any(widget.WhichOneof("value") == "json_trigger_value" for widget in widgets):
            questions.append(message.SerializeToString())

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", collect)

    tab.on("websocket", listen)
    tab.goto(address)
    end = time.monotonic() + ANSWER_SECONDS
    while not questions:
        if time.monotonic() > end:
            raise TimeoutError(f"The page {address} did not poll within {ANSWER_SECONDS:g} s.")
        tab.wait_for_timeout(100)
    return questions[-1]


class AskingClient:
    """A context manager that polls every `poll_seconds`; `tick_bytes` holds the size of each answer."""

    def __init__(self, url: str, query: str, page: str, question: bytes, *, poll_seconds: float) -> None:
        self.tick_bytes: list[int] = []
        self._question = BackMsg.FromString(question)
        self._poll_seconds = poll_seconds
        self._address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        self._first = BackMsg()
        self._first.rerun_script.query_string = query
        self._first.rerun_script.page_name = page
        self._due: dict[str, tuple[float, float]] = {}  # fragment -> (next time, interval)
        self._live: str | None = None
        self._done, self._ready = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(ANSWER_SECONDS):
            raise TimeoutError("The page did not answer the polling client.")
        self.tick_bytes.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join(timeout=ANSWER_SECONDS)

    def _run(self) -> None:
        with connect(self._address, subprotocols=["streamlit"], max_size=None, compression=None) as connection:  # type: ignore[list-item]
            if self._ask(connection, self._first) is not None:
                self._ready.set()
            while not self._done.wait(self._seconds_to_next()):
                for fragment, (at, interval) in list(self._due.items()):
                    if time.monotonic() >= at:
                        self._due[fragment] = (time.monotonic() + interval, interval)
                        self._ask_for(connection, fragment)

    def _seconds_to_next(self) -> float:
        return max(0.0, min(at for at, _ in self._due.values()) - time.monotonic()) if self._due else self._poll_seconds

    def _ask_for(self, connection: ClientConnection, fragment: str) -> None:
        self._question.rerun_script.fragment_id = fragment
        received = self._ask(connection, self._question)
        if fragment == self._live and received is not None:
            self.tick_bytes.append(received)
        elif received is None and fragment != self._live:
            del self._due[fragment]  # this part of the page no longer exists

    def _ask(self, connection: ClientConnection, message: BackMsg) -> int | None:
        """Bytes of the answer; None if there is none."""
        connection.send(message.SerializeToString())
        received = 0
        while True:
            try:
                frame = connection.recv(timeout=LOST_SECONDS)
            except TimeoutError:
                return None
            received += len(frame)
            answer = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
            self._note(answer)
            if answer.WhichOneof("type") == "script_finished":
                return received

    def _note(self, answer: ForwardMsg) -> None:
        kind = answer.WhichOneof("type")
        if kind == "auto_rerun":
            interval = answer.auto_rerun.interval
            self._due.setdefault(answer.auto_rerun.fragment_id, (time.monotonic() + interval, interval))
        is_component = kind == "delta" and answer.delta.new_element.WhichOneof("type") == "bidi_component"
        if is_component and self._live is None and answer.delta.fragment_id:
            self._live = answer.delta.fragment_id
            self._due[self._live] = (time.monotonic() + self._poll_seconds, self._poll_seconds)
