"""``readingroom evaluate`` from a weights folder and an archive to figures, tables and a card."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import cli
from app.inference import scores
from app.inference.checkpoint import LoadedModel, describe
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.training.evaluation import evaluate, meteor

CAPTIONS = (
    "Chest X-ray showing right pleural effusion",
    "Chest X-ray showing cardiomegaly",
    "Normal chest X-ray",
)


@pytest.fixture
def model(random_weights: Path, tmp_path: Path) -> Path:
    """The random model, in a folder that a card may be written to."""
    return Path(shutil.copytree(random_weights / "densenet121-lstm", tmp_path / "model"))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Six pairs, four of them for validation, and four labelled images for testing."""
    folder = tmp_path / "data"
    rng = np.random.default_rng(0)
    pairs = [(f"p{n}.png", CAPTIONS[n % 3], "train" if n < 2 else "val") for n in range(6)]
    labels = [(f"l{n}.png", ("Effusion", "No Finding")[n % 2], n, 50, "F", "PA") for n in range(4)]
    tables = {
        "roco/captions.csv": (("image", "caption", "split"), pairs),
        "nih/labels.csv": (
            ("image", "labels", "patient_id", "age", "sex", "view", "split"),
            [(*row, "test") for row in labels],
        ),
    }
    for name, (header, rows) in tables.items():
        images = (folder / name).parent / "images"
        images.mkdir(parents=True)
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        for row in rows:
            pixels = rng.integers(0, 256, (80, 80), dtype=np.uint8)
            Image.fromarray(pixels).save(images / str(row[0]))
    return folder


@pytest.fixture(scope="module")
def loaded(random_weights: Path) -> Reporter:
    """The model in memory: loading is what takes time. It stops after six words."""
    options = BeamOptions(max_words=6)
    return Reporter(random_weights / "densenet121-lstm", "cpu", options)


@pytest.fixture(autouse=True)
def load_once(loaded: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    def reporter(_folder: Path, **options: object) -> Reporter:
        gate = options["gate"]
        assert isinstance(gate, Path)  # it would refuse these pictures, which show nothing
        assert gate.name == "gate"
        return loaded

    monkeypatch.setattr(evaluate, "Reporter", reporter)


@pytest.fixture(autouse=True)
def without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its start takes longer than everything else here."""

    def missing() -> Path:
        raise meteor.MeteorError("METEOR is left out, because Java is not installed.")

    monkeypatch.setattr(meteor, "archive", missing)
    monkeypatch.setattr("app.training.evaluation.pictures.draw", lambda *_: [])


def test_an_archive_is_measured_into_tables_and_a_card(
    model: Path, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["evaluate", str(model), "--data", str(archive), "--out", str(out)]
    assert cli.main([*command, "--device", "cpu", "--card"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("# Evaluation of densenet121-lstm")
    assert "8/8 images" in said.err
    told = json.loads((out / "evaluation.json").read_text("utf-8"))
    assert told["notes"] == ["METEOR is left out, because Java is not installed."]
    assert {name: one["images"] for name, one in told["sources"].items()} == {"roco": 4, "nih": 4}
    assert told["sources"]["roco"]["training_reports"] == 2
    assert {file.name for file in out.iterdir()} == {
        "drafts.jsonl",
        "evaluation.json",
        "evaluation.md",
        "evaluation.csv",
        "cases.csv",
    }
    assert "### roco, split val" in (model / "MODEL_CARD.md").read_text("utf-8")
    measured = {one.name: one for one in scores.read(model, describe(model).sha256)}
    rows = told["sources"]["roco"]["rows"]
    (cider,) = [one for one in measured["roco"].scores if one.metric == "CIDEr"]
    assert cider.value == rows[0]["metrics"]["CIDEr"]["value"]


def test_a_second_run_loads_no_model_and_writes_json(
    model: Path,
    archive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = ["evaluate", str(model), "--data", str(archive), "--out", str(tmp_path / "out")]
    command += ["--source", "roco", "--limit", "2", "--split", "val"]
    assert cli.main(command) == 0
    monkeypatch.setattr(evaluate, "Reporter", None)
    capsys.readouterr()
    assert cli.main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sources"]["roco"]["images"] == 2
    assert told["device"] == ""
    assert not (model / "MODEL_CARD.md").exists()


def test_a_configuration_names_collections_and_its_run_the_splits(
    model: Path, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = archive / "own"
    (texts / "images").mkdir(parents=True)
    for number in range(3):
        shutil.copy(archive / "roco" / "images" / f"p{number}.png", texts / "images")
    with (texts / "reports.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = [(f"images/p{n}.png", "Right pleural effusion.", n) for n in range(3)]
        csv.writer(stream).writerows([("image", "report", "patient"), *rows])
    config = tmp_path / "run.toml"
    config.write_text(
        'name = "run"\n[classifier]\nsources = ["nih"]\n[writer]\nsources = ["own"]\n'
        '[corpora.own]\nkind = "table"\nfile = "reports.csv"\n',
        encoding="utf-8",
    )
    command = ["evaluate", str(model), "--config", str(config), "--data", str(archive)]
    command += ["--out", str(tmp_path / "out"), "--source", "own", "--split", "test"]
    assert cli.main(command) == 0
    assert "cases without a split get one by the seed" in capsys.readouterr().err
    told = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert told["sources"]["own"]["images"] == 1


def test_attention_is_checked_on_the_images_with_their_first_drafts(
    model: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    def check(
        loaded: LoadedModel, images: np.ndarray, drafts: list[str], seed: int
    ) -> dict[str, object]:
        given.extend([loaded.info.folder, images.shape, images.dtype, len(drafts), seed])
        nothing = {"pointing": {"all": {"cases": 0}}, "deletion": {"images": 0}}
        return {"attention": "paper", **nothing}

    monkeypatch.setattr("app.training.attention_checks.check", check)
    command = ["evaluate", str(model), "--data", str(archive), "--out", str(tmp_path / "out")]
    assert cli.main([*command, "--source", "roco", "--attention"]) == 0
    assert given == [model, (4, 256, 256), np.uint8, 4, 7]
    told = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert told["attention"]["attention"] == "paper"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "It isn't said on which images to measure."),
        (["--data", "{data}", "--source", "covid"], "There is no collection 'covid'"),
        (["--data", "{data}", "--split", "test", "--source", "roco"], "No image of the split"),
    ],
)
def test_what_a_user_can_mend_is_said_in_one_line(
    model: Path,
    archive: Path,
    tmp_path: Path,
    options: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [option.format(data=archive) for option in options]
    assert cli.main(["evaluate", str(model), *filled, "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_model_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "nobody", "--data", ".", "--out", str(tmp_path / "o")]) == 2
    assert "nobody" in capsys.readouterr().err
