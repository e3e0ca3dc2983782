"""The ratings as tables: CSV with its dictionary, iMRMC, and the R script beside them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from study_scores import arms, score

from app.errors import StoreError
from app.reading.exports import imrmc, long_csv, r_script


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_one_row_per_reader_and_showing_in_the_order_of_reading(tmp_path: Path) -> None:
    rows = [
        replace(score("b", "c1", "human", 4), position=2),
        replace(score("b", "c2", "machine", 2), position=1, first_score=3, changes=1),
        score("a", "c1", "human", 5, item="again", repeat_of="human-c1"),
    ]
    assert long_csv.write(rows, {}, tmp_path / "ratings.csv") == 3
    written = read(tmp_path / "ratings.csv")
    assert [(row["reader"], row["case"], row["arm"]) for row in written] == [
        ("a", "c1", "human"),
        ("b", "c2", "machine"),
        ("b", "c1", "human"),
    ]
    assert (written[1]["score"], written[1]["first_score"], written[1]["changes"]) == (
        "2",
        "3",
        "1",
    )
    assert written[0]["repeat_of"] == "human-c1"
    assert written[0]["shown_at"] == "2026-05-04T09:00:00.000Z"


def test_answers_become_columns_and_no_cell_becomes_a_formula(tmp_path: Path) -> None:
    rows = [
        replace(score("a", "c1", "human", 4, answers={"guess": "human"}), comment="=1+1"),
        score("a", "c2", "machine", 4, answers={"acceptable": "yes"}),
    ]
    long_csv.write(rows, {}, tmp_path / "ratings.csv")
    first, second = read(tmp_path / "ratings.csv")
    assert (first["answer_guess"], first["answer_acceptable"]) == ("human", "")
    assert (second["answer_guess"], second["answer_acceptable"]) == ("", "yes")
    assert first["comment"] == "'=1+1"


def test_the_dictionary_names_every_column(tmp_path: Path) -> None:
    rows = [score("a", "c1", "human", 4, answers={"guess": "human"})]
    questions = {"guess": "Who wrote this?", "addition": "What is missing?"}
    long_csv.write(rows, questions, tmp_path / "ratings.csv")
    long_csv.write_dictionary(rows, questions, tmp_path / "dictionary.csv")
    meanings = {row["column"]: row["meaning"] for row in read(tmp_path / "dictionary.csv")}
    assert list(meanings) == list(read(tmp_path / "ratings.csv")[0])
    assert meanings["answer_guess"] == "Who wrote this?"
    assert read(tmp_path / "ratings.csv")[0]["answer_addition"] == ""  # asked, never answered
    assert all(meanings.values())


def test_a_folder_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        long_csv.write([score("a", "c", "human", 3)], {}, tmp_path / "no" / "ratings.csv")


def test_imrmc_gets_sizes_one_truth_per_case_and_rows_of_four_fields(tmp_path: Path) -> None:
    rows = arms([5, 4], [3], "a") + arms([2, 1], [1], "b")
    rows.append(score("a", "h0", "human", 1, repeat_of="human-h0"))
    rows.append(score("a", "t", "human", 1, training=True))
    file = tmp_path / "study.imrmc"
    imrmc.write(rows, {"h0": False, "h1": True}, file)
    lines = file.read_text(encoding="utf-8").splitlines()
    begin = lines.index("BEGIN DATA:")
    assert lines[begin - 4 : begin] == ["N0: 1", "N1: 2", "NR: 2", "NM: 2"]
    assert lines[begin + 1 : begin + 4] == ["-1,h0,0,0", "-1,h1,0,1", "-1,m0,0,1"]
    assert lines[begin + 4 :] == [
        "a,h0,human,5",
        "a,h1,human,4",
        "a,m0,machine,3",
        "b,h0,human,2",
        "b,h1,human,1",
        "b,m0,machine,1",
    ]


def test_imrmc_ids_hold_no_commas_and_never_look_like_the_truth(tmp_path: Path) -> None:
    file = tmp_path / "study.imrmc"
    imrmc.write([score("-1", "a, b", "human", 3)], {}, file)
    assert file.read_text(encoding="utf-8").splitlines()[-1] == "_-1,a_b,human,3"


@pytest.mark.parametrize("design", ["unpaired", "paired"])
def test_the_script_carries_the_protocols_margin_and_seed(tmp_path: Path, design: str) -> None:
    r_script.write(design, 0.5, 42, tmp_path / "analysis.R")  # type: ignore[arg-type]
    text = (tmp_path / "analysis.R").read_text(encoding="utf-8")
    assert "margin <- 0.5\nset.seed(42)\n" in text
    assert ("Wilcoxon signed rank (Pratt)" in text) == (design == "paired")
    assert "clmm(ordered ~ arm + (1 | reader) + (1 | case)" in text
    assert text.count("{") == text.count("}")
    assert "bootstrap clustered by case" in text
    paired = "Newcombe's interval for paired shares (method 10)"
    assert (paired in text) == (design == "paired")


@pytest.mark.parametrize(("seed", "written"), [(2**31 - 2, 2**31 - 2), (2**31 + 41, 42), (0, 0)])
def test_the_script_s_seed_is_one_that_r_can_take(tmp_path: Path, seed: int, written: int) -> None:
    r_script.write("paired", 0.5, seed, tmp_path / "analysis.R")
    text = (tmp_path / "analysis.R").read_text(encoding="utf-8")
    assert f"set.seed({written})\n" in text
