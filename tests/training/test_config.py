"""A run's TOML file: what it may say and how mistakes in it are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import AppError
from app.training import config


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "run.toml"
    file.write_text(text)
    return file


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    loaded = config.load(written(tmp_path, 'name = "mine"\n[writer]\nencoder_rate = 1'))
    assert loaded.writer.encoder_rate == 1.0
    assert loaded.writer.decoder_rate == 5e-4


def test_data_is_relative_to_the_file_and_the_caller_wins(tmp_path: Path) -> None:
    file = written(tmp_path, 'name = "mine"\ndata = "archive"')
    assert config.load(file).data == tmp_path / "archive"
    assert config.load(file, Path("elsewhere")).data == Path("elsewhere")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no usable name"),
        ('name = "../up"', "no usable name"),
        ('name = "a"\ncolour = 3', "unknown entry 'colour'"),
        ('name = "a"\n[writer]\nepochs = "many"', r"writer\.epochs should be of type int"),
        ('name = "a"\n[writer]\nsources = ["mars"]', "unknown collection 'mars'"),
        ('name = "a"\n[classifier]\nsizes = [64]', "differ in length"),
        ("name = ", "not valid TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(AppError, match=told):
        config.load(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"nothing\.toml can't be read"):
        config.load(tmp_path / "nothing.toml")


def test_the_shipped_configuration_is_valid() -> None:
    file = Path(__file__).parents[2] / "resources" / "training" / "densenet121-lstm.toml"
    assert config.load(file).name == "densenet121-lstm"
