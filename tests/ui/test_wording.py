"""Names of files and texts in cells: readable, and never taken for a formula."""

import ast
import csv
import io
from collections.abc import Iterator

import pytest

from cnnlab.store.records import EpochRecord
from cnnlab.ui.compare_page.manage import epochs_csv
from cnnlab.ui.wording import cell, file_name
from cnnlab.workspace import PROJECT_ROOT


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_cell_that_starts_like_a_formula_is_text(text):
    assert cell(text) == f"'{text}"


def test_other_cells_do_not_change():
    assert cell("poodle = dog") == "poodle = dog"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("resnet small 1", "resnet small 1 epochs.csv"), ("a/b:c", "a_b_c epochs.csv"), ("...", "run epochs.csv")],
)
def test_a_download_has_a_recognisable_name(name, shown):
    assert file_name(name, "epochs.csv") == shown


def test_the_epochs_csv_contains_the_validation_values():
    epochs = [
        EpochRecord(epoch=1, step=4, figures={"epoch": 1, "train_loss": 0.7, "val_accuracy": 0.5, "per_class": []}),
        EpochRecord(epoch=2, step=8, figures={"epoch": 2, "train_loss": 0.6, "val_accuracy": 0.75, "per_class": []}),
    ]
    rows = list(csv.DictReader(io.StringIO(epochs_csv(epochs))))
    assert rows[1] == {"epoch": "2", "train_loss": "0.6", "val_accuracy": "0.75"}


def sentences() -> Iterator[tuple[str, str]]:
    """Every text in the code behind the pages except docstrings, with its file; the command line is left out."""
    files = [*(PROJECT_ROOT / "cnnlab").rglob("*.py"), *(PROJECT_ROOT / "pages").glob("*.py")]
    for file in files:
        if "cli" in file.parts:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        standing_alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in standing_alone:
                yield file.name, node.value


def test_no_page_sends_its_user_to_the_command_line():
    mentions = [(file, text) for file, text in sentences() if "`cnnlab " in text or "command line" in text]
    assert mentions == []
