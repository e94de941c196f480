"""Helper calls that classify and explain pictures. The records need no torch.

Recently used networks stay loaded, up to `KEPT_BYTES`; if the weights of a run have changed, they are reloaded.
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

MAX_RUNS: Final = 6
KEPT_BYTES: Final = 1_000_000_000
"""The article's VGG and ResNet take about 500 MB each, so of six such runs two stay loaded."""


@dataclass(frozen=True, kw_only=True)
class RunPredictions:
    """The predictions of one run for each picture, in order; `error` tells why the run could not be used at all."""

    run_id: str
    name: str
    predictions: tuple[Prediction, ...] = ()
    error: str | None = None

    def only(self, index: int) -> "RunPredictions":
        """The run's prediction for one of the pictures."""
        return replace(self, predictions=self.predictions[index : index + 1])


@dataclass(frozen=True, kw_only=True)
class NetworkInput:
    """A picture as a run's network gets it: a PNG, pixel for pixel, and its box in shares of the original."""

    png: bytes
    side: int
    box: Box | None


@dataclass(frozen=True, kw_only=True)
class Heat:
    """Where a run saw a class. `heat` is an RGBA PNG of the input's size; `overlay.overlay` lays it over the input.

    `layer` is the module that was analysed, `stride` the distance of its cells in pixels of the input. If nothing in
    the picture supports the class, `is_seen` is false and the heat is transparent.
    """

    run_id: str
    label: str
    is_seen: bool
    layer: str
    stride: int
    input: NetworkInput
    heat: bytes


def predict(run_ids: Sequence[str], sources: Sequence[Source], *, workspace: Workspace) -> tuple[RunPredictions, ...]:
    """The probabilities that up to six runs give each picture, each run with its own preprocessing.

    A picture that cannot be read gets an error instead, and so does a run without weights; the others are unaffected.
    """
    from cnnlab.analysis import prediction

    results = []
    for run_id in run_ids[:MAX_RUNS]:
        name = run_id
        try:
            run = _store(workspace).runs.get(run_id)
            name = run.name
            trained = _trained(workspace, run)
            predictions = tuple(prediction.predict(trained, sources))
            results.append(RunPredictions(run_id=run_id, name=name, predictions=predictions))
        except CnnLabError as error:
            results.append(RunPredictions(run_id=run_id, name=name, error=str(error)))
    return tuple(results)


def explain(run_id: str, source: Source, *, label: str, workspace: Workspace) -> Heat:
    """Grad-CAM of one class.

    Raises:
        PictureError: the picture cannot be decoded.
        WeightsError: the run has no weights.
        UsageError: the run has no such class.
    """
    from cnnlab.analysis import explanation
    from cnnlab.plots.overlay import heat_png

    trained = _trained(workspace, _store(workspace).runs.get(run_id))
    explained = explanation.explain(trained, source, label=label)
    return Heat(
        run_id=run_id,
        label=label,
        is_seen=explained.is_seen,
        layer=explained.layer,
        stride=explained.stride,
        input=_network_input(trained, source),
        heat=heat_png(explained.heat),
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
    """The run's network, loaded unless it is still cached with the same weights; the least recently used go first."""
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
