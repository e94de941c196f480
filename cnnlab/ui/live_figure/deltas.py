"""What of a figure must go to the browser, given what it has already: of growing curves only the new end.

Knows plotly's figures as plain dictionaries, not Streamlit. Numbers go as float32 or int32 in base64.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

GROWING: Final = ("x", "y")
LONG: Final = 32
"""Shorter arrays travel with the rest of their trace: they are not what costs."""

Array = npt.NDArray[Any]
Arrays = Sequence[Mapping[str, Array]]


@dataclass(frozen=True)
class Sent:
    """What the browser has after update number `seq`: a hash of everything but the long arrays, and those."""

    seq: int = 0
    skeleton: str = ""
    arrays: tuple[dict[str, tuple[str, bytes]], ...] = field(default_factory=tuple)


def update(figure: Mapping[str, Any], sent: Sent) -> tuple[dict[str, Any], Sent]:
    """The message that brings the browser from `sent` to `figure`, and what it will have then.

    `{"seq", "since", "skeleton" (None: as before), "arrays"}`; nothing new keeps the number: seq == since.
    """
    from plotly.io.json import to_json_plotly

    skeleton, arrays = _taken_apart(figure)
    text = to_json_plotly(skeleton)
    digest = hashlib.sha256(text.encode()).hexdigest()
    packed = tuple({name: _packed(values) for name, values in one.items()} for one in arrays)
    if sent.seq and digest == sent.skeleton and packed == sent.arrays:
        return {"seq": sent.seq, "since": sent.seq, "skeleton": None, "arrays": []}, sent
    is_continued = sent.seq > 0 and len(packed) == len(sent.arrays)
    parts = [
        {name: _part(values, sent.arrays[index].get(name) if is_continued else None) for name, values in one.items()}
        for index, one in enumerate(packed)
    ]
    message = {
        "seq": sent.seq + 1,
        "since": sent.seq if is_continued else 0,
        "skeleton": None if is_continued and digest == sent.skeleton else text,
        "arrays": parts,
    }
    return message, Sent(sent.seq + 1, digest, packed)


def _taken_apart(figure: Mapping[str, Any]) -> tuple[dict[str, Any], Arrays]:
    traces, arrays = [], []
    for trace in figure.get("data", ()):
        long = {name: array for name in GROWING if (array := _numbers(trace.get(name))) is not None}
        arrays.append(long)
        traces.append({name: value for name, value in trace.items() if name not in long})
    return {"data": traces, "layout": figure.get("layout", {})}, arrays


def _numbers(values: Any) -> Array | None:  # noqa: ANN401 - whatever a trace holds
    if values is None or isinstance(values, str | Mapping):
        return None
    array = np.asarray(values)
    return array if array.ndim == 1 and len(array) >= LONG and array.dtype.kind in "iuf" else None


def _packed(array: Array) -> tuple[str, bytes]:
    is_whole = array.dtype.kind in "iu" and (len(array) == 0 or int(np.abs(array).max()) < 2**31)
    kind = "i4" if is_whole else "f4"
    return kind, np.ascontiguousarray(array, f"<{kind}").tobytes()


def _part(new: tuple[str, bytes], old: tuple[str, bytes] | None) -> dict[str, Any]:
    kind, data = new
    keep = _common_values(data, old[1]) if old is not None and old[0] == kind else 0
    return {"keep": keep, "type": kind, "data": base64.b64encode(data[4 * keep :]).decode("ascii")}


def _common_values(one: bytes, other: bytes) -> int:
    """How many four-byte values both begin with; bytes are compared, so that a NaN equals itself."""
    length = min(len(one), len(other)) // 4
    differ = np.frombuffer(one, "<u4", length) != np.frombuffer(other, "<u4", length)
    return int(differ.argmax()) if differ.any() else length
