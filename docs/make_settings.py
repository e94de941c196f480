"""Writes docs/settings.md from the descriptions of all settings: `python -m docs.make_settings`."""

from collections.abc import Sequence

from cnnlab.parameters import Parameter, format_value
from cnnlab.training.settings import groups
from cnnlab.workspace import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "settings.md"
INTRODUCTION = """# Settings

Generated from the code by `python -m docs.make_settings`. `cnnlab train --set name=value` changes settings of a run by
their path and options of the network by their name; `--config` reads all of them from a file. Recipes and presets have
defaults of their own, which take precedence over those given here.
"""


def page() -> str:
    """The whole page."""
    sections = (_section(title, parameters) for title, parameters in groups().items() if parameters)
    return "\n".join((INTRODUCTION, *sections))


def _section(title: str, parameters: Sequence[Parameter]) -> str:
    head = f"## {title}\n\n| name | value | default | meaning |\n|---|---|---|---|\n"
    return head + "".join(f"{_row(parameter)}\n" for parameter in parameters)


def _row(parameter: Parameter) -> str:
    explained = f"{parameter.help} {parameter.effect}".strip().replace("\n", " ").replace("|", "\\|")
    return f"| `{parameter.name}` | {parameter.expected} | {format_value(parameter.default)} | {explained} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
