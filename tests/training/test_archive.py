"""What a run makes of its collections: labels from reports, limits, borrowed reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from app.imaging import preprocess
from app.imaging.reading import read_image
from app.paths import resources, shipped_gate
from app.training.archive import Archive, _frontal, label_matrix, limited
from app.training.borrowing import lend
from app.training.corpora import Case

FINDINGS = ("Effusion", "Cardiomegaly")


def case(source: str, split: str = "train", report: str = "", **labels: float) -> Case:
    return Case(Path(f"{source}.png"), source, split, source, report, labels)


def archive(cases: list[Case], texts: list[Case] | None = None) -> Archive:
    images = np.zeros((len(cases), 8, 8), np.uint8)
    return Archive(images, cases, texts or [], label_matrix(cases, FINDINGS))


def test_labels_are_those_given_else_what_the_report_tells_else_unknown() -> None:
    matrix = label_matrix(
        [
            case("a", Effusion=1.0),
            case("b", report="Left pleural effusion. No cardiomegaly."),
            case("c"),
            case("d", report="Left pleural effusion.", Effusion=0.0),
        ],
        FINDINGS,
    )
    told = [[None if np.isnan(x) else x for x in row] for row in matrix.tolist()]
    assert told == [[1.0, None], [1.0, 0.0], [None, None], [0.0, None]]


def test_rows_are_chosen_by_source_split_and_report() -> None:
    cases = [case("a"), case("a", "val"), case("b"), case("a", report="Effusion.")]
    some = archive(cases)
    assert some.rows(["a"], "train").tolist() == [0, 3]
    assert some.rows(["a", "b"], "train", reports=True).tolist() == [3]
    assert some.labelled(some.rows(["a"], "train")).tolist() == [3]


def test_a_limit_thins_a_source_or_shows_it_more_often_but_evenly() -> None:
    some = archive([case("many")] * 10 + [case("few")] * 3)
    draw = torch.Generator().manual_seed(0)
    rows = limited(some, torch.arange(13), {"many": 4, "few": 7}, draw).tolist()
    assert len([row for row in rows if row < 10]) == 4
    assert sorted(rows.count(row) for row in (10, 11, 12)) == [2, 2, 3]


def test_digest_changes_with_a_text_a_split_or_a_pixel() -> None:
    one = archive([case("a"), case("b", report="Effusion.")])
    assert one.digest() == archive([case("a"), case("b", report="Effusion.")]).digest()
    assert one.digest() != archive([case("a"), case("b", report="No effusion.")]).digest()
    assert one.digest() != archive([case("a"), case("b", "val", "Effusion.")]).digest()
    one.images[0, 0, 0] = 9
    assert one.digest() != archive([case("a"), case("b", report="Effusion.")]).digest()


def test_a_report_is_lent_only_where_every_known_label_agrees() -> None:
    texts = [
        case("texts", report="Large pleural effusion."),
        case("texts", report="Pleural effusion and cardiomegaly."),
        case("texts", report="Clear lungs."),
        case("other", report="Small pleural effusion."),
    ]
    images = [
        case("nih", Effusion=1.0, Cardiomegaly=0.0),
        case("nih", Effusion=1.0),
        case("nih", Effusion=0.0, Cardiomegaly=1.0),
        case("nih", "val", Effusion=1.0),
        case("pairs", report="Own report."),
    ]
    borrowed = lend(archive(images, texts), FINDINGS, ["texts"], ["nih", "pairs"])
    assert borrowed.reports == {
        0: ("Large pleural effusion.",),
        1: ("Large pleural effusion.", "Pleural effusion and cardiomegaly."),
    }
    draw = torch.Generator().manual_seed(0)
    assert {borrowed.report(1, draw) for _ in range(20)} == set(borrowed.reports[1])


def test_lateral_views_are_left_out_and_the_gate_finds_what_nobody_named() -> None:
    frontal = preprocess.equalised(read_image(resources() / "synthetic" / "frontal.dcm"))
    noise = np.random.default_rng(0).integers(0, 255, frontal.shape).astype(np.uint8)
    images = np.stack([frontal, frontal, noise, noise])
    cases = [
        replace(case("named"), view="PA"),
        case("unknown"),
        case("other"),
        replace(case("side"), view="lateral"),
    ]
    said: list[str] = []
    kept, left = _frontal(images, cases, shipped_gate(), images, said.append)
    assert [one.source for one in left] == ["named", "unknown"]
    assert np.array_equal(kept, images[:2])
    assert said[0] == "left out: 1 (lateral views)"
    assert said[-1].startswith("left out: 1 (not a frontal")
    assert [one.source for one in _frontal(images, cases, None, None, print)[1]] == [
        "named",
        "unknown",
        "other",
    ]
