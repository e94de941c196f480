"""Keeps the costs of configurations, which the helper measures one after the other in the background.

One thread asks for the latest questions only, so while a form changes quickly only its final state is measured. A cost
measured under load is measured again once the machine is idle.
"""

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cnnlab.errors import CnnLabError
from cnnlab.helper import cost, front
from cnnlab.helper.cost import Cost
from cnnlab.training.config import RunConfig
from cnnlab.training.device import default_threads
from cnnlab.training.machine_load import LoadWatch
from cnnlab.ui.messages import unexpected

MAX_KEPT: Final = 128
RETRY_SECONDS: Final = 30.0
"""How long to wait before a failed question is asked again: the helper may have been busy."""
AGAIN_SECONDS: Final = 15.0
"""How long to wait before checking again whether the machine has become idle."""
LISTEN_SECONDS: Final = 0.5
UNMEASURED: Final = 1.5
"""Factor for what a measured step leaves out: reading pictures, checkpoints and validation."""

_log: Final = logging.getLogger("cnnlab.ui")
_MATTERING: Final = {
    "training": ("batch_size", "accumulate", "optimiser", "precision"),
    "compute": ("threads", "loaders", "memory_layout", "deterministic"),
    "architecture": ("family", "preset", "options"),
}


@dataclass(frozen=True)
class Question:
    """A configuration with its numbers of pictures and classes. `key` leaves out settings that cost nothing."""

    config: RunConfig
    num_classes: int
    train: int
    val: int

    @cached_property
    def key(self) -> str:
        """Equal for configurations whose epochs cost the same."""
        values = self.config.to_dict()
        values["compute"]["threads"] = values["compute"]["threads"] or default_threads()  # as a run fixes it
        mattering = {section: {name: values[section][name] for name in names} for section, names in _MATTERING.items()}
        return json.dumps([mattering, values["pipeline"], self.num_classes, self.train, self.val], sort_keys=True)


@dataclass(frozen=True)
class Answer:
    """The cost of a configuration: seconds of all epochs and memory, or why it could not be measured.

    `seconds` is on an idle machine, `slow_seconds` under the load at the time of measuring; if `is_from_run`, both come
    from earlier runs.
    """

    seconds: float | None = None
    memory_bytes: int | None = None
    parameters: int | None = None
    error: str | None = None
    slow_seconds: float | None = None
    is_quiet: bool = True
    is_from_run: bool = False


def is_machine_quiet() -> bool:
    """Watch the machine for half a second for other work; too slow for a page."""
    load = LoadWatch()
    time.sleep(LISTEN_SECONDS)
    return load.is_quiet()


def _measure(question: Question) -> Cost:
    return front.ask(
        cost.measure, question.config, num_classes=question.num_classes, train=question.train, val=question.val
    )


class Costs:
    """Answers by key. Thread-safe, shared by sessions; `measure` runs in a thread of its own."""

    def __init__(
        self, measure: Callable[[Question], Cost] = _measure, is_quiet: Callable[[], bool] = is_machine_quiet
    ) -> None:
        self._measure = measure
        self._is_quiet = is_quiet
        self._known: OrderedDict[str, tuple[Cost | str, float]] = OrderedDict()
        self._wanted: tuple[Question, ...] = ()
        self._lock = threading.Lock()
        self._is_asking = False

    def look(self, questions: Sequence[Question]) -> list[Answer | None]:
        """What is known about each question; None while it is being measured. Drops the questions of earlier calls."""
        with self._lock:
            answers = [self._answer(question) for question in questions]
            self._wanted = tuple(questions)
            if any(map(self._is_due, questions)) and not self._is_asking:
                self._is_asking = True
                threading.Thread(target=self._ask_all, name="costs", daemon=True).start()
        return answers

    def _answer(self, question: Question) -> Answer | None:
        result, when = self._known.get(question.key, (None, 0.0))
        if result is None:
            return None
        if isinstance(result, str):
            return Answer(error=result) if time.monotonic() - when < RETRY_SECONDS else None
        self._known.move_to_end(question.key)
        epochs = question.config.training.epochs
        alone = epochs * result.epoch_seconds
        slow = alone * max(UNMEASURED, result.slowdown)
        return Answer(alone, result.memory_bytes, result.parameters, slow_seconds=slow, is_quiet=result.is_quiet)

    def _is_due(self, question: Question) -> bool:
        """Whether it must be measured, or measured again because the machine was busy."""
        answer = self._answer(question)
        if answer is None:
            return True
        _, when = self._known[question.key]
        return not answer.is_quiet and time.monotonic() - when > AGAIN_SECONDS

    def _ask_all(self) -> None:
        while (question := self._next()) is not None:
            before, _ = self._known.get(question.key, (None, 0.0))
            result: Cost | str
            try:
                result = before if isinstance(before, Cost) and not self._is_quiet() else self._measure(question)
            except CnnLabError as error:
                result = str(error)
            except Exception as error:  # the thread must survive: nothing would start another
                _log.exception("An unexpected error while a cost was measured")
                result = unexpected(error)
            with self._lock:
                self._known[question.key] = (result, time.monotonic())
                while len(self._known) > MAX_KEPT:
                    self._known.popitem(last=False)

    def _next(self) -> Question | None:
        with self._lock:
            first = sorted(self._wanted, key=lambda wanted: self._answer(wanted) is not None)  # unknown ones first
            question = next(filter(self._is_due, first), None)
            self._is_asking = question is not None
        return question


COSTS: Final = Costs()
"""Shared by all sessions of the page server."""
