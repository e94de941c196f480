import json
import os
import pickle
from pathlib import Path

import pytest
import torch
import torchvision.models
from safetensors.torch import save_file

from cnnlab.errors import WeightsError
from cnnlab.models.build import build_model
from cnnlab.models.registry import family_names
from cnnlab.models.weights import freeze_body, load_weights


def state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one: dict, other: dict, names) -> bool:
    return all(torch.equal(one[name], other[name]) for name in names)


@pytest.mark.parametrize("wrapped", [False, True])
def test_torchvisions_weights_load_and_the_head_is_new_if_the_number_of_classes_differs(tmp_path, wrapped):
    theirs = torchvision.models.resnet18().state_dict()
    torch.save({"state_dict": theirs} if wrapped else theirs, tmp_path / "resnet18.pth")
    model = build_model("resnet", preset="resnet18", num_classes=3)
    before = state(model)
    report = load_weights(model, tmp_path / "resnet18.pth")
    assert report.new == ("fc.weight", "fc.bias")
    assert same(state(model), before, report.new)
    assert same(state(model), theirs, report.loaded)
    assert len(report.loaded) == len(theirs) - 2


def test_torchvisions_head_is_kept_if_the_classes_are_the_same(tmp_path):
    theirs = torchvision.models.googlenet(init_weights=False, aux_logits=True).state_dict()
    torch.save(theirs, tmp_path / "googlenet.pth")
    model = build_model("googlenet", preset="googlenet", num_classes=1000)
    report = load_weights(model, tmp_path / "googlenet.pth")
    assert report.new == ()
    assert report.unused and all(name.startswith(("aux1.", "aux2.")) for name in report.unused)


@pytest.mark.parametrize("family", family_names())
def test_all_weights_of_an_earlier_run_are_loaded(tmp_path, family):
    earlier = build_model(family, seed=1)
    save_file(state(earlier), tmp_path / "best.safetensors")
    model = build_model(family, seed=2)
    report = load_weights(model, tmp_path)
    assert report.new == report.unused == ()
    assert same(state(model), state(earlier), state(model))


def test_other_classes_of_the_same_number_get_a_new_head_when_both_are_known(tmp_path):
    earlier = build_model("resnet", seed=1)
    save_file(state(earlier), tmp_path / "best.safetensors", metadata={"classes": json.dumps(["cat", "dog"])})
    model = build_model("resnet", seed=2)
    assert load_weights(model, tmp_path, classes=["cat", "dog"]).new == ()
    assert load_weights(model, tmp_path, classes=["ant", "bee"]).new == ("fc.weight", "fc.bias")
    assert load_weights(model, tmp_path).new == ()


def test_auxiliary_classifiers_missing_from_the_file_keep_their_initial_weights(tmp_path):
    save_file(state(build_model("googlenet", seed=1)), tmp_path / "w.safetensors")
    model = build_model("googlenet", options={"auxiliary": True}, seed=2)
    report = load_weights(model, tmp_path / "w.safetensors")
    assert report.new and all(name.startswith(("aux1.", "aux2.")) for name in report.new)


def test_the_articles_vgg_starts_from_weights_of_another_image_size_with_a_new_head(tmp_path):
    save_file(state(build_model("vgg", preset="article", image_size=64)), tmp_path / "w.safetensors")
    model = build_model("vgg", preset="article", image_size=96)
    report = load_weights(model, tmp_path / "w.safetensors")
    assert report.new and all(name.startswith("classifier.") for name in report.new)
    assert len(report.new) == 6


class Payload:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("way", ["torch.save", "pickle", "inside a state dict", "named safetensors"])
def test_a_malicious_pickle_is_rejected_and_not_executed(tmp_path, way):
    mark = tmp_path / "executed"
    path = tmp_path / ("weights.safetensors" if way == "named safetensors" else "weights.pth")
    if way == "torch.save":
        torch.save(Payload(mark), path)
    elif way == "inside a state dict":
        torch.save({"fc.weight": torch.zeros(2, 2), "fc.bias": Payload(mark)}, path)
    else:
        path.write_bytes(pickle.dumps(Payload(mark)))
    with pytest.raises(WeightsError, match=r"weights\.(pth|safetensors)"):
        load_weights(build_model("resnet"), path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pth", b""),
        ("noise.pth", bytes(range(256)) * 9),
        ("text.pth", b"hello"),
        ("empty.safetensors", b""),
        ("noise.safetensors", bytes(range(255, -1, -1)) * 9),
        ("huge_header.safetensors", (2**60).to_bytes(8, "little") + b"{}"),
        ("weights.bin", b"what"),
        ("cut.pth", None),
        ("list.pth", None),
    ],
)
def test_a_file_without_weights_is_rejected_in_one_sentence_with_its_name(tmp_path, name, content):
    path = tmp_path / name
    if name == "cut.pth":
        torch.save(build_model("resnet").state_dict(), path)
        content = path.read_bytes()[:5000]
    if name == "list.pth":
        torch.save([torch.zeros(2)], path)
    else:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=name) as caught:
        load_weights(build_model("resnet"), path)
    assert "\n" not in str(caught.value)


def test_the_error_names_a_missing_file_and_a_run_without_weights(tmp_path):
    for path in (tmp_path / "nowhere.pth", tmp_path):
        with pytest.raises(WeightsError, match="There is no weights file"):
            load_weights(build_model("resnet"), path)


@pytest.mark.parametrize("fault", ["another net", "a narrower net", "not finite"])
def test_weights_that_do_not_fit_are_rejected_and_leave_the_model_unchanged(tmp_path, fault):
    sources = {
        "another net": build_model("vgg").state_dict(),
        "a narrower net": build_model("resnet", options={"base_width": 8}).state_dict(),
        "not finite": state(build_model("resnet")),
    }
    if fault == "not finite":
        sources[fault]["layer4.1.conv2.weight"][0, 0, 0, 0] = float("nan")
    save_file(sources[fault], tmp_path / "w.safetensors")
    model = build_model("resnet", seed=4)
    before = state(model)
    with pytest.raises(WeightsError, match="choose"):
        load_weights(model, tmp_path / "w.safetensors")
    assert same(state(model), before, before)


@pytest.mark.parametrize("family", family_names())
def test_a_frozen_body_does_not_change_while_the_head_learns(family):
    model = build_model(family, seed=0).train()
    freeze_body(model)
    before = state(model)
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    for _ in range(2):
        model.train()
        torch.nn.functional.cross_entropy(model(torch.randn(4, 3, 64, 64)), torch.tensor([0, 1, 0, 1])).backward()
        optimiser.step()
    changed = {name for name, tensor in state(model).items() if not torch.equal(tensor, before[name])}
    assert changed == {f"{model.head_layers[-1]}.weight", f"{model.head_layers[-1]}.bias"}


def test_a_frozen_body_keeps_auxiliary_logits_in_training_mode():
    model = build_model("googlenet", options={"auxiliary": True})
    freeze_body(model)
    assert isinstance(model.train()(torch.randn(2, 3, 64, 64)), tuple)
