"""How far the rules agree with the CheXbert tags of real reports, and how agreement is counted."""

from __future__ import annotations

import csv
import json
import math
import random
from pathlib import Path

import pytest

from app.errors import AppError
from app.training.labels import CHEXPERT, agreement, macro_f1, micro_f1, no_finding, positives


def test_agreement_counts_each_finding() -> None:
    table = agreement([{"Edema", "Fracture"}, {"Edema"}, set()], [{"Edema"}, set(), {"Fracture"}])
    edema, fracture = table["Edema"], table["Fracture"]
    assert (edema.truth, edema.predicted, edema.hits) == (1, 2, 1)
    assert (edema.precision, edema.recall) == (0.5, 1.0)
    assert edema.f1 == pytest.approx(2 / 3)
    assert fracture.f1 == fracture.precision == fracture.recall == 0.0
    assert macro_f1(table) == pytest.approx(1 / 3)
    assert micro_f1(table) == pytest.approx(2 / 5)
    assert math.isnan(macro_f1(table, least=2))
    assert table["Pneumonia"].f1 == 0.0


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(AppError, match="2 texts"):
        agreement([set(), set()], [set()])


@pytest.mark.shared
@pytest.mark.parametrize("half", [0, 1], ids=["developed on", "held back"])
def test_agreement_with_the_tags_of_real_reports(shared_data: Path, half: int) -> None:
    """Uncertain counts as positive on both sides; no report of the second half was read for
    the rules.
    """
    folder = shared_data / "iu-xray"
    studies = json.loads((folder / "annotation.json").read_text(encoding="utf-8"))
    reports = {study["id"]: study["report"] for part in studies.values() for study in part}
    with (folder / "chexbert_tags.csv").open(encoding="utf-8", newline="") as file:
        tags = {row["Id"]: row for row in csv.DictReader(file)}
    order = sorted(tags)
    random.Random(3).shuffle(order)
    middle = len(order) // 2
    taken = order[:middle] if half == 0 else order[middle:]
    truth = [{name for name in CHEXPERT if tags[key][name] in ("1.0", "-1.0")} for key in taken]
    found = [
        positives(reports[key]) | ({"No Finding"} if no_finding(reports[key]) else set())
        for key in taken
    ]
    assert macro_f1(agreement(found, truth), least=10) >= 0.85
