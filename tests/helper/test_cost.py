from pathlib import Path

import pytest

from cnnlab.helper.cost import measure
from cnnlab.training.recipes import make_config


@pytest.mark.slow
def test_cost_grows_with_epochs_and_pictures() -> None:
    settings = {"pipeline.image_size": 32, "compute.device": "cpu", "compute.threads": 1, "training.epochs": 4}
    config = make_config(data=Path("x"), family="resnet", settings=settings)
    cost = measure(config, num_classes=3, train=200, val=40)
    assert cost.seconds == pytest.approx(4 * cost.epoch_seconds)
    assert 0 < cost.sampling_seconds < cost.seconds
    assert cost.memory_bytes > 4 * cost.parameters
    assert measure(config, num_classes=3, train=20_000, val=0).epoch_seconds > cost.epoch_seconds
