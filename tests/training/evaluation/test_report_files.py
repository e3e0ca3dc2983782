"""Tables, pictures and the model card that are made of an evaluation."""

from __future__ import annotations

import builtins
import csv
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.errors import StoreError
from app.training.corpora import Case
from app.training.evaluation import pictures, spreadsheets, tables
from app.training.evaluation.card import card
from app.training.evaluation.drafting import Drafted
from app.training.evaluation.gather import Source
from app.training.evaluation.licences import LICENCES, OTHER, licence
from app.training.evaluation.verdicts import uneven, verdicts

Evaluation = dict[str, Any]


def test_the_markdown_has_every_row_with_its_interval(evaluation: Evaluation) -> None:
    text = tables.markdown(evaluation)
    first = evaluation["sources"]["pairs"]["rows"][0]["metrics"]["micro F1"]
    told = f"{first['value']:.3f} ({first['low']:.3f}–{first['high']:.3f})"
    line = next(
        line for line in text.splitlines() if line.startswith("| rank 1 |") and told in line
    )
    assert line.count("|") == 6
    assert "METEOR is left out, because Java is not installed." in text
    assert "Left out: 2 (image missing)." in text
    assert "24 images whose report and draft both name one side, 12 drafts" in text


def test_tables_are_rectangular(evaluation: Evaluation) -> None:
    blocks: list[list[str]] = [[]]
    for line in tables.markdown(evaluation).splitlines():
        if line.startswith("|"):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    assert len(blocks) > 6
    for block in filter(None, blocks):
        assert len({line.replace("\\|", "").count("|") for line in block}) == 1


def test_a_figure_that_is_not_known_is_a_dash() -> None:
    assert tables.number(None) == "–"
    assert tables.number({"value": None, "low": None, "high": None}) == "–"
    assert tables.number({"value": 0.5, "low": None, "high": None}, 1) == "0.5"


def test_the_csv_has_one_figure_a_line(evaluation: Evaluation, tmp_path: Path) -> None:
    spreadsheets.write_csv(evaluation, tmp_path / "evaluation.csv")
    with (tmp_path / "evaluation.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert set(rows[0]) == set(spreadsheets.COLUMNS)
    parts = {row["part"] for row in rows}
    assert parts >= {"drafts", "no image", "constant", "difference", "finding", "head", "manners"}
    cider = next(row for row in rows if row["row"] == "rank 1" and row["metric"] == "CIDEr")
    metrics = evaluation["sources"]["pairs"]["rows"][0]["metrics"]
    assert float(cider["value"]) == metrics["CIDEr"]["value"]


def test_no_cell_becomes_a_formula(tmp_path: Path) -> None:
    case = Case(Path("=1.png"), "own", "val", "1", "=HYPERLINK(1)", {"Mass": 1.0, "Nodule": 0.0})
    source = Source("own", "table", "val", (case,), ())
    drafts = [Drafted(("\u200b@draft",), (("@draft",),), {})]
    spreadsheets.write_cases([source], {"own": drafts}, tmp_path / "cases.csv")
    with (tmp_path / "cases.csv").open(encoding="utf-8", newline="") as stream:
        row = list(csv.reader(stream))[1]
    assert row == ["own", "'=1.png", "'=HYPERLINK(1)", "Mass", "'\u200b@draft", "", ""]


def test_a_source_gets_its_pictures(evaluation: Evaluation, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    del evaluation["sources"]["labels"]
    files = pictures.draw(evaluation, tmp_path / "pictures")
    assert sorted(file.name for file in files) == [
        "pairs-auc.png",
        "pairs-findings.png",
        "pairs-reliability.png",
        "pairs-words.png",
    ]
    for file in files:
        with Image.open(file) as picture:
            corner = picture.convert("RGB").getpixel((0, 0))
            assert min(picture.size) > 200
        assert corner == (255, 255, 255)


def test_a_picture_that_cannot_be_written_is_told(evaluation: Evaluation, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    del evaluation["sources"]["labels"]
    (tmp_path / "pairs-findings.png").mkdir()
    with pytest.raises(StoreError, match="pairs-findings"):
        pictures.draw(evaluation, tmp_path)


def test_without_matplotlib_there_is_one_sentence(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(pictures.PicturesError, match="matplotlib is not installed"):
        pictures.draw(evaluation, tmp_path)


def test_the_card_has_data_licences_figures_and_failures(evaluation: Evaluation) -> None:
    text = card(evaluation)
    assert "| images with their reports | 2,000 to learn from, 48 to choose by |" in text
    assert "CC BY-NC-SA 4.0" in text
    assert "for research only, not for commercial use" in text
    assert "| ours: as the configuration describes it | findings | 10 to learn from | by" in text
    assert "whoever passes these weights on answers for it" not in text
    assert "ab" * 32 in text
    assert "seed 9" in text
    assert "12 drafts name the opposite side" in text
    assert "These images also chose when training ended" in text
    assert "the head's AUC cannot be told from chance for Cardiomegaly 0.50" in text
    first = evaluation["sources"]["pairs"]["rows"][0]["metrics"]["CIDEr"]
    assert tables.number(first) in text
    assert "The maps of attention were not checked" in text


def test_card_and_table_tell_what_the_attention_checks_measured(evaluation: Evaluation) -> None:
    evaluation["attention"] = {
        "attention": "paper",
        "pointing": {
            "all": {
                "cases": 30,
                "hit_rate": 0.5,
                "interval": [0.4, 0.6],
                "chance": 0.1,
                "gain": 0.4,
                "gain_interval": [0.3, 0.5],
                "hit_rate_bare": 0.2,
            }
        },
        "deletion": {
            "images": 9,
            "regions": 8,
            "cells": 64,
            "attended": 0.3,
            "random": 0.25,
            "usual": 0.2,
            "over_random": 0.05,
            "over_random_interval": [-0.1, 0.2],
            "over_usual": 0.1,
            "over_usual_interval": [0.05, 0.2],
        },
    }
    for text in (card(evaluation), tables.markdown(evaluation)):
        assert "is largest on the finding in 0.50 (0.40–0.60), by chance in 0.10" in text
        assert "with the finding taken away in 0.20; more than chance." in text
        assert "Over random: 0.05 (-0.10 to 0.20)" in text
        assert "**not more than random.**" in text
        assert "were not checked" not in text


def test_attention_of_words_that_the_model_does_not_know_is_left_out(
    evaluation: Evaluation,
) -> None:
    evaluation["attention"] = {
        "attention": "dot",
        "pointing": {"all": {"cases": 0}},
        "deletion": {"images": 0, "drafts": 5},
    }
    lines = list(tables.attention_lines(evaluation["attention"]))
    assert lines == ["Attention “dot”."]


def test_the_card_of_older_weights_names_the_collections_of_their_configuration(
    evaluation: Evaluation,
) -> None:
    evaluation["model"]["training"] = {
        "config": {"writer": {"sources": ["roco"]}, "classifier": {"sources": ["nih", "roco"]}}
    }
    text = card(evaluation)
    assert text.count("number not told") == 2
    assert "NIH Clinical Center" in text
    evaluation["model"]["training"] = {}
    assert "`model.json` does not say." in card(evaluation)


def test_the_card_tells_of_borrowed_reports_teachers_and_unknown_licences(
    evaluation: Evaluation,
) -> None:
    training = evaluation["model"]["training"]
    training["config"] = {
        "writer": {"sources": ["pairs"], "borrowed": ["indiana"], "borrowers": ["ours"]},
        "imitation": {"sources": ["ours"], "epochs": 2},
        "encoder": "/somewhere/private/densenet.pt",
    }
    training["data"]["indiana"] = {"kind": "iu-xray-csv", "taken": 3000, "split": {}}
    training["data"]["ours"] = {"kind": "dicom", "taken": 9, "split": {"train": 9}}
    text = card(evaluation)
    assert (
        "reports lent to images of other collections with the same labels | 3,000 reports" in text
    )
    assert "| images that borrow a report with the same labels, images alone | 9 to learn" in text
    assert "EfficientNet-Lite0" in text
    assert "`densenet.pt`" in text
    assert "private" not in text
    assert "CC BY-NC-ND 4.0" in text
    assert "whoever passes these weights on answers for it" in text


def test_every_public_collection_has_its_licence() -> None:
    for kind in ("roco", "nih", "kermany", "iu-xray-xml", "iu-xray-csv", "iu-xray-annotation"):
        assert licence(kind) is LICENCES[kind]
    assert licence("dicom") is OTHER


def figure(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("other", "paired", "expected"),
    [
        (figure(0.2, 0.1, 0.3), figure(0.3, 0.2, 0.4), "clearly above x (intervals apart)"),
        (figure(0.4, 0.3, 0.5), figure(0.1, 0.01, 0.2), "above x (paired difference)"),
        (figure(0.4, 0.3, 0.5), figure(0.1, -0.1, 0.2), "not told apart from x"),
        (figure(0.6, 0.5, 0.7), figure(-0.1, -0.2, -0.01), "below x (paired difference)"),
        (figure(0.9, 0.8, 1.0), figure(-0.4, -0.5, -0.3), "clearly below x (intervals apart)"),
    ],
)
def test_rank_1_is_judged_by_intervals_and_by_pairs(
    other: dict[str, float], paired: dict[str, float], expected: str
) -> None:
    first = {"row": "rank 1", "kind": "drafts", "metrics": {"CIDEr": figure(0.5, 0.4, 0.6)}}
    second = {"row": "x", "kind": "no image", "metrics": {"CIDEr": other}}
    difference = {"metric": "CIDEr", "of": "rank 1", "minus": "x", **paired}
    told = list(verdicts({"rows": [first, second], "differences": [difference]}))
    assert told == [f"CIDEr of rank 1 is {expected}."]


def test_subgroups_with_intervals_apart_are_named() -> None:
    groups = [
        {"by": "view", "group": "AP", "mean AUC": figure(0.5, 0.4, 0.55)},
        {"by": "view", "group": "PA", "mean AUC": figure(0.7, 0.6, 0.8)},
        {"by": "sex", "group": "F", "mean AUC": figure(0.5, 0.4, 0.6)},
        {"by": "sex", "group": "M", "mean AUC": figure(0.6, 0.5, 0.7)},
    ]
    assert list(uneven(groups)) == [
        "by view, mean AUC is 0.50 for AP and 0.70 for PA, with intervals apart."
    ]


def test_the_card_says_what_maps_and_targets_are(evaluation: dict[str, Any]) -> None:
    assert "a map of attention for each word" in card(evaluation)
    model = evaluation["model"]
    model["looks"] = "gradients"
    model["training"]["config"]["writer"]["target"] = "annotation"
    model["training"]["config"]["start"] = {"words": "vectors/glove.6B.200d.txt"}
    text = card(evaluation)
    assert "a Grad-CAM map, not attention, for each word" in text
    assert "the maps of attention) is a weighting" not in text
    assert "**short annotations**" in text
    assert "a file of the trainer's own: `glove.6B.200d.txt`" in text
