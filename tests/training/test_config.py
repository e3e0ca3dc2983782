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


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("threads = 0", "threads should be at least 1, not 0"),
        ("[writer]\nbatch = 0", r"writer\.batch should be at least 2, not 0"),
        ("[writer]\nbatch = 1", r"writer\.batch should be at least 2, not 1"),
        ("[writer]\ncopies = 0", r"writer\.copies should be at least 1, not 0"),
        ("[writer]\nepochs = 0", r"writer\.epochs should be at least 1, not 0"),
        ("[writer]\nlabel_limit = 0", r"writer\.label_limit should be at least 1, not 0"),
        ("[writer]\nencoder_rate = -1", r"writer\.encoder_rate should be at least 0, not -1"),
        ("[writer]\ndecoder_rate = nan", r"writer\.decoder_rate should be at least 0, not nan"),
        ("[writer]\nsmoothing = 1.5", r"writer\.smoothing should be from 0 to below 1, not 1.5"),
        ("[rounds]\nper_part = 0", r"rounds\.per_part should be at least 1, not 0"),
        ("[rounds]\nlimit = 0", r"rounds\.limit should be at least 1, not 0"),
        ("[rounds]\nepochs = -1", r"rounds\.epochs should be at least 0, not -1"),
        ("[classifier]\nbatch = 0", r"classifier\.batch should be at least 2, not 0"),
        ("[classifier]\nsizes = [64, 0]", r"classifier\.sizes should be at least 1, not 0"),
        ("[classifier]\nsizes = [64, 0.5]", r"sizes should be a whole number, not 0\.5"),
        ("[classifier]\nlimits = {nih = 0}", r"classifier\.limits\.nih should be at least 1"),
        ("[classifier]\nlimits = {nih = 'all'}", r"limits\.nih should be a whole number"),
        ("[imitation]\nsize = 0", r"imitation\.size should be at least 1, not 0"),
    ],
)
def test_numbers_that_make_no_sense_are_named(tmp_path: Path, entry: str, told: str) -> None:
    with pytest.raises(AppError, match=rf"run\.toml: .*{told}"):
        config.load(written(tmp_path, f'name = "a"\n{entry}'))


def test_a_zero_that_has_a_meaning_stays(tmp_path: Path) -> None:
    text = """
        name = "a"
        max_cases = 0
        [imitation]
        epochs = 0
        [classifier]
        epochs = [0, 2]
        [rounds]
        epochs = 0
        writer_epochs = 0
        [writer]
        borrow_limit = 0
        patience = 0
        label_batch = 0
        encoder_rate = 0
        """
    loaded = config.load(written(tmp_path, text))
    assert loaded.classifier.epochs == (0, 2)
    assert loaded.writer.label_batch == 0


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("max_wrods = 3", "unknown drafting option 'max_wrods'"),
        ("prior_weight = 3.0", "prior_weight lies between 0 and 1"),
        ("max_words = 0", "max_words of at least 1"),
        ("min_words = 'two'", "'min_words' is not of type int"),
    ],
)
def test_options_for_drafting_are_checked_before_any_training(
    tmp_path: Path, entry: str, told: str
) -> None:
    with pytest.raises(AppError, match=rf"run\.toml: \[drafting\] can't be used: .*{told}"):
        config.load(written(tmp_path, f'name = "a"\n[drafting]\n{entry}'))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"nothing\.toml can't be read"):
        config.load(tmp_path / "nothing.toml")


SHIPPED = ("cascade", "coattention", "densenet121-lstm", "inception-merge", "resnet-gpt2")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_configurations_are_valid(name: str) -> None:
    file = Path(__file__).parents[2] / "resources" / "training" / f"{name}.toml"
    assert config.load(file).name == name
