"""How busy the machine is with other work: processor cores that neither idle nor do what this process does."""

import time
from typing import Final

import psutil

QUIET_CORES: Final = 0.3
"""Other work below this is what any desktop does."""


class LoadWatch:
    """Watches from its making on. Counts every thread of this process as its own work."""

    def __init__(self) -> None:
        self._wall, self._own, self._busy = time.perf_counter(), time.process_time(), _busy_seconds()

    def other_cores(self) -> float:
        """Cores that other work has had on average; a figure of less than a tenth of a second is chance."""
        passed = time.perf_counter() - self._wall
        others = (_busy_seconds() - self._busy) - (time.process_time() - self._own)
        return max(0.0, others / passed) if passed else 0.0

    def is_quiet(self) -> bool:
        """Whether there was hardly any other work."""
        return self.other_cores() < QUIET_CORES


def _busy_seconds() -> float:
    """Processor seconds of the whole machine since it was started."""
    times = psutil.cpu_times()._asdict()
    counted_twice = {"guest", "guest_nice"}  # in user and nice as well
    return float(sum(spent for kind, spent in times.items() if kind not in {"idle", "iowait", *counted_twice}))
