"""One description gives every setting its help on the pages, on the command line and in the documentation."""

import typer.main

from cnnlab.cli.app import app
from cnnlab.cli.options import help_of
from cnnlab.training.config import RunConfig
from cnnlab.training.recipes import FLAGS
from cnnlab.training.settings import SETTINGS, groups
from cnnlab.ui.next_run import fields, split_choice
from docs import make_settings

SHOWN_ELSEWHERE = {
    "name",  # beside the run
    "data.path",  # the sidebar
    "data.split",  # the Data page
    *split_choice.PATHS,
    *("architecture.family", "architecture.preset", "architecture.options"),  # the Architecture page
}
ALL = [(title, parameter) for title, parameters in groups().items() for parameter in parameters]


def test_the_settings_page_is_generated_from_the_descriptions():
    assert make_settings.PAGE.read_text(encoding="utf-8") == make_settings.page(), "run python -m docs.make_settings"
    for _, parameter in ALL:
        assert (
            f"`{parameter.name}`" in make_settings.page()
            and parameter.help.splitlines()[0][:40] in make_settings.page()
        )


def test_every_setting_of_a_run_is_on_a_page():
    assert set(fields.ALL) | SHOWN_ELSEWHERE == set(SETTINGS)
    assert not set(fields.ALL) & SHOWN_ELSEWHERE


def test_every_flag_of_train_has_the_help_of_its_setting():
    options = {option.name: option for option in typer.main.get_command(app).commands["train"].params}
    assert {"epochs", "learning_rate", "init_from", "image_size"} <= options.keys() & FLAGS.keys()
    for flag in options.keys() & FLAGS.keys():
        assert options[flag].help == help_of(SETTINGS[FLAGS[flag]]), flag


def test_a_description_agrees_with_the_type_of_its_field():
    types = {"integer": int, "number": float, "switch": bool, "choice": str, "text": str, "mapping": dict}
    for path, setting in SETTINGS.items():
        section, _, name = path.rpartition(".")
        model = RunConfig.model_fields[section].annotation if section else RunConfig
        annotation = str(model.model_fields[name].annotation)
        assert types[setting.type].__name__ in annotation, path
        assert setting.optional == ("None" in annotation), path


def test_every_default_is_a_valid_value():
    for _, parameter in ALL:
        if parameter.default is not None:
            assert parameter.parse(parameter.default) == parameter.default
