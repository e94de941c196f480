from dataclasses import replace

import pytest

from cnnlab.plots.article import ArticleCurve, article_figure
from cnnlab.plots.bars import class_bars, class_bars_text, probability_bars, probability_text
from cnnlab.plots.confusion import confusion_figure, confusion_text
from cnnlab.plots.labels import sides_of_labels
from cnnlab.plots.scatter import RunPoint, cost_figure, cost_text

COUNTS = {"poodle": {"train": 16, "val": 4}, "siamese_cat": {"train": 15, "val": 4}}
POINTS = [
    RunPoint(run_id="a", label="vgg-1", family="vgg", cost=1.59e6, accuracy=0.863, low=0.8, high=0.91),
    RunPoint(run_id="b", label="resnet-3", family="resnet", cost=2.5e7, accuracy=0.941),
]


def test_bars_show_each_part_that_has_pictures():
    figure = class_bars(COUNTS)
    assert [(bar.name, list(bar.x)) for bar in figure.data] == [("training", [16, 15]), ("validation", [4, 4])]
    assert class_bars_text(COUNTS) == "39 pictures in 2 classes: most in poodle (20), fewest in siamese_cat (19)."


def test_bars_grow_with_the_number_of_classes():
    many = {f"class {number}": {"train": 1} for number in range(100)}
    assert class_bars(many).layout.height > 20 * 100


def test_the_true_class_has_a_check_mark():
    figure = probability_bars([("poodle", 0.9), ("siamese_cat", 0.1)], truth="poodle")
    assert list(figure.data[0].y) == ["poodle ✓", "siamese_cat"]
    assert probability_text([("poodle", 0.9)]) == "Probabilities: poodle 90.0 %."


def test_confusion_is_coloured_by_the_share_of_the_row():
    figure = confusion_figure([[18, 2], [5, 15]], ["poodle", "siamese_cat"])
    assert [list(row) for row in figure.data[0].z] == [[90, 10], [25, 75]]
    assert confusion_text([[18, 2], [5, 15]], ["poodle", "siamese_cat"]) == (
        "Confusion matrix of 2 classes: 33 of 40 pictures right. "
        "Most common mistake: siamese_cat mistaken for poodle, 5 times."
    )


def test_a_class_without_pictures_does_not_divide_by_zero():
    assert list(confusion_figure([[0, 0], [1, 1]], ["a", "b"]).data[0].z[0]) == [0, 0]


def test_a_hundred_classes_fit_on_a_screen_without_counts_in_the_cells():
    matrix = [[int(row == column) for column in range(100)] for row in range(100)]
    figure = confusion_figure(matrix, [f"class {number}" for number in range(100)])
    assert figure.layout.height <= 840 and len(figure.data) == 1
    assert len(figure.layout.xaxis.tickvals) <= 50


def test_the_cost_figure_shows_intervals_if_there_are_any():
    with_interval, without = cost_figure(POINTS, cost_title="parameters").data
    assert with_interval.error_y.array is not None and without.error_y.array is None
    assert cost_text(POINTS, cost_title="parameters").startswith(
        "Validation accuracy against parameters: resnet-3 94.1 %"
    )


def test_counts_are_written_into_the_cells_of_a_small_matrix():
    counts = confusion_figure([[18, 2], [5, 15]], ["poodle", "siamese_cat"]).data[1]
    assert list(zip(counts.x, counts.y, counts.text, strict=True)) == [
        (0, 0, "18"),
        (1, 0, "2"),
        (0, 1, "5"),
        (1, 1, "15"),
    ]


def test_long_class_names_keep_both_ends_and_stay_distinct():
    names = [f"a very long name of a class that goes on, number {number}" for number in range(100, 130)]
    matrix = [[0] * 30 for _ in range(30)]
    told = confusion_figure(matrix, names).layout.yaxis.ticktext
    assert len(set(told)) == 30 and max(map(len, told)) <= 16


@pytest.mark.parametrize(("highest", "kind"), [(1.9e6, "linear"), (2.5e7, "log")])
def test_the_cost_axis_is_logarithmic_only_if_costs_differ_more_than_tenfold(highest, kind):
    points = [POINTS[0], replace(POINTS[1], cost=highest)]
    axis = cost_figure(points, cost_title="parameters").layout.xaxis
    assert axis.type == kind
    low, high = (10**end if kind == "log" else end for end in axis.range)
    assert low < POINTS[0].cost and highest < high


def test_a_single_run_is_inside_the_axes():
    figure = cost_figure([replace(POINTS[0], low=None, high=None)], cost_title="parameters")
    low, high = figure.layout.xaxis.range
    assert low < POINTS[0].cost < high


def test_labels_avoid_each_other_and_the_edges():
    assert sides_of_labels([(0.1, 0.5), (0.9, 0.5)], ["a run", "another run"]) == ["middle right", "middle left"]
    beside = sides_of_labels([(0.3, 0.5), (0.4, 0.5)], ["a run with a name", "another with a name"])
    assert beside[0] != "middle right"


def test_a_single_value_of_the_articles_plot_has_an_axis_that_starts_with_it():
    axis = article_figure([ArticleCurve("a", "vgg-1", "vgg", [1.5])]).layout.xaxis
    assert -1 < axis.range[0] < 0 < axis.range[1]
