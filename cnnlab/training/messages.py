"""Turns pydantic's findings into the one sentence that a person gets; knows no setting by name."""

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from cnnlab.errors import ConfigError
from cnnlab.plain_yaml import quoted, shortened


def config_error(error: ValidationError, prefix: str, model: type[BaseModel]) -> ConfigError:
    """The first finding as a sentence that names the setting by its path, the value and what was expected."""
    finding = error.errors()[0]
    path = prefix + ".".join(str(part) for part in finding["loc"])
    if finding["type"] == "extra_forbidden":
        return ConfigError(unknown_setting(path, [prefix + name for name in model.model_fields]))
    if finding["type"] == "missing":
        return ConfigError(f"`{path}` is missing; a configuration has to name it.")
    expected = finding["msg"].removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return ConfigError(f"`{path or 'configuration'}` {expected} (got {quoted(finding['input'])}).")


def unknown_setting(path: str, known: list[str]) -> str:
    """Says that no setting has this path, with the nearest ones that do."""
    near = get_close_matches(path, known, n=2)
    remedy = f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else f"known: {', '.join(known)}."
    return f"No setting is called `{shortened(path)}`; {remedy}"
