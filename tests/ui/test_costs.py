"""What configurations cost: measured in the background, cached by what matters, shown in one line."""

import threading
import time
from dataclasses import replace

import pytest

from cnnlab.errors import HelperError
from cnnlab.helper.cost import Cost
from cnnlab.runs.filing import file_run
from cnnlab.store.datasets import register_folder
from cnnlab.training.recipes import make_config
from cnnlab.ui.resources import store
from cnnlab.ui.train_page.cost_paces import corrected, question_for
from cnnlab.ui.train_page.cost_words import between, sentence, too_large
from cnnlab.ui.train_page.costs import UNMEASURED, Answer, Costs, Question

PATIENCE_SECONDS = 20.0


def question(**flags):
    return Question(make_config(data="pictures", family="vgg", **flags), 2, 32, 8)


def cost(epoch_seconds=2.0):
    return Cost(
        seconds=0.0,
        epoch_seconds=epoch_seconds,
        step_seconds=0.1,
        sampling_seconds=0.0,
        memory_bytes=500_000_000,
        parameters=10,
    )


def answers(costs, *questions):
    end = time.monotonic() + PATIENCE_SECONDS
    while None in (known := costs.look(questions)) and time.monotonic() < end:
        time.sleep(0.01)
    return known


def test_looking_never_waits_for_the_measurement():
    free = threading.Event()
    costs = Costs(lambda _: free.wait(PATIENCE_SECONDS) and cost())
    assert costs.look([question()]) == [None]
    free.set()
    assert answers(costs, question(epochs=10))[0].seconds == 20.0


@pytest.mark.parametrize("flags", [{"epochs": 7}, {"learning_rate": 0.5}, {"seed": 3}, {"schedule": "cosine"}])
def test_what_costs_nothing_is_not_measured_again(flags):
    assert question(**flags).key == question().key


@pytest.mark.parametrize("flags", [{"batch_size": 3}, {"image_size": 48}, {"optimiser": "sgd"}, {"loaders": 1}])
def test_what_costs_something_is_measured_again(flags):
    assert question(**flags).key != question().key


def test_only_the_latest_questions_are_measured():
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


def test_a_failing_helper_is_reported_and_does_not_stop_the_measuring():
    def measure(asked):
        if asked.config.training.batch_size == 1:
            raise HelperError("The helper process is busy.")
        return cost()

    costs = Costs(measure)
    failed, well = answers(costs, question(batch_size=1), question(batch_size=2))
    assert failed.error == "The helper process is busy."
    assert well.seconds is not None


def test_the_line_gives_ranges_for_the_run_for_all_three_and_for_the_queue():
    own, other = Answer(60.0, 900_000_000, 10, slow_seconds=120.0), Answer(100.0, 10, 10, slow_seconds=300.0)
    assert sentence(None, [], [], left=[]) == "Measuring how long this run will take …"
    assert sentence(own, [], [], left=[]) == "Takes **1 min to 2 min** and 900 MB of memory."
    assert "all three 4 min 20 s to 12 min" in sentence(own, [own, other, other], [], left=[])
    assert "all three (measuring)" in sentence(own, [own, None, None], [], left=[])
    assert "done in 3 min to 7 min 20 s, after 2 runs ahead of it" in sentence(own, [], [other], left=[20.0])
    assert "could not be measured. no" in sentence(Answer(error="no"), [], [], left=[])


def test_a_range_whose_ends_look_the_same_is_one_figure():
    assert between([Answer(60.0, 1, 1, slow_seconds=60.2)]) == "about 1 min"


def test_the_longer_time_includes_the_load_during_the_measurement():
    quiet, busy = cost(), replace(cost(), slowdown=5.0, is_quiet=False)
    assert answers(Costs(lambda _: quiet), question(epochs=10))[0].slow_seconds == 20.0 * UNMEASURED
    assert answers(Costs(lambda _: busy), question(epochs=10))[0].slow_seconds == 100.0


def test_what_was_measured_under_load_is_measured_again_once_the_machine_is_idle(monkeypatch):
    monkeypatch.setattr("cnnlab.ui.train_page.costs.AGAIN_SECONDS", 0.0)
    measured = [cost(epoch_seconds=2.0), replace(cost(epoch_seconds=9.0), slowdown=3.0, is_quiet=False)]
    listened, is_quiet = threading.Event(), threading.Event()

    def listen():
        listened.set()
        return is_quiet.is_set()

    costs = Costs(lambda _: measured.pop(), listen)
    rough = answers(costs, question(epochs=1))[0]
    assert (rough.seconds, rough.slow_seconds) == (9.0, 27.0)
    costs.look([question(epochs=1)])
    assert listened.wait(PATIENCE_SECONDS)
    assert len(measured) == 1  # still busy: the old answer stays
    is_quiet.set()
    end = time.monotonic() + PATIENCE_SECONDS
    while (answer := costs.look([question(epochs=1)])[0]).seconds != 2.0 and time.monotonic() < end:
        time.sleep(0.01)
    assert answer.seconds == 2.0
    assert answer.is_quiet


def test_the_first_epoch_of_a_run_corrects_the_measured_cost_of_its_settings(workspace, picture_folder):
    dataset = register_folder(store(), picture_folder)
    config = make_config(data=dataset.path, family="vgg", epochs=10, device="cpu")
    run = file_run(store(), config)
    asked = [question_for(config, dataset), question_for(config.with_overrides({"training.batch_size": 3}), dataset)]
    measured = [Answer(100.0, 5, 6), Answer(100.0, 5, 6)]
    assert corrected(asked, measured) == measured
    progress = {"dataset_id": dataset.dataset_id, "epoch": 2, "step": 20, "total_steps": 100, "seconds": 60.0}
    store().runs.update(run.run_id, **progress)
    same, another = corrected(asked, measured)
    assert (same.seconds, same.is_from_run, same.memory_bytes) == (300.0, True, 5)
    assert another == measured[1]


def test_a_run_that_needs_more_memory_than_is_free_gets_a_warning():
    assert too_large(Answer(1.0, 2_000, 10), available=1_000) is not None
    assert too_large(Answer(1.0, 2_000, 10), available=3_000) is None
    assert too_large(None, available=0) is None
