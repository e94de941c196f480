"""What runs see in pictures and where, asked of the helper process. The records need no torch.

Networks that were asked lately stay loaded, as many as `KEPT_BYTES` hold; a run whose weights changed is loaded anew.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cnnlab.analysis.records import Prediction
from cnnlab.data.boxes import Box, evaluation_view
from cnnlab.errors import CnnLabError
from cnnlab.workspace import Workspace

if TYPE_CHECKING:
    from cnnlab.analysis.prediction import TrainedModel
    from cnnlab.store.records import RunRecord
    from cnnlab.store.store import Store

Source = Path | bytes

MOST_RUNS: Final = 6
KEPT_BYTES: Final = 1_000_000_000
"""The article's VGG and ResNet take about 500 MB each: with six runs of that kind, two stay."""


@dataclass(frozen=True, kw_only=True)
class RunPredictions:
    """What one run says of each picture, in order; `error` says why it could not be asked at all."""

    run_id: str
    name: str
    predictions: tuple[Prediction, ...] = ()
    error: str | None = None

    def only(self, place: int) -> "RunPredictions":
        """What the run says of one of the pictures."""
        return replace(self, predictions=self.predictions[place : place + 1])


@dataclass(frozen=True, kw_only=True)
class NetworkInput:
    """A picture as a run's network gets it: PNG, pixel for pixel, and what part of the original (shares) it is."""

    png: bytes
    side: int
    box: Box | None


@dataclass(frozen=True, kw_only=True)
class Heat:
    """Where one run saw one class. `heat` is an RGBA PNG of the input's size; `overlay.overlay` lays it over the input.

    `layer` is the module that was looked at, `stride` the input's pixels between its cells. Where nothing speaks for
    the class, `is_seen` is false and the heat is without colour.
    """

    run_id: str
    label: str
    is_seen: bool
    layer: str
    stride: int
    input: NetworkInput
    heat: bytes


def predict(run_ids: Sequence[str], sources: Sequence[Source], *, workspace: Workspace) -> tuple[RunPredictions, ...]:
    """Probabilities of each picture by each of up to six runs, each with its own pre-processing.

    A picture that cannot be read has an error in its place, and so has a run without weights; the others go on.
    """
    from cnnlab.analysis import prediction

    found = []
    for run_id in run_ids[:MOST_RUNS]:
        name = run_id
        try:
            run = _store(workspace).runs.get(run_id)
            name = run.name
            trained = _trained(workspace, run)
            predictions = tuple(prediction.predict(trained, sources))
            found.append(RunPredictions(run_id=run_id, name=name, predictions=predictions))
        except CnnLabError as error:
            found.append(RunPredictions(run_id=run_id, name=name, error=str(error)))
    return tuple(found)


def explain(run_id: str, source: Source, *, label: str, workspace: Workspace) -> Heat:
    """Grad-CAM of one class.

    Raises:
        PictureError: the picture cannot be decoded.
        UsageError: the run has no weights or knows no such class.
    """
    from cnnlab.analysis import explanation
    from cnnlab.plots.overlay import heat_png

    trained = _trained(workspace, _store(workspace).runs.get(run_id))
    found = explanation.explain(trained, source, label=label)
    return Heat(
        run_id=run_id,
        label=label,
        is_seen=found.is_seen,
        layer=found.layer,
        stride=found.stride,
        input=_network_input(trained, source),
        heat=heat_png(found.heat),
    )


def _network_input(trained: "TrainedModel", source: Source) -> NetworkInput:
    import io

    from cnnlab.data.decoding import decode_with_size
    from cnnlab.helper.augment import image_of

    prepared = trained.prepare(source)  # (3, S, S)
    size = decode_with_size(source, short_side=trained.augmentation.short_side)
    data = io.BytesIO()
    image_of(prepared).save(data, "PNG")
    return NetworkInput(
        png=data.getvalue(),
        side=prepared.shape[-1],
        box=evaluation_view(trained.pipeline, size.width, size.height).box,
    )


_kept: Final[OrderedDict[tuple[object, ...], "TrainedModel"]] = OrderedDict()
_stores: Final[dict[Workspace, "Store"]] = {}


def _store(workspace: Workspace) -> "Store":
    from cnnlab.store.store import Store

    if workspace not in _stores:
        _stores[workspace] = Store.open(workspace)
    return _stores[workspace]


def _trained(workspace: Workspace, run: "RunRecord") -> "TrainedModel":
    """The run's network, loaded unless it is still there with the same weights; the least recently asked go first."""
    from cnnlab.analysis.prediction import load_trained
    from cnnlab.runs.housekeeping import run_folder

    store = _store(workspace)
    weights = run_folder(store, run).weights()
    key = (workspace, run.run_id, weights, weights and weights.stat().st_mtime_ns)
    if key not in _kept:
        _kept[key] = load_trained(store, run)
        while sum(map(_bytes, _kept.values())) > KEPT_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def _bytes(trained: "TrainedModel") -> int:
    tensors = trained.module.state_dict().values()
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
