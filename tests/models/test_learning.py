import pytest
import torch

from cnnlab.models import vgg
from cnnlab.models.build import build_model
from cnnlab.models.registry import family_names, preset_names


def two_colours(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Sixteen noisy pictures with either the upper or the lower half bright."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randn(16, 3, size, size, generator=generator)
    labels = torch.arange(16) % 2
    pictures[labels == 0, :, : size // 2] += 1.0
    pictures[labels == 1, :, size // 2 :] += 1.0
    return pictures, labels


def learns(family: str, preset: str, size: int, steps: int = 15, **options: object) -> float:
    """Mean loss of a few steps after some training, in nats."""
    model = build_model(family, preset=preset, image_size=size, options=options, seed=0)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    pictures, labels = two_colours(size)
    losses = []
    for _ in range(steps):
        loss = torch.nn.functional.cross_entropy(model(pictures), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return sum(losses[-3:]) / 3


@pytest.mark.slow
@pytest.mark.parametrize("family", family_names())
def test_small_networks_learn_within_a_few_steps(family):
    dropout = {} if family == "resnet" else {"dropout": 0.0}
    assert learns(family, "small", 32, **dropout) < 0.3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "preset"), [(family, preset) for family in family_names() for preset in preset_names(family)[2:]]
)
def test_every_published_network_learns_with_its_own_initialisation(family, preset, monkeypatch):
    monkeypatch.setitem(vgg.HIDDEN, "published", (512, 512))  # the real ones only take longer
    dropout = {} if family == "resnet" else {"dropout": 0.0}
    assert learns(family, preset, 48, steps=25, base_width=8, **dropout) < 0.4


def spread_of_logits(initialisation: str) -> float:
    """How much the outputs of the article's untrained VGG differ between sixteen pictures."""
    model = build_model("vgg", preset="article", image_size=64, options={"initialisation": initialisation}, seed=0)
    with torch.no_grad():
        return model.eval()(torch.rand(16, 3, 64, 64)).std(dim=0).mean().item()


def test_the_signal_fades_in_the_articles_vgg_with_torchs_initialisation_but_not_with_kaiming():
    assert spread_of_logits("torch") < 1e-4
    assert spread_of_logits("kaiming") > 1e-2
