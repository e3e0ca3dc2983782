"""What a comparison leaves: names of models, a document between two comments, a picture."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from app.errors import AppError, ModelError, UsageError
from app.inference.checkpoint import ModelInfo
from app.training.comparison import document, plot
from app.training.comparison.entrants import entrants, reference

INFO = ModelInfo(
    model_id="first",
    title="First",
    system="densenet_lstm",
    folder=Path("first"),
    sha256="a" * 64,
    size_bytes=1,
    findings=(),
    vocabulary=(),
    language="en",
    preprocessing="p",
    image_size=256,
    config={},
    training={},
)


def test_weights_of_the_same_id_are_told_apart_and_the_same_weights_come_once() -> None:
    other = dataclasses.replace(INFO, sha256="b" * 64)
    third = dataclasses.replace(INFO, sha256="c" * 64, model_id="densenet121-lstm")
    compared = entrants([INFO, other, INFO, third])
    assert [one.label for one in compared] == [
        "first (aaaaaaaa)",
        "first (bbbbbbbb)",
        "densenet121-lstm",
    ]
    assert reference(compared).label == "densenet121-lstm"
    assert reference(compared[:2]).label == "first (aaaaaaaa)"


def test_a_model_drafts_with_the_options_that_it_brings() -> None:
    short = dataclasses.replace(INFO, drafting={"max_words": 5})
    assert entrants([short])[0].options.max_words == 5
    with pytest.raises(ModelError, match="drafting options"):
        entrants([dataclasses.replace(INFO, drafting={"speed": 5})])


def test_no_model_and_two_languages_are_refused() -> None:
    with pytest.raises(UsageError, match="no model to compare"):
        entrants([])
    with pytest.raises(UsageError, match=r"different languages \(en, zh\)"):
        entrants([INFO, dataclasses.replace(INFO, sha256="b", language="zh")])


def test_only_what_stands_between_the_comments_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(f"Before é\r\n{document.BEGIN}\r\nold\r\n{document.END}\r\nafter".encode())
    document.put(page, ["new", "table"])
    once = page.read_bytes()
    assert once.startswith(f"Before é\r\n{document.BEGIN}\n\nnew\ntable\n\n".encode())
    assert once.endswith(f"{document.END}\r\nafter".encode())
    document.put(page, ["new", "table"])
    assert page.read_bytes() == once


def test_a_document_that_is_no_text_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AppError, match="it is no UTF-8 text"):
        document.check(page)


def test_a_picture_is_drawn_for_each_collection_with_figures(tmp_path: Path) -> None:
    def figure(value: float | None) -> dict[str, float | None]:
        if value is None:
            return dict.fromkeys(("value", "low", "high"))
        return {"value": value, "low": value - 0.1, "high": value + 0.1}

    rows = [
        {"row": "a", "kind": "model", "metrics": {"CIDEr": figure(0.3), "micro F1": figure(None)}},
        {"row": "b", "kind": "no image", "metrics": {"CIDEr": figure(0.2)}},
        {"row": "c", "kind": "oracle", "metrics": {"CIDEr": figure(4.0)}},
    ]
    sources = {"own": {"split": "test", "rows": rows}, "none": {"split": "test"}}
    written = plot.draw({"sources": sources}, tmp_path / "pictures")
    assert [file.name for file in written] == ["own-comparison.png"]
    assert written[0].read_bytes().startswith(b"\x89PNG")
    # Nobody has the second figure: it gets no panel.
    for row in rows:
        row["metrics"].pop("micro F1", None)  # type: ignore[attr-defined]
    again = plot.draw({"sources": sources}, tmp_path / "without")
    assert again[0].read_bytes() == written[0].read_bytes()
