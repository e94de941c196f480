"""Takes paired measurements and reports their median and spread.

Candidates take turns (A B C, A B C, ...), so that a machine that is slower for a while slows them all down; what counts
is the ratio within a turn.
"""

import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One row of a table: the median of several repetitions, with minimum and maximum."""

    name: str
    unit: str
    median: float
    low: float
    high: float
    repetitions: int
    goal: str = ""


def figure(name: str, unit: str, values: Sequence[float], goal: str = "") -> Figure:
    """The row for `values`."""
    return Figure(name, unit, statistics.median(values), min(values), max(values), len(values), goal)


def take_turns(candidates: Mapping[str, Callable[[], float]], repetitions: int) -> dict[str, list[float]]:
    """Call every candidate once per turn, for `repetitions` turns after a warm-up turn; returns their values.

    Every second turn is in reverse order, so that no candidate always runs after the same one.
    """
    values: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(repetitions + 1):
        for name in list(candidates) if turn % 2 == 0 else reversed(list(candidates)):
            value = candidates[name]()
            if turn > 0:
                values[name].append(value)
    return values


def ratio(values: Mapping[str, Sequence[float]], of: str, to: str) -> list[float]:
    """The ratio in each turn."""
    return [a / b for a, b in zip(values[of], values[to], strict=True)]


def report(name: str, figures: Sequence[Figure], **context: Any) -> None:  # noqa: ANN401
    """Print a table and write `results/<name>.json`."""
    width = max(len(row.name) for row in figures)
    print(f"\n{name}")
    for row in figures:
        spread = f"({row.low:.4g} to {row.high:.4g}, n = {row.repetitions})"
        print(f"  {row.name:<{width}}  {row.median:>10.4g} {row.unit:<12} {spread:<36} {row.goal}")
    machine = {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()}
    RESULTS.mkdir(exist_ok=True)
    record = {"machine": machine, "context": context, "figures": [asdict(row) for row in figures]}
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
