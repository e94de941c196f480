"""A new family takes a network, a description and a line in the registry; everything else follows from them."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from cnnlab.analysis.comparison import compare
from cnnlab.analysis.explanation import explain
from cnnlab.analysis.prediction import load_trained
from cnnlab.cli.app import run
from cnnlab.helper import front
from cnnlab.models import registry
from cnnlab.models.blocks import GlobalAveragePool, Network
from cnnlab.models.descriptions.family import BATCH_NORM, INITIALISATION, FamilySpec, PresetSpec, base_width
from cnnlab.models.geometry import Window
from cnnlab.models.inspection import inspect_model
from cnnlab.plots.diagram import graphviz
from cnnlab.plots.diagram_parts import by_blocks
from cnnlab.store.store import Store
from cnnlab.ui import keys


class Plain(Network):
    """Three convolutions of stride 2."""

    def __init__(self, *, base_width: int, batch_norm: bool, num_classes: int, last_map: int) -> None:
        super().__init__()
        widths = (3, base_width, 2 * base_width, 4 * base_width)
        blocks = [
            nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b) if batch_norm else nn.Identity(), nn.ReLU())
            for a, b in pairwise(widths)
        ]
        self.features, self.pool, self.head = (
            nn.Sequential(*blocks),
            GlobalAveragePool(),
            nn.Linear(widths[-1], num_classes),
        )
        self.titles = {f"features.{index}": (f"block {index + 1}",) for index in range(3)} | {"head": ("head",)}
        self.feature_layers, self.head_layers = (("features.1", 4), ("features.2", 8)), ("head",)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(torch.flatten(self.pool(self.features(images)), 1))


PLAIN = FamilySpec(
    name="plain", title="Plain", help="Three convolutions.", idea="three layers", tour="three layers and no more",
    colours=("#6B4C00", "#E0C080"), mark="star", sign=":orange[★]", history="Made for a test.", sources=(),
    network=f"{__name__}:Plain",
    options=(base_width(8, 4, "Channels of the first block."), BATCH_NORM, INITIALISATION),
    presets=(PresetSpec(name="small", title="Small", help="The only one.", image_size=32, options={}),),
    windows=lambda _: (Window(3, 2, 1),) * 3, windows_after_norm=0, invalid_reason=lambda _: None,
)  # fmt: skip


@pytest.mark.slow
def test_a_fourth_family_works_everywhere(open_page, picture_folder, workspace, monkeypatch):
    monkeypatch.setitem(registry.FAMILIES, "plain", PLAIN)
    monkeypatch.setattr(front, "ask", lambda function, *values, **named: function(*values, **named))
    for family in ("plain", "vgg"):
        options = ["--epochs", "2", "--image-size", "32", "--set", "base_width=4", "--set", "compute.threads=1"]
        assert run(["train", "--data", str(picture_folder), "--family", family, *options]) == 0
    store = Store.open(workspace)
    other, plain = store.runs.list()
    assert (plain.family, compare([plain, other]).comparable) == ("plain", True)
    explanation = explain(load_trained(store, plain), next(picture_folder.rglob("*.png")), label="red")
    assert len(explanation.heat) > 0
    diagram = graphviz(by_blocks(inspect_model("plain")), family="plain", direction="across", is_dark=False)
    assert "block 2" in diagram
    page = open_page("architecture")
    page.button(key=keys.architecture_family("plain")).click().run()
    assert page.number_input(key=keys.architecture_option("plain", "base_width")).value == 8
    for name in ("train", "compare", "predict"):
        assert not open_page(name).exception
