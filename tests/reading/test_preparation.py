"""The coordinator's texts before the freeze: rewritten, reworded, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import StudyError
from app.reading.cases import Case
from app.reading.preparation import Preparation
from app.reading.protocol import Protocol
from app.store.reader_study_freeze import freeze

PROTOCOL = Protocol("t", "unpaired", 5, 0.5, ("R1",), 2)
SIGNED = "Dr. Smith: chest X-ray showing chest film with a nodule (arrow)"


def prepared(human: str = SIGNED, machine: str = "Mass.") -> Preparation:
    cases = [Case(f"C{n}", Path(f"{n}.png"), human, machine_report=machine) for n in range(4)]
    return Preparation.begin(PROTOCOL, cases)


def code(preparation: Preparation, arm: str) -> str:
    return next(item.code for item in preparation.items() if item.arm == arm)


def texts(preparation: Preparation) -> dict[str, str]:
    return {item.arm: item.report for item in preparation.items()}


def test_rewriting_again_mends_what_an_earlier_rewriting_left_and_is_logged() -> None:
    first = prepared()
    half = {f"human {case}": "Chest film with a nodule." for case in first.arms["human"]}
    left = replace(first, texts=half)
    again = left.rewrite_neutrally()
    assert texts(again) == {"human": "A nodule.", "machine": "Mass."}
    assert len(again.log) == len(left.log) + 2
    assert again.rewrite_neutrally() == again


def test_a_wording_by_hand_is_kept_from_the_rewriting_also_after_it_was_saved(
    tmp_path: Path,
) -> None:
    first = prepared().rewrite_neutrally()
    by_hand = first.reword(code(first, "human"), "Nodule (arrow) on the film", "typo")
    by_hand.save(tmp_path)
    loaded = Preparation.load(tmp_path)
    assert loaded == by_hand
    kept = {item.code: item.report for item in loaded.rewrite_neutrally().items()}
    assert kept[code(first, "human")] == "Nodule (arrow) on the film."


def test_an_older_preparation_keeps_its_wordings(tmp_path: Path) -> None:
    first = prepared()
    old = first.reword(code(first, "human"), "Nodule (arrow)", "typo").to_json()
    del old["by_hand"]
    loaded = Preparation.from_json(old, tmp_path)
    kept = {item.code: item.report for item in loaded.rewrite_neutrally().items()}
    assert kept[code(first, "human")] == "Nodule (arrow)."


def test_names_are_kept_and_an_author_told_by_code_is_none(tmp_path: Path) -> None:
    named = Case("C0", Path("0.png"), SIGNED, author="R1", names=("Adams^Clara",))
    cases = [named, *(Case(f"C{n}", Path(f"{n}.png"), SIGNED, author="Ray") for n in range(1, 4))]
    Preparation.begin(PROTOCOL, cases).save(tmp_path)
    names = Preparation.load(tmp_path).names
    assert names == {"C0": ("Adams^Clara",), **{f"C{n}": ("Ray",) for n in range(1, 4)}}


def test_a_text_that_rewriting_would_empty_is_left_to_the_coordinator() -> None:
    assert texts(prepared("Chest X-ray.").rewrite_neutrally())["human"] == "Chest x-ray."


@pytest.mark.parametrize("empty", ["...", "FINDINGS:", "12."])
@pytest.mark.parametrize("arm", ["human", "machine"])
def test_a_report_without_a_word_is_not_frozen(tmp_path: Path, arm: str, empty: str) -> None:
    preparation = prepared(**{"human": "Nodule.", "machine": "Mass."} | {arm: empty})
    named = code(preparation, arm)
    with pytest.raises(StudyError, match=f"2 reports have no word, .* of {named} .*{arm} arm"):
        freeze(preparation, tmp_path / "prepared", tmp_path / "study", "correct horse")
    assert not (tmp_path / "study").exists()
