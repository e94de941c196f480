import pytest
import torch

from cnnlab.errors import ConfigError
from cnnlab.training.device import default_threads, resolve_compute, resolve_device


def test_a_resolved_configuration_names_device_and_threads(lab):
    config = resolve_compute(lab.config(**{"compute.device": "auto", "compute.threads": None}))
    assert config.compute.device in ("cpu", "cuda:0", "mps") and config.compute.threads == default_threads()
    assert resolve_compute(config) == config


def test_an_unavailable_device_is_rejected(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="cuda is not available"):
        resolve_device("cuda")


def test_a_gpu_is_found_by_its_number(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [resolve_device(name) for name in ("auto", "cuda", "cuda:1")] == ["cuda:0", "cuda:0", "cuda:1"]
    with pytest.raises(ConfigError, match="CUDA devices found: 2"):
        resolve_device("cuda:2")
