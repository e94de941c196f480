"""Loads weights from disk: torchvision's files, safetensors, or an earlier run. Never executes code from a file.

A `.pth` file is read by torch's restricted unpickler, which accepts only tensors and containers. A run's weights are in
`best.safetensors` in its folder.
"""

import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from cnnlab.errors import WeightsError
from cnnlab.models.blocks import Network
from cnnlab.models.records import WeightsReport

RUN_WEIGHTS: Final = "best.safetensors"
CLASSES_KEY: Final = "classes"  # metadata of a safetensors file: JSON list of class names in the order of the logits
_TORCH_SUFFIXES: Final = (".pth", ".pt")
_WRAPPERS: Final = ("state_dict", "model_state_dict", "model")
_COUNTER: Final = "num_batches_tracked"  # absent from old files; training works without it


@dataclass(frozen=True)
class _WeightsFile:
    tensors: Mapping[str, torch.Tensor]
    classes: tuple[str, ...] | None


def load_weights(model: nn.Module, source: Path, *, classes: Sequence[str] | None = None) -> WeightsReport:
    """Load weights into `model`: the whole body, and the head if its shape and, if both are known, its classes match.

    `source` is a `.pth` / `.pt` state dict, a `.safetensors` file, or a run's folder.

    Raises:
        WeightsError: the file does not fit or is not safe; the model is unchanged.
    """
    assert isinstance(model, Network), "only networks made by build_model have a head and a body"
    path = source / RUN_WEIGHTS if source.is_dir() else source
    file = _read(path)
    own = model.state_dict()
    other_classes = classes is not None and file.classes is not None and tuple(classes) != file.classes
    new = _layers_to_renew(model, own, file.tensors, other_classes)
    wanted = [name for name in own if not _within(name, new)]
    _check_fit(path, model, own, file.tensors, wanted)
    fitting = {name: file.tensors[name] for name in wanted if name in file.tensors}
    for name, tensor in fitting.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise WeightsError(
                f"{path.name} contains values in {name!r} that are not finite, probably from a diverged run; "
                f"choose other weights.",
                file=path,
            )
    model.load_state_dict(fitting, strict=False)
    return WeightsReport(
        loaded=tuple(fitting),
        new=tuple(name for name in own if name not in fitting),
        unused=tuple(name for name in file.tensors if name not in fitting),
    )


def freeze_body(model: nn.Module) -> None:
    """Train only the head: the body's parameters get no gradient and its normalisation keeps its statistics."""
    assert isinstance(model, Network), "only networks made by build_model have a head and a body"
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(model.in_head(name))
    model.frozen_body = True
    model.train(model.training)


def _layers_to_renew(
    model: Network, own: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor], other_classes: bool
) -> tuple[str, ...]:
    """Layers that keep their initial weights: heads from the first mismatch on, and side heads not in the file."""
    new = [side for side in model.side_heads if not any(name.startswith(side + ".") for name in given)]
    differs: dict[str, bool] = {}
    for layer in model.head_layers:
        head = layer.partition(".")[0]  # the layers of one head are adjacent
        last = layer == [other for other in model.head_layers if other.partition(".")[0] == head][-1]
        fits = all(name in given and given[name].shape == own[name].shape for name in own if _within(name, (layer,)))
        differs[head] = differs.get(head, False) or not fits or (other_classes and last)
        if differs[head]:
            new.append(layer)
    return tuple(new)


def _within(name: str, layers: Sequence[str]) -> bool:
    return any(name.startswith(layer + ".") for layer in layers)


def _check_fit(
    path: Path,
    model: Network,
    own: Mapping[str, torch.Tensor],
    given: Mapping[str, torch.Tensor],
    wanted: Sequence[str],
) -> None:
    needed = [name for name in wanted if not name.endswith(_COUNTER)]
    wrong = [name for name in needed if name not in given or given[name].shape != own[name].shape]
    if not wrong:
        return
    name, architecture = wrong[0], model.architecture
    mismatch = f"is {tuple(given[name].shape)} in the file" if name in given else "is not in the file"
    raise WeightsError(
        f"{path.name} does not fit {architecture.family} {architecture.preset}: {len(wrong)} of {len(needed)} tensors "
        f"differ, the first, {name!r}, {mismatch} and should be {tuple(own[name].shape)}; choose the family, preset "
        f"and options with which the weights were made.",
        file=path,
    )


def _read(path: Path) -> _WeightsFile:
    if not path.is_file():
        raise WeightsError(
            f"There is no weights file at {path}; give a .pth or .safetensors file, or a run.", file=path
        )
    if path.suffix.lower() in _TORCH_SUFFIXES:
        return _WeightsFile(_read_torch(path), None)
    if path.suffix.lower() == ".safetensors":
        return _read_safetensors(path)
    raise WeightsError(
        f"{path.name} is not a supported weights file; give a .pth, .pt or .safetensors file.", file=path
    )


def _read_torch(path: Path) -> dict[str, torch.Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path.name} contains more than weights and was not loaded, because it could execute code; "
            f"save only the model's state dict, or use a .safetensors file.",
            file=path,
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise WeightsError(
            f"{path.name} is damaged or was not written by torch.save; copy or download it again.",
            file=path,
        ) from error
    return _state_dict(path, content)


def _state_dict(path: Path, content: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401 - whatever the file held
    for key in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    named = isinstance(content, Mapping) and all(isinstance(name, str) for name in content)
    if not named or not content or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise WeightsError(
            f"{path.name} contains no state dict (a mapping of names to tensors); save model.state_dict() in it.",
            file=path,
        )
    return {name.removeprefix("module."): tensor for name, tensor in content.items()}


def _read_safetensors(path: Path) -> _WeightsFile:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path.name} is damaged or not a safetensors file; copy or download it again.", file=path
        ) from error
    return _WeightsFile(tensors, _classes(metadata))


def _classes(metadata: Mapping[str, str]) -> tuple[str, ...] | None:
    try:
        names = json.loads(metadata[CLASSES_KEY])
    except (KeyError, ValueError):
        return None
    return tuple(map(str, names)) if isinstance(names, list) else None
