"""A small text cannot fill the memory: YAML is read within limits, and messages quote values only in part."""

import pytest

from cnnlab.data.pipeline import Pipeline
from cnnlab.errors import ConfigError
from cnnlab.plain_yaml import quoted, read_yaml, write_yaml
from cnnlab.training.config import RunConfig
from cnnlab.training.recipes import parse_value

BILLION = "a0: &a0 [x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 8)}]\n" for number in range(1, 9)
)
READERS = (Pipeline.from_yaml, RunConfig.from_yaml)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "text",
    [
        BILLION + "image_size: *a8",
        "[" * 20_000,
        "image_size: " + "9" * 5_000,
        "image_size: 64\n" + "#" * 200_000,
        "image_size: " + "x" * 50_000,
    ],
    ids=["aliases", "brackets", "digits", "length", "long value"],
)
def test_a_malicious_text_is_rejected_in_one_short_sentence(read, text):
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert len(str(caught.value)) < 600


def test_an_ordinary_text_is_read():
    assert read_yaml("a: [1, 2]\nb: {c: yes}", "The text") == {"a": [1, 2], "b": {"c": True}}


def test_a_command_line_value_that_is_not_valid_yaml_is_text():
    assert parse_value("*a") == "*a"
    assert parse_value("1e-3") == 0.001


@pytest.mark.parametrize(
    "value", ["x" * 1000, list(range(1000)), 10**6000, {"a": "b" * 500}], ids=["text", "list", "number", "mapping"]
)
def test_at_most_a_hundred_characters_are_quoted(value):
    assert len(quoted(value)) <= 110


@pytest.mark.parametrize("text", ["a\x85b", "\x85", "a\u2028b", "\u2029", "猫", "é", "line\nnext"])
def test_every_text_comes_back_as_it_was_written(text):
    assert read_yaml(write_yaml({"name": text}), "The text") == {"name": text}
