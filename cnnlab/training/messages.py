"""Words errors for users: pydantic's validation errors as one sentence each, and shared remedies."""

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from cnnlab.errors import ConfigError
from cnnlab.plain_yaml import quoted, shortened


def config_error(error: ValidationError, prefix: str, model: type[BaseModel]) -> ConfigError:
    """The first validation error as a sentence with the setting's path, what was expected, and the value."""
    detail = error.errors()[0]
    path = prefix + ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return ConfigError(unknown_setting(path, [prefix + name for name in model.model_fields]), setting=path)
    if detail["type"] == "missing":
        return ConfigError(f"`{path}` is missing; add it to the configuration.", setting=path)
    expected = detail["msg"].removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return ConfigError(f"`{path or 'configuration'}` {expected} (got {quoted(detail['input'])}).", setting=path)


def unknown_setting(path: str, known: list[str]) -> str:
    """A sentence for a setting that does not exist, with the closest names that do."""
    close = get_close_matches(path, known, n=2)
    remedy = f"did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else f"known: {', '.join(known)}."
    return f"There is no setting `{shortened(path)}`; {remedy}"
