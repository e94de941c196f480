"""What configurations cost: asked in the background, kept by what matters, told in one line."""

import threading
import time

import pytest

from cnnlab.errors import HelperError
from cnnlab.helper.cost import Cost
from cnnlab.training.recipes import make_config
from cnnlab.ui.train_page.cost_line import sentence, too_large
from cnnlab.ui.train_page.costs import Answer, Costs, Question

PATIENCE_SECONDS = 20.0


def question(**flags):
    return Question(make_config(data="pictures", family="vgg", **flags), 2, 32, 8)


def cost(epoch_seconds=2.0):
    return Cost(
        seconds=0.0,
        epoch_seconds=epoch_seconds,
        step_seconds=0.1,
        draw_seconds=0.0,
        memory_bytes=500_000_000,
        parameters=10,
    )


def answers(costs, *questions):
    end = time.monotonic() + PATIENCE_SECONDS
    while None in (found := costs.look(questions)) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def test_a_look_never_waits_for_the_measurement():
    free = threading.Event()
    costs = Costs(lambda _: free.wait(PATIENCE_SECONDS) and cost())
    assert costs.look([question()]) == [None]
    free.set()
    assert answers(costs, question(epochs=10))[0].seconds == 20.0


@pytest.mark.parametrize("flags", [{"epochs": 7}, {"learning_rate": 0.5}, {"seed": 3}, {"schedule": "cosine"}])
def test_what_costs_nothing_is_not_measured_again(flags):
    assert question(**flags).key == question().key


@pytest.mark.parametrize("flags", [{"batch_size": 3}, {"image_size": 48}, {"optimiser": "sgd"}, {"loaders": 1}])
def test_what_costs_something_is_measured_anew(flags):
    assert question(**flags).key != question().key


def test_only_what_is_wanted_last_is_measured():
    measured, begun, free = [], threading.Event(), threading.Event()

    def measure(asked):
        begun.set()
        free.wait(PATIENCE_SECONDS)
        measured.append(asked.config.training.batch_size)
        return cost()

    costs = Costs(measure)
    costs.look([question(batch_size=1), question(batch_size=2)])
    assert begun.wait(PATIENCE_SECONDS)
    costs.look([question(batch_size=3)])
    free.set()
    answers(costs, question(batch_size=3))
    assert measured == [1, 3]


def test_a_helper_that_fails_is_told_and_does_not_end_the_measuring():
    def measure(asked):
        if asked.config.training.batch_size == 1:
            raise HelperError("The helper process is busy.")
        return cost()

    costs = Costs(measure)
    failed, well = answers(costs, question(batch_size=1), question(batch_size=2))
    assert failed.error == "The helper process is busy."
    assert well.seconds is not None


def test_the_line_tells_the_run_all_three_and_the_queue():
    own, other = Answer(61.0, 900_000_000, 10), Answer(100.0, 10, 10)
    assert sentence(None, [], [], seconds_before=0) == "Measuring what this run will take …"
    assert sentence(own, [], [], seconds_before=0) == "Takes **1 min 1 s to 1 min 38 s** and 900 MB of memory."
    assert "all three 4 min 20 s to" in sentence(own, [own, other, other], [], seconds_before=0)
    assert "(measuring)" in sentence(own, [own, None, None], [], seconds_before=0)
    assert "1 run waiting in 3 min" in sentence(own, [], [other], seconds_before=20)
    assert "**1 min 1 s to 3 min 20 s**" in sentence(own, [], [], seconds_before=0, running=1)
    assert "could not be measured: no" in sentence(Answer(error="no"), [], [], seconds_before=0)


def test_a_run_that_needs_more_memory_than_is_free_is_warned_of():
    assert too_large(Answer(1.0, 2_000, 10), available=1_000) is not None
    assert too_large(Answer(1.0, 2_000, 10), available=3_000) is None
    assert too_large(None, available=0) is None
