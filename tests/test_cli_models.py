"""``readingroom models``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from app import cli
from app.commands import models
from app.errors import ModelError
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
        models.choose("other", Paths.find())
    assert "other" in caught.value.message


def test_the_users_own_model_comes_before_the_shipped_one(model_at_home: Path) -> None:
    assert models.choose(None, Paths.find()).folder == model_at_home
