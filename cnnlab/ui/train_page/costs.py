"""Keeps what configurations cost, measured one after the other in the background by the helper. Draws nothing.

One thread asks for what is wanted last, so a form that is changed quickly measures only where it came to rest.
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
from cnnlab.ui.messages import unexpected

MOST_KEPT: Final = 128
RETRY_SECONDS: Final = 30.0
"""After so long a question that had no answer is asked again: the helper may have been busy."""

_log: Final = logging.getLogger("cnnlab.ui")
_MATTERING: Final = {
    "training": ("batch_size", "accumulate", "optimiser", "precision"),
    "compute": ("threads", "loaders", "memory_layout", "deterministic"),
    "architecture": ("family", "preset", "options"),
}


@dataclass(frozen=True)
class Question:
    """A configuration with the pictures and classes that it will meet. `key` leaves out what costs nothing."""

    config: RunConfig
    num_classes: int
    train: int
    val: int

    @cached_property
    def key(self) -> str:
        """Equal for configurations whose epochs cost the same."""
        values = self.config.to_dict()
        mattering = {section: {name: values[section][name] for name in names} for section, names in _MATTERING.items()}
        return json.dumps([mattering, values["pipeline"], self.num_classes, self.train, self.val], sort_keys=True)


@dataclass(frozen=True)
class Answer:
    """What a question gave: seconds of all epochs and the memory, or why it could not be measured."""

    seconds: float | None = None
    memory_bytes: int | None = None
    parameters: int | None = None
    error: str | None = None


def _measure(question: Question) -> Cost:
    return front.ask(
        cost.measure, question.config, num_classes=question.num_classes, train=question.train, val=question.val
    )


class Costs:
    """Answers by key. May be used by several sessions at once; `measure` runs in a thread of its own."""

    def __init__(self, measure: Callable[[Question], Cost] = _measure) -> None:
        self._measure = measure
        self._known: OrderedDict[str, tuple[Cost | str, float]] = OrderedDict()
        self._wanted: tuple[Question, ...] = ()
        self._lock = threading.Lock()
        self._is_asking = False

    def look(self, questions: Sequence[Question]) -> list[Answer | None]:
        """What is known of each; None where it is being measured. What was wanted before is wanted no more."""
        with self._lock:
            answers = [self._answer(question) for question in questions]
            self._wanted = tuple(one for one, answer in zip(questions, answers, strict=True) if answer is None)
            if self._wanted and not self._is_asking:
                self._is_asking = True
                threading.Thread(target=self._ask_all, name="costs", daemon=True).start()
        return answers

    def _answer(self, question: Question) -> Answer | None:
        found, when = self._known.get(question.key, (None, 0.0))
        if found is None:
            return None
        if isinstance(found, str):
            return Answer(error=found) if time.monotonic() - when < RETRY_SECONDS else None
        self._known.move_to_end(question.key)
        epochs = question.config.training.epochs
        return Answer(epochs * found.epoch_seconds, found.memory_bytes, found.parameters)

    def _ask_all(self) -> None:
        while (question := self._next()) is not None:
            found: Cost | str
            try:
                found = self._measure(question)
            except CnnLabError as error:
                found = str(error)
            except Exception as error:  # the thread must go on: nobody would start another
                _log.exception("An unexpected error while a cost was measured")
                found = unexpected(error)
            with self._lock:
                self._known[question.key] = (found, time.monotonic())
                while len(self._known) > MOST_KEPT:
                    self._known.popitem(last=False)

    def _next(self) -> Question | None:
        with self._lock:
            unknown = (one for one in self._wanted if self._answer(one) is None)
            question = next(unknown, None)
            self._is_asking = question is not None
        return question


COSTS: Final = Costs()
"""Shared by all sessions of the page server."""
