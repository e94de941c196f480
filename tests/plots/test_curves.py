import numpy as np
import pytest

from cnnlab.plots.curves import MEASURES, RunCurves, XAxis, curve_figure, curve_text


def line(*values):
    return np.arange(1.0, len(values) + 1), np.array(values, float)


def run(name="resnet-3", family="resnet", **parts):
    parts = parts or {"train": line(1, 0.5, 0.3), "val": line(0.9, 0.4, 0.5), "best": (2.0, 0.4), "best_epoch": 2}
    return RunCurves(run_id=name, label=name, family=family, **parts)


def traces(figure):
    return {trace.uid: trace for trace in figure.data}


def test_training_is_thin_and_validation_thick_in_the_family_colour():
    shown = traces(curve_figure([run()], MEASURES["loss"]))
    assert shown["resnet-3.train"].line.width < shown["resnet-3.val"].line.width
    assert shown["resnet-3.train"].line.color == shown["resnet-3.val"].line.color == "#00805E"


def test_the_raw_line_is_faint_behind_the_smoothed_one():
    figure = curve_figure([run(train=line(1, 0.8), raw=line(1, 0.5))], MEASURES["loss"])
    assert [trace.uid for trace in figure.data][:2] == ["resnet-3.raw", "resnet-3.train"]
    assert figure.data[0].opacity < 0.5


def test_the_best_epoch_has_a_ring():
    ring = traces(curve_figure([run()], MEASURES["loss"]))["resnet-3.best"]
    assert (ring.x[0], ring.y[0], ring.marker.symbol) == (2.0, 0.4, "circle-open")


def test_up_to_six_runs_have_names_at_the_line_ends():
    six = [run(f"run-{number}") for number in range(6)]
    assert [label.text for label in curve_figure(six, MEASURES["loss"]).layout.annotations] == [
        run.label for run in six
    ]
    assert not curve_figure([*six, run("seventh")], MEASURES["loss"]).layout.annotations


@pytest.mark.parametrize("axis", list(XAxis))
def test_axes_have_their_units(axis):
    figure = curve_figure([run()], MEASURES["accuracy"], x_axis=axis)
    assert figure.layout.yaxis.title.text == "accuracy (%)"
    assert figure.layout.xaxis.title.text == {"epochs": "epoch", "steps": "optimiser step"}.get(
        axis, "training time (min)"
    )


def test_a_logarithmic_axis_places_names_by_the_logarithm():
    figure = curve_figure([run(train=line(1, 0.01))], MEASURES["loss"], log_y=True)
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.annotations[0].y == pytest.approx(-2)


def test_changing_an_axis_resets_its_zoom_but_not_the_others():
    first, second = (
        curve_figure([run()], MEASURES["loss"], x_axis=axis).layout for axis in (XAxis.EPOCHS, XAxis.STEPS)
    )
    assert first.xaxis.uirevision != second.xaxis.uirevision
    assert first.yaxis.uirevision == second.yaxis.uirevision


def test_a_figure_without_points_says_so():
    assert curve_figure([run(train=line())], MEASURES["loss"]).layout.annotations[0].text == "No points yet"
    assert curve_text([run(train=line())], MEASURES["loss"]) == "No loss yet."


def test_the_text_names_the_best_run_first():
    runs = [run("vgg-1", "vgg", val=line(0.5), best=(1, 0.35), best_epoch=4), run()]
    text = curve_text(runs, MEASURES["loss"])
    assert text == (
        "Validation loss of 2 runs: resnet-3 0.4 at its best epoch, 2; vgg-1 0.35 at its best epoch, 4."
    ) or text.index("vgg-1") < text.index("resnet-3")
    assert curve_text([run(train=line(50, 90))], MEASURES["accuracy"]) == "Training accuracy of one run: resnet-3 90 %."


def test_small_figures_have_no_names():
    figure = curve_figure([run()], MEASURES["learning_rate"], is_small=True)
    assert not figure.layout.annotations and figure.layout.meta["legend"] is False
    assert figure.layout.title.text == "learning rate"


def test_backgrounds_are_transparent():
    figure = curve_figure([run()], MEASURES["loss"])
    assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"
