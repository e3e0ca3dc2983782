"""``scores.json`` beside the weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.errors import ModelError
from app.inference import scores

FIGURE = {"value": 0.31, "low": 0.28, "high": 0.34}


def entry(**changed: Any) -> dict[str, Any]:
    source = {
        "name": "indiana",
        "split": "test",
        "images": 590,
        "scores": {"macro F1": FIGURE, "CIDEr": {"value": 0.9, "low": None, "high": None}},
    }
    return {"format": 1, "weights_sha256": "ab", "sources": [source]} | changed


def write(folder: Path, content: str) -> None:
    (folder / scores.FILE).write_text(content, encoding="utf-8")


def test_a_folder_without_scores_has_none(tmp_path: Path) -> None:
    assert scores.read(tmp_path, "ab") == ()


def test_scores_are_read_with_their_intervals(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(entry()))
    (measured,) = scores.read(tmp_path, "ab")
    assert (measured.name, measured.split, measured.images) == ("indiana", "test", 590)
    assert measured.scores == (
        scores.Score("macro F1", 0.31, 0.28, 0.34),
        scores.Score("CIDEr", 0.9, None, None),
    )


def test_scores_of_other_weights_are_refused(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(entry()))
    with pytest.raises(ModelError, match="other weights"):
        scores.read(tmp_path, "cd")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        json.dumps(entry(format=2)),
        json.dumps(entry(sources=[{"name": "x"}])),
        json.dumps(entry(sources=[{**entry()["sources"][0], "scores": {"a": {"value": "1"}}}])),
        json.dumps(entry(sources=[{**entry()["sources"][0], "scores": {"a": {"value": True}}}])),
    ],
)
def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path, content: str) -> None:
    write(tmp_path, content)
    with pytest.raises(ModelError, match=r"scores\.json"):
        scores.read(tmp_path, "ab")


def test_an_evaluation_becomes_scores_of_the_first_draft(tmp_path: Path) -> None:
    rows = [
        {"kind": "drafts", "metrics": {"macro F1": FIGURE, "BLEU-1": FIGURE}},
        {"kind": "drafts", "metrics": {"macro F1": {"value": 0.1, "low": 0.0, "high": 0.2}}},
    ]
    empty = [{"kind": "drafts", "metrics": {"CIDEr": {"value": None, "low": None, "high": None}}}]
    evaluation = {
        "model": {"weights_sha256": "ab"},
        "sources": {
            "indiana": {"split": "test", "images": 590, "rows": rows},
            "labels": {"split": "test", "images": 10, "rows": empty},
        },
    }
    write(tmp_path, json.dumps(scores.from_evaluation(evaluation)))
    (measured,) = scores.read(tmp_path, "ab")
    assert measured.scores == (scores.Score("macro F1", 0.31, 0.28, 0.34),)
