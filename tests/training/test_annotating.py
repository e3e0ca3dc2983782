"""Reports as short annotations: the finding first, then its place, side and degree."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.training.annotating import annotated, of_report
from app.training.archive import Archive
from app.training.corpora import Case
from app.training.corpora.headings import of_headings


@pytest.mark.parametrize(
    ("report", "annotation"),
    [
        ("Mild opacity at the left lung base.", "opacity lung base left mild"),
        ("Large right pleural effusion.", "pleural-effusion right large"),
        ("No pneumothorax. Moderate cardiomegaly.", "cardiomegaly moderate"),
        ("Nodule in the right upper lobe.", "nodule lung upper-lobe right"),
        ("Both lungs clear. Bilateral consolidation.", "consolidation lung bilateral"),
        ("A pacemaker is seen. There is a small pneumothorax.", "pneumothorax small"),
        ("A pacemaker is seen.", "implanted-medical-device"),
        ("The heart is normal. The lungs are clear.", "normal"),
        ("Possible pneumonia.", ""),
    ],
)
def test_the_first_finding_that_is_present_makes_the_annotation(
    report: str, annotation: str
) -> None:
    assert of_report(report) == annotation


def test_the_place_comes_from_the_findings_own_sentence() -> None:
    assert of_report("Cardiomegaly. The left base is clear.") == "cardiomegaly"


def test_headings_become_one_word_each_and_at_most_five() -> None:
    told = ["No Indexing", "Calcified Granuloma/lung/upper lobe/right", "normal"]
    assert of_headings(told) == "calcified-granuloma lung upper-lobe right"
    assert of_headings(["Opacity/a/b/c/d/e/f"]) == "opacity a b c d"
    assert of_headings(["", "No Indexing"]) == ""


def test_the_collections_own_annotation_stands_before_the_mined_one() -> None:
    cases = [
        Case(None, "a", "train", "1", "Cardiomegaly.", annotation="cardiomegaly borderline"),
        Case(None, "a", "train", "2", "Cardiomegaly."),
        Case(None, "a", "train", "3", ""),
    ]
    texts = [*cases[:1], Case(None, "a", "train", "4", "Possible pneumonia.")]
    archive = Archive(np.zeros((3, 4, 4), np.uint8), cases, texts, torch.zeros(3, 1))
    found = annotated(archive)
    assert [case.report for case in found.cases] == ["cardiomegaly borderline", "cardiomegaly", ""]
    assert [case.group for case in found.texts] == ["1"]  # what tells nothing can't be lent
    assert found.labels is archive.labels
