"""A small run of the joint space: twice the same, and measured against chance."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from app import cli
from app.errors import AppError, StoreError
from app.inference import joint_space
from app.inference.joint_space import Shape, SpaceInfo
from app.training import retrieval, similar_config
from app.training.archive import Archive
from app.training.corpora import Case
from app.training.evaluation import similar, similar_card
from app.training.evaluation.bootstrap import Bootstrap
from app.training.similar_config import SimilarConfig

REPORTS = (
    "Chest X-ray showing left pleural effusion.",
    "Chest X-ray showing right pleural effusion.",
    "Chest X-ray showing cardiomegaly.",
)
SMALL = Shape(grid=2, reduced=4, hidden=16, words=8, dimension=12)


def silent(_line: str) -> None:
    pass


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    (folder / "roco" / "images").mkdir(parents=True)
    with (folder / "roco" / "captions.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image", "caption", "split"])
        for row in range(18):
            pixels = np.random.default_rng(row).integers(0, 255, (64, 64)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "roco" / "images" / f"{row}.png")
            writer.writerow([f"{row}.png", REPORTS[row % 3], "val" if row > 11 else "train"])
    return folder


@pytest.fixture(scope="module")
def model(random_weights: Path) -> Path:
    return random_weights / "densenet121-lstm"


@pytest.fixture(scope="module")
def config(data: Path) -> SimilarConfig:
    return SimilarConfig(
        data=data, held=0.3, copies=2, epochs=2, batch=4, minimum_count=1, shape=SMALL
    )


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def space(
    config: SimilarConfig, run_folder: Path, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> SpaceInfo:
    out = tmp_path_factory.mktemp("out") / "similar"
    return retrieval.train(config, run_folder, model, out, silent)


def test_the_same_run_gives_the_same_space(
    space: SpaceInfo, config: SimilarConfig, run_folder: Path, model: Path, tmp_path: Path
) -> None:
    again = retrieval.train(config, run_folder, model, tmp_path / "similar", silent)
    assert again.sha256 == space.sha256
    assert again.model_sha256 == space.model_sha256
    pairs = space.training["pairs"]
    assert pairs["learned"] + pairs["chosen_on"] == 12  # the split val is not learned from
    assert "effusion" in space.vocabulary
    assert str(config.data) not in json.dumps(dict(space.training))


def test_a_folder_that_can_not_be_written_to_is_told_before_any_work(
    config: SimilarConfig, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "similar").write_text("in the way")
    said: list[str] = []
    with pytest.raises(StoreError, match="similar can't be created"):
        retrieval.train(config, tmp_path / "run", model, tmp_path / "similar", said.append)
    assert said == []


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_what_the_encoder_sees_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    """np.save would lose the end of so small an array without a word."""
    import resource

    cases = [Case(None, "roco", "train", str(row)) for row in range(4)]
    archive = Archive(np.zeros((4, 8, 8), np.uint8), cases, [], torch.zeros(4, 0))
    encoder = SimpleNamespace(
        sha256="ab", regions=lambda images, grid, _generator: torch.ones(len(images), 64, grid, 2)
    )
    (tmp_path / "cache").mkdir()

    def made() -> NDArray[np.float16]:
        return retrieval.features(cast(Any, encoder), archive, 0, 2, 7, tmp_path, silent)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StoreError, match="cache could not be written"):
            made()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "cache").iterdir()) == []
    assert made().shape == (4, 64, 2, 2)


def test_matching_pairs_cost_less_than_exchanged_ones() -> None:
    vectors = torch.eye(4)
    scale = torch.tensor(10.0)
    assert retrieval.info_nce(vectors, vectors, scale) < 0.001
    assert retrieval.info_nce(vectors, vectors.flip(0), scale) > 5
    alike = torch.ones(4, 4) / 2
    assert float(retrieval.info_nce(alike, alike, scale)) == pytest.approx(np.log(4), abs=1e-5)


def test_ranks_count_equal_ones_against_the_pair() -> None:
    text, image = retrieval.pair_ranks(np.array([[0.9, 0.1], [0.9, 0.9]], np.float32))
    assert text.tolist() == [0, 1]
    assert image.tolist() == [1, 0]
    same, _ = retrieval.pair_ranks(np.ones((3, 3), np.float32))
    assert same.tolist() == [2, 2, 2]


def test_a_cosine_that_is_no_number_stands_last() -> None:
    scores = np.array([[np.nan, 0.1, 0.2], [0.3, 0.9, 0.1], [0.0, np.nan, 0.8]], np.float32)
    text, image = retrieval.pair_ranks(scores)
    assert text.tolist() == [2, 0, 0]
    assert image.tolist() == [2, 0, 0]
    nothing, _ = retrieval.pair_ranks(np.full((3, 3), np.nan, np.float32))
    assert nothing.tolist() == [2, 2, 2]


def test_no_group_is_on_both_sides_of_the_part_to_choose_on(config: SimilarConfig) -> None:
    cases = [Case(None, "roco", "train", f"p{row // 2}", report="x") for row in range(20)]
    images = np.zeros((20, 4, 4), np.uint8)
    archive = Archive(images, cases, [], torch.zeros(20, 0))
    learned, held = retrieval.parted(archive, torch.arange(20), 0.3, 7)
    groups = [{cases[row].group for row in rows.tolist()} for rows in (learned, held)]
    assert len(held) == 6
    assert not groups[0] & groups[1]


def test_an_evaluation_has_chance_beside_every_figure_and_becomes_a_card(
    space: SpaceInfo, config: SimilarConfig, run_folder: Path, model: Path
) -> None:
    found = similar.evaluate(config, space, model, run_folder, silent)
    assert found["pairs"] == 6
    assert [(row["way"], row["among"]) for row in found["recall"]] == [
        (way, among) for way in ("image → text", "text → image") for among in (1, 5, 10)
    ]
    for row in found["recall"]:
        assert row["chance"] == pytest.approx(min(row["among"] / 6, 1), abs=1e-5)
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1
    assert [row["space"] for row in found["neighbours"]["rows"]] == [
        "joint space",
        "encoder alone",
        "chance",
    ]
    assert found["sides"]["images"] == 4
    text = similar_card.card(json.loads(json.dumps(found)))
    assert "Similarity is no diagnosis" in text
    assert space.sha256 in text
    assert "CC BY-NC-SA" in text
    assert "| chance | 16.7% | 83.3% | 100.0% |" in text


def test_recall_of_a_perfect_space_is_one() -> None:
    rows = similar.recall(np.eye(12, dtype=np.float32), Bootstrap([str(n) for n in range(12)]))
    assert {row["value"] for row in rows} == {1.0}


def test_neighbours_are_never_of_the_same_patient() -> None:
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]
    texts = ["Pleural effusion.", "Pleural effusion.", "Cardiomegaly.", "Pleural effusion."]
    found = similar.neighbours({"joint space": vectors}, texts, ["a", "a", "b", "c"])
    shares = {row["space"]: row["value"] for row in found["rows"]}
    assert shares["joint space"] == pytest.approx((1 / 2 + 1 / 2 + 0 + 2 / 3) / 4)


def test_a_space_of_other_weights_is_not_measured(
    space: SpaceInfo, config: SimilarConfig, run_folder: Path, model: Path, tmp_path: Path
) -> None:
    towers, vocabulary = joint_space.load(space)
    other = joint_space.save(
        tmp_path, towers, tuple(vocabulary), model_id="m", model_sha256="00", training={}
    )
    with pytest.raises(AppError, match="made for other weights"):
        similar.evaluate(config, other, model, run_folder, silent)


def test_the_shipped_configuration_is_valid() -> None:
    from app.paths import resources

    config = similar_config.load(resources() / "training" / "similar.toml")
    assert config.shape.dimension == 256
    assert config.sources == ("roco",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epocs = 3", "unknown entry 'epocs'"),
        ("epochs = 'three'", "epochs should be of type int"),
        ("[shape]\ndepth = 3", "unknown entry 'shape.depth'"),
        ("shape = 3", "shape should be a table"),
        ("held = 1.0", "held should be a share"),
        ("epochs = 0", "epochs should be at least 1, not 0"),
        ("copies = 0", "copies should be at least 1, not 0"),
        ("batch = 0", "batch should be at least 2, not 0"),
        ("batch = 1", "batch should be at least 2, not 1"),
        ("word_dropout = 1.0", "word_dropout should be from 0 to below 1"),
        ("[shape]\ngrid = 0", r"shape\.grid should be at least 1, not 0"),
        ("sources = ['elsewhere']", "unknown collection 'elsewhere'"),
        ("epochs =", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "similar.toml"
    file.write_text(text)
    with pytest.raises(AppError, match=said):
        similar_config.load(file)
    with pytest.raises(AppError, match="can't be read"):
        similar_config.load(tmp_path / "missing.toml")


def test_too_few_pairs_are_told(
    data: Path, model: Path, tmp_path: Path, config: SimilarConfig
) -> None:
    (tmp_path / "roco" / "images").mkdir(parents=True)
    image = (data / "roco" / "images" / "0.png").read_bytes()
    (tmp_path / "roco" / "images" / "0.png").write_bytes(image)
    (tmp_path / "roco" / "captions.csv").write_text(
        f"image,caption,split\n0.png,{REPORTS[0]},train\n"
    )
    few = SimilarConfig(data=tmp_path, shape=SMALL)
    with pytest.raises(AppError, match="too few pairs"):
        retrieval.train(few, tmp_path / "run", model, tmp_path / "out", silent)


def test_the_command_trains_measures_and_writes_the_card(
    data: Path, model_at_home: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "similar.toml"
    file.write_text(
        f"data = '{data}'\nheld = 0.3\ncopies = 1\nepochs = 1\nbatch = 4\nminimum_count = 1\n"
        "[shape]\ngrid = 2\nreduced = 4\nhidden = 16\nwords = 8\ndimension = 12\n"
    )
    out = tmp_path / "similar"
    assert cli.main(["similar", "train", str(file), "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    figures = tmp_path / "figures.json"
    line = ["similar", "evaluate", str(file), "--space", str(out), "--card", "--out", str(figures)]
    assert cli.main(line) == 0
    assert "recall@10" in capsys.readouterr().out
    assert json.loads(figures.read_text())["pairs"] == 6
    assert (out / "MODEL_CARD.md").is_file()
    assert cli.main(["similar", "evaluate", str(file), "--space", str(tmp_path / "none")]) == 2
    assert "no space of similar cases" in capsys.readouterr().err
