"""Commands about networks and settings: `inspect`, `settings`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from cnnlab.cli.options import option
from cnnlab.cli.output import JsonOption, console, print_json, short_number, table
from cnnlab.parameters import Parameter, format_value
from cnnlab.training.settings import groups


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    app.command(name="inspect")(inspect_architecture)
    app.command()(settings)


def inspect_architecture(
    family: Annotated[str, option("architecture.family")],
    preset: Annotated[str, typer.Option(help="small, article, or a published network such as resnet50.")] = "small",
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="An option of the architecture as name=value; may be repeated.")
    ] = None,
    image_size: Annotated[int | None, option("pipeline.image_size")] = None,
    classes: Annotated[int, typer.Option(min=1, max=100_000, help="Number of classes.")] = 2,
    is_json: JsonOption = False,
) -> None:
    """Trace a network without training it: layers, output shapes, parameters, FLOPs, receptive field."""
    from cnnlab.models.inspection import inspect_model
    from cnnlab.training.recipes import parse_setting

    options = dict(parse_setting(text) for text in changes or ())
    inspection = inspect_model(family, preset=preset, options=options, image_size=image_size, num_classes=classes)
    if is_json:
        print_json({"family": family, "preset": preset, **asdict(inspection)})
        return
    out = console()
    rows = [
        (layer.name, layer.type, "x".join(map(str, layer.output_shape)), short_number(layer.parameters))
        for layer in inspection.layers
    ]
    out.print(table(f"{family} {preset}", ("layer", "type", "output shape", "parameters"), rows))
    out.print(
        f"\n{short_number(inspection.parameters)} parameters, {short_number(inspection.flops)} FLOPs per picture, "
        f"receptive field {inspection.receptive_field} px, smallest input {inspection.smallest_input} px"
    )


def settings(
    words: Annotated[list[str] | None, typer.Argument(help="Show only those that contain every word.")] = None,
    is_json: JsonOption = False,
) -> None:
    """List what can be set by `train --set` or in a configuration: settings, options of each family, pipeline steps."""
    matches = {
        title: [item for item in parameters if _contains(words or (), f"{title} {item.name} {item.title} {item.help}")]
        for title, parameters in groups().items()
    }
    if is_json:
        print_json({title: [_as_json(item) for item in parameters] for title, parameters in matches.items()})
        return
    out = console()
    for title, parameters in matches.items():
        rows = [(item.name, item.expected, format_value(item.default), item.help) for item in parameters]
        if rows:
            out.print(table(f"\n{title}", ("name", "allowed", "default", "description"), rows))
    if not any(matches.values()):
        out.print("No settings match.")


def _contains(words: Sequence[str], text: str) -> bool:
    return all(word.lower() in text.lower() for word in words)


def _as_json(parameter: Parameter) -> dict[str, object]:
    names = ("name", "title", "type", "default", "low", "high", "choices", "unit", "optional", "help", "effect")
    return {name: getattr(parameter, name) for name in names}
