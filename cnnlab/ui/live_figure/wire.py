"""The messages of a figure: its skeleton when that changes, and the points that differ from those sent before.

The receiver is `assets/live_figure.js`.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.io import json as plotly_json

Singles = npt.NDArray[np.float32]
POINT_TYPE: Final = np.dtype("<f4")
"""Seven digits: more than a screen can show; the CSV has every point in full precision."""

FEW_POINTS: Final = 64
"""Up to this many points are simply sent again, without looking for a shorter message."""


@dataclass(frozen=True)
class Sent:
    """What the browser has: `points` are the bytes of x and y, shape (2, N), by trace.

    Revisions are random and never repeat. A counter would start again whenever a whole figure is sent, and a browser
    that receives two whole ones could not tell which of them the next update builds on.
    """

    revision: str = ""
    skeleton: str = ""
    points: Mapping[str, bytes] = field(default_factory=dict)


def plain(figure: go.Figure) -> dict[str, Any]:
    """The figure as {"data", "layout"}, with the arrays of line traces unchanged."""
    value: dict[str, Any] = figure.to_plotly_json()
    for trace, source in zip(value["data"], figure.data, strict=True):
        if trace["type"] == "scatter":
            trace |= {"x": source.x, "y": source.y}
    return value


def message(figure: Mapping[str, Any], before: Sent | None) -> tuple[dict[str, Any], Sent]:
    """The data that takes a browser from `before` (None: it has nothing) to `figure`, and what it has afterwards."""
    held = before or Sent()
    skeleton, points = _taken_apart(figure)
    digest = hashlib.blake2b(skeleton.encode(), digest_size=12).hexdigest()
    splices = {uid: cut for uid, new in points.items() if (cut := _change(held.points.get(uid, b""), new)) is not None}
    sent = Sent(secrets.token_hex(6), digest, {uid: new.tobytes() for uid, new in points.items()})
    data: dict[str, Any] = {"revision": sent.revision, "base": held.revision if before else None, "splices": splices}
    if digest != held.skeleton:
        data["skeleton"] = json.loads(skeleton)
    return data, sent


def _taken_apart(figure: Mapping[str, Any]) -> tuple[str, dict[str, Singles]]:
    """The figure as JSON without the points of its line traces, and those points."""
    points, traces = {}, []
    for trace in figure["data"]:
        if trace["type"] == "scatter" and trace.get("uid") and _are_numbers(trace["x"], trace["y"]):
            points[trace["uid"]] = np.stack([np.asarray(trace[name], POINT_TYPE) for name in ("x", "y")])
            traces.append({name: value for name, value in trace.items() if name not in ("x", "y")})
        else:
            traces.append(trace)
    layout = {**figure["layout"], "annotations": list(map(_without_place, figure["layout"].get("annotations", ())))}
    return plotly_json.to_json_plotly({"data": traces, "layout": layout}), points


def _without_place(annotation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remove the position of a name at a line's end: the browser puts it where the line ends."""
    if not str(annotation.get("name", "")).startswith("end:"):
        return annotation
    return {name: value for name, value in annotation.items() if name not in ("x", "y")}


def _are_numbers(*columns: object) -> bool:
    return all(column is not None and np.asarray(column).dtype.kind in "fiu" for column in columns)


def _change(old_bytes: bytes, new: Singles) -> list[Any] | None:
    """[start, number of points removed, x, y, which points stay] from old points to new; None if they are equal.

    The last part is None or one bit per old point: as a run grows, its line is thinned more, and most of the points
    that remain are already in the browser.
    """
    old = np.frombuffer(old_bytes, POINT_TYPE).reshape(2, -1)
    start, removed, fresh = _splice(old, new)
    if not removed and not fresh.shape[1]:
        return None
    staying = None
    if min(removed, fresh.shape[1]) > FEW_POINTS:
        stays = np.isin(_points(old), _points(new))
        thinned = _splice(old[:, stays], new)
        if thinned[2].shape[1] < fresh.shape[1] // 2:
            start, removed, fresh = thinned
            staying = base64.b64encode(np.packbits(stays, bitorder="little").tobytes()).decode("ascii")
    return [start, removed, _packed(fresh[0]), _packed(fresh[1]), staying]


def _splice(old: Singles, new: Singles) -> tuple[int, int, Singles]:
    """Where old points are removed, how many, and the new ones that replace them."""
    common = min(old.shape[1], new.shape[1])
    kept = _equal_points(old[:, :common], new[:, :common])
    remaining = common - kept
    tail = _equal_points(old[:, ::-1][:, :remaining], new[:, ::-1][:, :remaining])
    return kept, old.shape[1] - kept - tail, new[:, kept : new.shape[1] - tail]


def _equal_points(first: Singles, second: Singles) -> int:
    """How many points from the start are equal bit for bit (so that NaN equals itself)."""
    differs = (_bits(first) != _bits(second)).any(axis=0)
    return int(differs.argmax()) if differs.any() else differs.size


def _points(points: Singles) -> npt.NDArray[np.uint64]:
    """Each point as one number."""
    return np.ascontiguousarray(points.T).view(np.uint64).ravel()


def _bits(points: Singles) -> npt.NDArray[np.uint32]:
    return np.ascontiguousarray(points).view(np.uint32)


def _packed(column: Singles) -> str:
    return base64.b64encode(np.ascontiguousarray(column).tobytes()).decode("ascii")
