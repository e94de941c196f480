"""The functions for pages: `figure` shows a given figure, `live_figure` shows curves of runs that grow while in view.

A live figure polls for new points, so it belongs in an `st.fragment` together with everything that should update with
it; of several in one fragment, only one needs to poll (`poll_seconds=None` for the others). The server sends only
changes since its last message; a browser that missed a message reports the last one it has.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go
import streamlit as st

from cnnlab.plots.colours import twins
from cnnlab.plots.curves import MEASURES, SMALL_HEIGHT, curve_text, plain_curves
from cnnlab.plots.template import HEIGHT
from cnnlab.store.records import Status
from cnnlab.store.store import Store
from cnnlab.ui import resources
from cnnlab.ui.live_figure import component, wire
from cnnlab.ui.live_figure.reading import CurveReader, CurveRequest

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

POLL_SECONDS: Final = 1.2
UPDATES_KEPT: Final = 5

MakeCsv = Callable[[], str]


def figure(
    fig: go.Figure,
    key: str,
    alt: str,
    height: int | None = None,
    *,
    csv: MakeCsv | None = None,
    filename: str | None = None,
    clickable: bool = False,
) -> tuple[float, float] | None:
    """Render a figure. `alt` is its text alternative; `csv` makes the CSV file when the user downloads it.

    Returns the point (x, y) just clicked, if the figure is `clickable`.
    """
    if height is not None:
        fig.update_layout(height=height)
    result = _show(wire.plain(fig), key, alt, csv=csv, filename=filename or key.replace(".", "_"), clickable=clickable)
    pressed = result.get("point")
    return None if pressed is None else (float(pressed[0]), float(pressed[1]))


def live_figure(
    key: str,
    request: CurveRequest,
    *,
    alt: str | None = None,
    poll_seconds: float | None = POLL_SECONDS,
    small: bool = False,
    height: int | None = None,
) -> bool:
    """Render curves of runs; return whether more points are expected. Only polls while a run is active or waiting."""
    store = resources.store()
    reader = _reader(store)
    runs = store.runs.get_many(request.run_ids)
    curves = reader.curves(runs, request, _visible(key))
    measure = MEASURES[request.measure]
    size = height or (SMALL_HEIGHT if small else HEIGHT)
    curves_figure = plain_curves(
        curves, measure, x_axis=request.x_axis, log_y=request.log_y, height=size, is_small=small
    )
    goes_on = any(run.is_active or run.status is Status.QUEUED for run in runs)
    _show(
        curves_figure,
        key,
        alt or curve_text(curves, measure),
        csv=lambda: reader.csv(runs, request),
        filename=f"{request.measure}_curves",
        poll_seconds=poll_seconds if goes_on else None,
        refine=True,
    )
    return goes_on


@lru_cache(maxsize=4)
def _reader(store: Store) -> CurveReader:
    return CurveReader(store)


def _show(
    content: Mapping[str, Any],
    key: str,
    alt: str,
    *,
    csv: MakeCsv | None,
    filename: str,
    poll_seconds: float | None = None,
    refine: bool = False,
    clickable: bool = False,
) -> "ComponentResult":
    data, sent = wire.message(content, _held(key))
    if data["base"] is None:
        data["twins"] = twins()
    if st.session_state.pop(_slot(key, "csv"), False) and csv is not None:
        data["download"] = {"name": f"{filename}.csv", "text": csv()}
    data |= {
        "alt": alt,
        "engine": component.engine_version(),
        "csv": csv is not None,
        "filename": filename,
        "refine": refine,
        "clickable": clickable,
        "poll": None if poll_seconds is None else 1000 * poll_seconds,
    }
    _remember(key, sent, is_first=data["base"] is None)
    return component.mount(
        key=key,
        data=data,
        on_tick_change=_nothing,
        on_point_change=_nothing,
        on_range_change=_nothing,
        on_csv_change=partial(_note, key, "csv"),
        on_resend_change=partial(_note_missed, key),
    )


def _held(key: str) -> wire.Sent | None:
    """What the browser has of this figure: nothing if it was not on the page in the previous script run."""
    sent = st.session_state.get(_slot(key, "sent"), ())
    missed = st.session_state.pop(_slot(key, "held"), None)
    if key not in st.session_state:
        return None
    return next((wire.Sent(*message) for message in reversed(sent) if missed in (None, message[0])), None)


def _remember(key: str, sent: wire.Sent, *, is_first: bool) -> None:
    """Keep the last few messages: a browser that missed an update reports which one it has."""
    before = () if is_first else st.session_state.get(_slot(key, "sent"), ())
    newest = (sent.revision, sent.skeleton, dict(sent.points))
    st.session_state[_slot(key, "sent")] = (*before[1 - UPDATES_KEPT :], newest)


def _visible(key: str) -> tuple[float, float] | None:
    """The visible part of the x axis if the user has zoomed in, else None."""
    state: Any = st.session_state.get(key) or {}
    shown = state.get("range")
    return (float(shown[0]), float(shown[1])) if shown else None


def _slot(key: str, name: str) -> str:
    return f"live_figure.{key}.{name}"


def _note(key: str, name: str) -> None:
    st.session_state[_slot(key, name)] = True


def _note_missed(key: str) -> None:
    held = (st.session_state.get(key) or {}).get("resend")
    if held is not None:
        st.session_state[_slot(key, "held")] = held[0]


def _nothing() -> None:
    """A callback that does nothing, so that Streamlit keeps the value; the rerun does the work."""
