"""Networks as diagrams: what is shown of each family, and the notation."""

import pytest

from cnnlab.models.geometry import Window
from cnnlab.models.inspection import inspect_model
from cnnlab.models.registry import FAMILIES
from cnnlab.plots.diagram import diagram_text, graphviz
from cnnlab.plots.diagram_parts import by_blocks, by_layers, part_names
from cnnlab.plots.formula import formula_text, layer_formula


@pytest.mark.parametrize(
    ("family", "preset"), [(family.name, preset.name) for family in FAMILIES.values() for preset in family.presets]
)
def test_the_diagram_of_every_preset_is_complete_and_small_enough_to_read(family, preset):
    inspection = inspect_model(family, preset=preset)
    graph = by_blocks(inspection)
    names = {node.name for node in graph.nodes}
    assert len(graph.nodes) <= 56
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} == names
    for diagram in (graph, by_layers(inspection)):
        ends = {edge.source for edge in diagram.edges} | {edge.target for edge in diagram.edges}
        assert ends == {node.name for node in diagram.nodes}
    assert graphviz(graph, family=family, direction="across", is_dark=True).count("->") == len(graph.edges)


def test_an_inception_module_has_four_branches_that_are_joined():
    inspection = inspect_model("googlenet")
    inside = by_layers(inspection, "inception 3a")
    join = next(node for node in inside.nodes if node.kind == "join")
    assert sum(edge.target == join.name for edge in inside.edges) == 4
    assert [node.title for node in inside.nodes if node.kind == "end"] == ["stem", "inception 3b"]
    assert "9 concatenations" in diagram_text(by_blocks(inspection), inspection)


def test_auxiliary_classifiers_branch_off():
    inspection = inspect_model("googlenet", options={"auxiliary": True})
    graph = by_blocks(inspection)
    assert sum(edge.kind == "auxiliary" for edge in graph.edges) == 2
    assert "dashed" in graphviz(graph, family="googlenet", direction="down", is_dark=False)


def test_skips_go_around_their_blocks_and_disappear_when_switched_off():
    with_skips = by_blocks(inspect_model("resnet"))
    assert sum(node.title == "+" for node in with_skips.nodes) == 8
    assert any(edge.kind == "skip" for edge in with_skips.edges)
    plain = by_blocks(inspect_model("resnet", options={"skip": False}))
    assert not any(edge.kind == "skip" for edge in plain.edges)


def test_equal_blocks_of_a_deep_network_are_shown_once():
    titles = [node.title for node in by_blocks(inspect_model("resnet", options={"depth": 152})).nodes]
    assert "35 x block" in titles


def test_part_names_are_in_order():
    assert part_names(inspect_model("resnet"))[:2] == ("stem", "stage 1")


def test_the_formula_is_written_with_the_layers_own_numbers():
    assert formula_text(64, Window(3, 1, 1)) == "(64 + 2·1 - 3) / 1 + 1 = 64"
    assert formula_text(224, Window(7, 2, 3)).endswith("= 112.5, rounded down: 112")
    layers = inspect_model("googlenet").layers
    for layer in layers:
        formula = layer_formula(layer)
        if formula is not None:
            assert formula.endswith(f" {layer.output_shape[1]}")


def test_equal_blocks_of_a_deep_stage_are_shown_once_in_a_frame_with_their_number():
    inside = by_layers(inspect_model("resnet", options={"depth": 50}), "stage 3")
    assert list(dict.fromkeys(node.part for node in inside.nodes if node.part)) == ["block 1", "5 x block"]
    names = {node.name for node in inside.nodes}
    assert {end for edge in inside.edges for end in (edge.source, edge.target)} == names
