"""Commands about what can be chosen: `inspect`, `settings`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from cnnlab.cli.options import option
from cnnlab.cli.output import JsonOption, console, print_json, short_number, table
from cnnlab.parameters import Parameter, shown
from cnnlab.training.settings import groups


def add_to(app: typer.Typer) -> None:
    """Give `app` the commands of this file."""
    app.command(name="inspect")(inspect_architecture)
    app.command()(settings)


def inspect_architecture(
    family: Annotated[str, option("architecture.family")],
    preset: Annotated[str, typer.Option(help="small, article, or a published net such as resnet50.")] = "small",
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
    found = inspect_model(family, preset=preset, options=options, image_size=image_size, num_classes=classes)
    if is_json:
        print_json({"family": family, "preset": preset, **asdict(found)})
        return
    out = console()
    rows = [
        (layer.name, layer.type, "x".join(map(str, layer.output_shape)), short_number(layer.parameters))
        for layer in found.layers
    ]
    out.print(table(f"{family} {preset}", ("layer", "type", "output shape", "parameters"), rows))
    out.print(
        f"\n{short_number(found.parameters)} parameters, {short_number(found.flops)} FLOPs a picture, "
        f"receptive field {found.receptive_field} px, smallest input {found.smallest_input} px"
    )


def settings(
    words: Annotated[list[str] | None, typer.Argument(help="Show those only that contain every word.")] = None,
    is_json: JsonOption = False,
) -> None:
    """List what `train --set` and a configuration can hold: settings, options of each family, steps of a pipeline."""
    found = {
        title: [one for one in parameters if _contains(words or (), f"{title} {one.name} {one.title} {one.help}")]
        for title, parameters in groups().items()
    }
    if is_json:
        print_json({title: [_as_json(one) for one in parameters] for title, parameters in found.items()})
        return
    out = console()
    for title, parameters in found.items():
        rows = [(one.name, one.expected, shown(one.default), one.help) for one in parameters]
        if rows:
            out.print(table(f"\n{title}", ("name", "may be", "default", "what it is"), rows))
    if not any(found.values()):
        out.print("Nothing is called so.")


def _contains(words: Sequence[str], text: str) -> bool:
    return all(word.lower() in text.lower() for word in words)


def _as_json(parameter: Parameter) -> dict[str, object]:
    names = ("name", "title", "type", "default", "low", "high", "choices", "unit", "optional", "help", "effect")
    return {name: getattr(parameter, name) for name in names}
