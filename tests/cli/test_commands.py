"""The JSON of each command has the keys that scripts rely on; each kind of error has its exit status and one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CallJson = Callable[..., dict[str, Any]]
Call = Callable[..., tuple[int, str, str]]
QUICK = ("--family", "vgg", "--image-size", "32", "--set", "base_width=4", "--epochs", "2", "--threads", "1")


def test_scan_gives_all_keys_and_null_for_what_it_did_not_check(call_json: CallJson, pictures: Path) -> None:
    record = call_json("scan", pictures)
    assert record["images"] == 40
    assert record["classes"]["7"] == 4
    assert (record["unreadable"], record["duplicates"]) == ([], [])
    assert record["near_duplicates"] is None
    assert record["leaks"] is None
    assert len(record["fingerprint"]) == 64


def test_samples_writes_what_scan_reads(call_json: CallJson, tmp_path: Path) -> None:
    made = call_json("samples", "drawings", "--to", tmp_path / "d", "--per-class", 2, "--seed", 3)
    assert made["images"] == 4
    assert call_json("scan", made["folder"])["classes"] == dict.fromkeys(made["classes"], 2)


def test_inspect_reports_parameters_and_layers(call_json: CallJson) -> None:
    record = call_json("inspect", "--family", "resnet", "--preset", "resnet18", "--classes", 1000)
    assert record["parameters"] == 11_689_512
    assert {"flops", "receptive_field", "smallest_input"} <= set(record)
    assert {"name", "type", "output_shape", "parameters"} <= set(record["layers"][0])


def test_doctor_reports_versions_devices_and_workspace(call_json: CallJson) -> None:
    record = call_json("doctor")
    assert record["versions"]["torch"]
    assert record["devices"][0]["name"] == "cpu"
    assert record["problems"] == []


@pytest.mark.slow
def test_a_run_can_be_trained_listed_shown_compared_and_used_to_predict(call_json: CallJson, pictures: Path) -> None:
    first = call_json("train", "--data", pictures, *QUICK, "--val-fraction", "0.25", "--name", "one")
    assert first["status"] == "finished"
    assert [epoch["epoch"] for epoch in first["history"]] == [1, 2]
    assert {"train_loss", "val_loss", "val_accuracy"} <= set(first["history"][0])
    assert {"run_id", "best_epoch", "parameters", "seconds", "images_per_second"} <= set(first)
    second = call_json("train", "--data", pictures, *QUICK, "--val-fraction", "0.25", "--seed", "1")

    listed = call_json("runs", "--status", "finished")["runs"]
    assert [run["run_id"] for run in listed] == [second["run_id"], first["run_id"]]
    shown = call_json("show", first["run_id"][:6])
    assert shown["config"]["training"]["epochs"] == 2
    assert shown["environment"][0]["threads"] == 1
    assert shown["checkpoints"]
    assert shown["history"] == first["history"]

    compared = call_json("compare", first["run_id"], second["run_id"])
    assert (compared["comparable"], compared["metric"], compared["verdicts"]) == (True, "val_accuracy", None)
    assert set(compared["differences"]) == {"seed"}

    picture = next(pictures.glob("3/*"))
    predictions = call_json("predict", "--run", "@last", picture, pictures / "missing.png")["predictions"]
    assert len(predictions[0]["top"]) == 10
    assert sum(answer["probability"] for answer in predictions[0]["top"]) == pytest.approx(1)
    assert "error" in predictions[1]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("train", "--data", ".", "--family", "alexnet"), 2, "alexnet"),
        (("train", "--family", "vgg"), 2, "--data"),
        (("train", "--data", ".", "--family", "vgg", "--set", "depth=12"), 2, "depth"),
        (("train", "--data", ".", "--family", "vgg", "--epochs", "0"), 2, "epochs"),
        (("train", "--data", ".", "--family", "vgg", "--epochs", "many"), 2, "--epochs"),
        (("scan", "no such folder"), 3, "no such folder"),
        (("show", "@last"), 2, "No run"),
        (("runs", "--status", "asleep"), 2, "asleep"),
        (("stop",), 2, "--all"),
        (("fly",), 2, "fly"),
        (("compare", "@last"), 2, "No run"),
    ],
)
def test_an_error_has_its_exit_status_and_one_line(
    call: Call, words: tuple[str, ...], status: int, message: str
) -> None:
    actual, out, err = call(*words)
    assert actual == status
    assert out == ""
    assert message in err
    assert len(err.strip().splitlines()) == 1, err


def test_an_error_is_also_one_json_object(call: Call) -> None:
    status, out, _ = call("scan", "no such folder", "--json")
    assert status == 3
    assert json.loads(out)["exit_code"] == 3


def test_a_single_class_is_unusable_data(call: Call, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "lonely").mkdir()
    (tmp_path / "lonely" / "7").symlink_to(pictures / "7", target_is_directory=True)
    status, _, err = call("train", "--data", tmp_path / "lonely", *QUICK)
    assert status == 3
    assert "pictures of only one class, '7'" in err


@pytest.mark.parametrize("flag", [("--preset", "article"), ("--recipe", "careful"), ("--epochs", "3")])
def test_a_whole_configuration_excludes_single_options(call: Call, tmp_path: Path, flag: tuple[str, str]) -> None:
    status, _, err = call("train", "--config", tmp_path / "config.yaml", *flag)
    assert status == 2
    assert "--config holds the whole configuration" in err


def test_having_nothing_to_stop_is_not_an_error(call_json: CallJson) -> None:
    assert call_json("stop", "--all") == {"runs": []}


def test_ambiguous_folders_are_an_error_until_reading_is_given(
    call: Call, call_json: CallJson, pictures: Path, tmp_path: Path
) -> None:
    for part in ("train", "val", "annotations"):
        shutil.copytree(pictures, tmp_path / "set" / part)
    status, _, err = call("scan", tmp_path / "set")
    assert status == 3
    assert "--reading parts or --reading classes" in err
    status, _, err = call("train", "--data", tmp_path / "set", *QUICK)
    assert status == 3
    assert len(call_json("scan", tmp_path / "set", "--reading", "parts")["classes"]) == 10
    assert list(call_json("scan", tmp_path / "set", "--reading", "classes")["classes"]) == [
        "annotations",
        "train",
        "val",
    ]
