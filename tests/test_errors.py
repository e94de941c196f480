"""Every error says what kind it is and what it is about, also after it crossed a process."""

import json
import pickle  # between our own processes only
from typing import get_args

import pytest

from cnnlab import errors
from cnnlab.cli.app import run
from cnnlab.errors import Category, CnnLabError
from cnnlab.runs.failures import REMEDIES
from cnnlab.ui.train_page.live import CATEGORIES

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, CnnLabError)]


def test_every_class_has_a_category_of_its_own_with_a_remedy_and_a_title():
    categories = [error.category for error in CLASSES]
    assert sorted(categories) == sorted(set(categories)) == sorted(get_args(Category))
    assert set(REMEDIES) == set(CATEGORIES) == set(categories)


@pytest.mark.parametrize("error", CLASSES)
def test_what_an_error_is_about_survives_another_process(error):
    sent = error("It went wrong; do that.", file="a/b.png", setting="training.epochs", run_id="abc")
    found = pickle.loads(pickle.dumps(sent))
    assert (str(found), found.file, found.setting, found.run_id) == (str(sent), "a/b.png", "training.epochs", "abc")


def test_a_refused_setting_is_named_for_programs(workspace, tmp_path, capsys):
    words = ["train", "--data", str(tmp_path), "--family", "vgg", "--epochs", "0", "--json"]
    assert run(words) == 2
    record = json.loads(capsys.readouterr().out)
    assert (record["category"], record["setting"]) == ("configuration", "training.epochs")
    assert run(["show", "nosuch", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["run_id"] == "nosuch"
