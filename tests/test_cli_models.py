"""``readingroom models``."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from app import cli
from app.errors import ModelError
from app.inference.available import choose
from app.paths import Paths


def test_models_are_listed_with_the_sha256_of_their_weights(
    model_at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", "--json"]) == 0
    listed = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    entry = listed["densenet121-lstm"]
    weights = (model_at_home / "model.safetensors").read_bytes()
    assert entry["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    assert entry["size_bytes"] == len(weights)
    assert entry["findings"] == ["Effusion", "Mass"]


def test_the_readable_list_names_the_model_and_its_folder(
    model_at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models"]) == 0
    text = capsys.readouterr().out
    assert "densenet121-lstm" in text
    assert str(model_at_home) in text


def test_a_model_that_is_not_there_is_an_error_that_names_those_that_are(
    model_at_home: Path,
) -> None:
    with pytest.raises(ModelError, match="densenet121-lstm") as caught:
        choose("other", Paths.find())
    assert "other" in caught.value.message


def test_the_users_own_model_comes_before_the_shipped_one(model_at_home: Path) -> None:
    assert choose(None, Paths.find()).folder == model_at_home


def test_a_damaged_model_is_told_and_the_others_are_listed(
    home: Path, two_systems: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = Path(shutil.copytree(two_systems, home / "weights")) / "tracing"
    (damaged / "model.json").write_text("{")
    assert cli.main(["models"]) == 0
    told = capsys.readouterr()
    assert "looking" in told.out
    assert str(damaged) in told.err
    assert choose("looking", Paths.find()).model_id == "looking"
    with pytest.raises(ModelError, match="damaged"):
        choose("tracing", Paths.find())


def test_the_users_own_damaged_default_is_not_replaced_by_the_shipped_one(
    home: Path, random_weights: Path
) -> None:
    shutil.copytree(random_weights, home / "weights")
    (home / "weights" / "densenet121-lstm" / "model.json").write_text("{")
    with pytest.raises(ModelError, match="damaged"):
        choose(None, Paths.find())


def test_models_of_all_systems_are_listed_with_size_and_kind_of_map(
    two_systems_at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", "--json"]) == 0
    listed = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert (listed["looking"]["system"], listed["looking"]["looks"]) == (
        "densenet_lstm",
        "attention",
    )
    assert (listed["tracing"]["system"], listed["tracing"]["looks"]) == ("cascade", "gradients")
    assert cli.main(["models"]) == 0
    text = capsys.readouterr().out
    part = text[text.index("tracing ") :].partition("sha256")[0]
    size = listed["tracing"]["size_bytes"] / 1e6
    assert f"{size:.1f} MB, maps: Grad-CAM through the encoder" in part
    assert "attention" not in part
