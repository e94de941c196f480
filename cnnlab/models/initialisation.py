"""Initial weights, keyed by seed, position in the network and shape: networks that differ in one option share them.

Each tensor has a generator of its own. Switching on batch normalisation, a 1x1 convolution or a skip connection does
not change the initial weights of the other layers, so two such networks differ only by the switch.
"""

import hashlib
from collections.abc import Mapping
from typing import Final, Literal

import torch
from torch import nn

from cnnlab.models.blocks import Network

# The nonlinearity and slope for torch's gain, which compensates for the activation; smooth ReLUs count as ReLU.
_GAINS: Final[Mapping[str, tuple[Literal["relu", "leaky_relu", "tanh"], float]]] = {
    "leaky_relu": ("leaky_relu", 0.01),
    "tanh": ("tanh", 0.0),
}


def initialise(network: Network, scheme: str, activation: str, *, seed: int | None = None) -> None:
    """Initialise all weights by PyTorch's default, or by He's or Glorot's scheme except for the head's last layer.

    The last layer always keeps PyTorch's small weights, so that training starts near equal probabilities. With a seed,
    torch's generator is not changed; without one, the seed is taken from it.
    """
    chosen = int(torch.empty((), dtype=torch.int64).random_()) if seed is None else seed
    with torch.random.fork_rng(devices=[]):
        for name, module in network.named_modules():
            if hasattr(module, "reset_parameters"):
                _initialise_layer(network, name, module, scheme, activation, chosen)
    network.after_initialisation()


def _initialise_layer(network: Network, name: str, module: nn.Module, scheme: str, activation: str, seed: int) -> None:
    weight = getattr(module, "weight", None)
    if weight is None:
        return
    key = _key(seed, network.role(name), tuple(weight.shape))
    torch.manual_seed(key)
    module.reset_parameters()  # type: ignore[operator]  # the weight first: a bias after it does not change it
    if scheme == "torch" or not isinstance(module, nn.Conv2d | nn.Linear):
        return
    if name != network.head_layers[-1]:
        torch.manual_seed(key)
        _scale(module.weight, scheme, activation)
    if module.bias is not None:
        nn.init.zeros_(module.bias)


def _scale(weight: torch.Tensor, scheme: str, activation: str) -> None:
    nonlinearity, slope = _GAINS.get(activation, ("relu", 0.0))
    if scheme == "kaiming":
        # fan_in preserves the signal's scale in the forward pass, even where the channels double
        nn.init.kaiming_normal_(weight, a=slope, nonlinearity=nonlinearity)
    else:
        nn.init.xavier_normal_(weight)


def _key(seed: int, role: str, shape: tuple[int, ...]) -> int:
    """The seed of one tensor, the same on every machine."""
    text = f"{seed}|{role}|{shape}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) >> 1
