"""Measures how busy the machine is with other work: processor cores used by anything but this process."""

import time
from typing import Final

import psutil

QUIET_CORES: Final = 0.3
"""Any desktop has this much background work."""


class LoadWatch:
    """Measures from its creation on. All threads of this process count as its own work."""

    def __init__(self) -> None:
        self._wall, self._own, self._busy = time.perf_counter(), time.process_time(), _busy_seconds()

    def other_cores(self) -> float:
        """Cores used by other work, on average; meaningless within the first tenth of a second."""
        passed = time.perf_counter() - self._wall
        others = (_busy_seconds() - self._busy) - (time.process_time() - self._own)
        return max(0.0, others / passed) if passed else 0.0

    def is_quiet(self) -> bool:
        """Whether there was hardly any other work."""
        return self.other_cores() < QUIET_CORES


def _busy_seconds() -> float:
    """Processor seconds of the whole machine since it booted."""
    times = psutil.cpu_times()._asdict()
    counted_twice = {"guest", "guest_nice"}  # already part of user and nice
    return float(sum(spent for kind, spent in times.items() if kind not in {"idle", "iowait", *counted_twice}))
