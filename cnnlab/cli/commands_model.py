"""Commands about architectures: `inspect`."""

from dataclasses import asdict
from typing import Annotated

import typer

from cnnlab.cli.output import JsonOption, console, print_json, short_number, table


def add_to(app: typer.Typer) -> None:
    """Give `app` the commands of this file."""
    app.command(name="inspect")(inspect_architecture)


def inspect_architecture(
    family: Annotated[str, typer.Option(help="vgg, googlenet or resnet.", show_default=False)],
    preset: Annotated[str, typer.Option(help="small, article, or a published net such as resnet50.")] = "small",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="An option of the architecture as name=value; may be repeated.")
    ] = None,
    image_size: Annotated[int | None, typer.Option(min=1, help="Side of the square input in pixels.")] = None,
    classes: Annotated[int, typer.Option(min=1, max=100_000, help="Number of classes.")] = 2,
    is_json: JsonOption = False,
) -> None:
    """Trace a network without training it: layers, output shapes, parameters, FLOPs, receptive field."""
    from cnnlab.models.inspection import inspect_model
    from cnnlab.training.recipes import parse_setting

    options = dict(parse_setting(text) for text in settings or ())
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
