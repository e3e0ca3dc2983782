"""``readingroom compare`` on two systems with random weights: tables, resume, bad input."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from app import cli, paths
from app.errors import ModelError
from app.imaging import preprocess
from app.imaging.radiograph import Radiograph
from app.inference import checkpoint
from app.inference.drafts import Analysis
from app.inference.models.cascade import Cascade
from app.inference.reporter import Reporter
from app.inference.vocabulary import Vocabulary
from app.training.comparison import compare, document
from app.training.evaluation import meteor

REPORTS = (
    "There is a large pleural effusion on the right with adjacent atelectasis of the lower lobe.",
    "The heart is enlarged. The lungs are clear and there is no pleural effusion.",
    "Normal heart size. No focal consolidation, pneumothorax or pleural effusion is seen.",
)


@pytest.fixture(scope="module")
def two(random_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the random default model, capped at six words, and a cascade with another
    input size and vocabulary.
    """
    folder = tmp_path_factory.mktemp("two")
    default = Path(shutil.copytree(random_weights / "densenet121-lstm", folder / "default"))
    described = json.loads((default / checkpoint.DESCRIPTION).read_text("utf-8"))
    described["drafting"] = {"max_words": 6}
    (default / checkpoint.DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
    words = Vocabulary.learn(["opacity lung base left mild effusion"] * 3)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        cascade = Cascade(
            len(words), findings=1, image_size=64, hidden=8, embedding=8, label_words=[3, 4]
        )
    checkpoint.save(
        folder / "cascade",
        cascade,
        model_id="cascade",
        title="A small cascade",
        system=Cascade.NAME,
        vocabulary=words,
        findings=("Effusion",),
        preprocessing=preprocess.version(64),
        drafting={"max_words": 5},
        training={"config": {"writer": {"sources": ["own"], "target": "annotation"}}},
    )
    return folder


@pytest.fixture
def models(home: Path, two: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both as the user's own, and no others."""
    monkeypatch.setattr(paths, "shipped_weights", lambda: home / "none")
    (home / "weights").symlink_to(two, target_is_directory=True)
    return home / "weights"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Twelve pairs of a table, a patient each, nine of them to be drafted."""
    folder = tmp_path / "data" / "own"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    with (folder / "reports.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("image", "report", "patient", "split"))
        for number in range(12):
            pixels = rng.integers(0, 256, (80, 80), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
            split = "train" if number < 3 else "test"
            writer.writerow((f"{number}.png", REPORTS[number % 3], number, split))
    (tmp_path / "run.toml").write_text(
        'name = "run"\n[classifier]\nsources = ["own"]\n[writer]\nsources = ["own"]\n'
        '[corpora.own]\nkind = "table"\nfile = "reports.csv"\n',
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture(autouse=True)
def without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its start takes longer than everything else here."""

    def missing() -> Path:
        raise meteor.MeteorError("METEOR is left out, because Java is not installed.")

    monkeypatch.setattr(meteor, "archive", missing)


def run(archive: Path, *more: str) -> int:
    command = ["compare", *more, "--config", str(archive / "run.toml")]
    command += ["--data", str(archive / "data"), "--out", str(archive / "out"), "--device", "cpu"]
    return cli.main(command)


def comparison(archive: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((archive / "out" / "comparison.json").read_text("utf-8"))
    return told


def test_two_systems_stand_in_one_table_with_the_rows_without_an_image(
    models: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = archive / "systems.md"
    page.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n", encoding="utf-8")
    assert run(archive, "--runs", "1", "--limit", "3", "--docs", str(page)) == 0
    said = capsys.readouterr()
    told = comparison(archive)
    assert [one["label"] for one in told["models"]] == ["densenet121-lstm", "cascade"]
    assert told["reference"] == "densenet121-lstm"
    rows = told["sources"]["own"]["rows"]
    assert [row["kind"] for row in rows] == ["model", "model", "no image", "no image", "oracle"]
    assert {"BLEU-1", "ROUGE-L", "CIDEr", "CIDEr, best of 3", "micro F1"} <= set(rows[0]["metrics"])
    assert [row["manners"]["at_cap"] for row in rows[2:]] == [None] * 3
    for row in rows[:2]:
        assert 0 <= row["manners"]["at_cap"] <= 3
        assert row["manners"]["longest"] <= row["manners"]["cap"]
    # Speed and size of each, the default model's own quotient being 1.
    for one in told["models"]:
        loaded = checkpoint.load(models / {"densenet121-lstm": "default"}.get(one["id"], one["id"]))
        assert one["parameters"] == sum(part.numel() for part in loaded.model.parameters())
        assert one["speed"]["seconds"] > 0
        assert one["speed"]["images_per_second"] > 0
    assert told["models"][0]["speed"]["times_as_long"] == 1.0
    # What a reader gets.
    assert said.out.rstrip() == (archive / "out" / "comparison.md").read_text("utf-8").rstrip()
    assert "| A small cascade (`cascade`) | cascade | 64 × 64 |" in said.out
    assert "`cascade` writes annotations: no draft has more than" in said.out
    assert "| own (annotations) |" in said.out
    assert "METEOR is left out, because Java is not installed." in said.out
    put = page.read_text("utf-8")
    assert put.startswith(f"before\n{document.BEGIN}\n")
    assert put.endswith(f"\n{document.END}\nafter\n")
    assert "old" not in put
    assert "### The models" in put
    assert (archive / "out" / "pictures" / "own-comparison.png").stat().st_size > 10_000
    with (archive / "out" / "comparison.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {line["row"] for line in lines if line["metric"] == "times_as_long"} == {
        "densenet121-lstm",
        "cascade",
    }
    assert any(line["row"] == "cascade minus densenet121-lstm" for line in lines)
    with (archive / "out" / "drafts.csv").open(encoding="utf-8", newline="") as stream:
        header, *drafts = csv.reader(stream)
    assert header == ["source", "image", "report", "densenet121-lstm", "cascade"]
    assert len(drafts) == 3


def test_a_stopped_run_keeps_its_drafts_and_a_new_one_drafts_only_what_is_new(
    models: Path,
    archive: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drafted: list[tuple[str, int]] = []
    draft = Reporter.draft_batch

    def stopping(
        self: Reporter, radiographs: Sequence[Radiograph], **options: Any
    ) -> list[Analysis]:
        if self.info.model_id == "cascade" and len(drafted) == 3:
            raise KeyboardInterrupt
        drafted.append((self.info.model_id, len(radiographs)))
        return draft(self, radiographs, **options)

    monkeypatch.setattr(Reporter, "draft_batch", stopping)
    assert run(archive, "--runs", "0") == 130
    assert "stopped" in capsys.readouterr().err
    assert drafted == [("densenet121-lstm", 8), ("densenet121-lstm", 1), ("cascade", 8)]
    drafted.append(("stopped", 0))
    assert run(archive, "--runs", "0") == 0
    assert drafted[4:] == [("cascade", 1)]
    first = comparison(archive)
    assert first["speed"] is None
    # Everything is there: no model is loaded.
    monkeypatch.setattr(compare, "Reporter", None)
    assert run(archive, "cascade", "densenet121-lstm", "--runs", "0") == 0
    again = comparison(archive)
    assert [one["label"] for one in again["models"]] == ["cascade", "densenet121-lstm"]
    assert again["reference"] == "densenet121-lstm"
    figures = {row["row"]: row["metrics"] for row in again["sources"]["own"]["rows"]}
    assert figures == {row["row"]: row["metrics"] for row in first["sources"]["own"]["rows"]}


def test_other_options_of_the_search_or_other_weights_are_drafted_anew(
    models: Path, archive: Path, tmp_path: Path
) -> None:
    assert run(archive, "cascade", "--runs", "0", "--limit", "2") == 0
    changed = tmp_path / "changed"
    shutil.copytree(models / "cascade", changed)
    described = json.loads((changed / checkpoint.DESCRIPTION).read_text("utf-8"))
    described["drafting"] = {"max_words": 2}
    (changed / checkpoint.DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
    assert run(archive, str(changed), "--runs", "0", "--limit", "2") == 0
    assert comparison(archive)["sources"]["own"]["rows"][0]["manners"]["longest"] <= 2
    lines = (archive / "out" / "drafts.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 4


def test_one_model_is_measured_against_itself(models: Path, archive: Path) -> None:
    assert run(archive, "cascade", "cascade", "--runs", "1", "--limit", "1", "--json") == 0
    (only,) = comparison(archive)["models"]
    assert only["speed"]["times_as_many"] == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nobody"], "There is no model 'nobody'"),
        (["--source", "covid"], "There is no collection 'covid'"),
        (["--split", "val"], "No image of the split"),
        (["--docs", "{tmp}/none.md"], "can't be read"),
        (["--docs", "{tmp}/plain.md"], "doesn't hold the two comments"),
        (["--docs", "{tmp}/twice.md"], "doesn't hold the two comments"),
    ],
)
def test_what_a_user_can_mend_is_said_in_one_line_before_the_work(
    models: Path,
    archive: Path,
    options: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compare, "Reporter", None)
    (archive / "plain.md").write_text("nothing\n", encoding="utf-8")
    (archive / "twice.md").write_text(f"{document.END}\n{document.BEGIN}\n", encoding="utf-8")
    assert run(archive, *(option.format(tmp=archive) for option in options)) == 2
    assert message in capsys.readouterr().err
    assert not (archive / "out" / "drafts.jsonl").exists()


@pytest.mark.parametrize("option", [["--runs", "-1"], ["--runs", "many"], ["--limit", "0"]])
def test_numbers_out_of_range_are_refused(
    archive: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(archive, *option)
    assert "is not a number from" in capsys.readouterr().err


def test_damaged_weights_are_named_before_anything_is_drafted(
    home: Path, two: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(two, home / "weights")
    with (home / "weights" / "cascade" / checkpoint.WEIGHTS).open("r+b") as stream:
        stream.truncate(1000)
    assert run(archive, "--runs", "1") == 2
    assert "cut off or altered" in capsys.readouterr().err
    assert not (archive / "out" / "drafts.jsonl").exists()
    with pytest.raises(ModelError):
        checkpoint.load(home / "weights" / "cascade")


def test_evaluate_measures_a_cascade_of_another_size_and_vocabulary(
    models: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", "cascade", "--config", str(archive / "run.toml")]
    command += ["--data", str(archive / "data"), "--out", str(archive / "alone"), "--limit", "3"]
    assert cli.main([*command, "--device", "cpu", "--attention"]) == 0
    told = json.loads((archive / "alone" / "evaluation.json").read_text("utf-8"))
    assert told["model"]["image_size"] == 64
    assert told["sources"]["own"]["habits"]["cap"] == 5
    assert told["attention"]["attention"] == "Grad-CAM"
    assert "Evaluation of cascade" in capsys.readouterr().out
