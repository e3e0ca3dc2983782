"""Measurements come back as they were made, every state of them; the newest counts."""

from __future__ import annotations

import csv
import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.imaging.measuring.measurement import Kind
from app.store.repository import Repository


def test_measurement_comes_back_as_it_was_saved(repository: Repository, make: Any) -> None:
    made = make.measurement((1.25, 2.5), (3, 4), kind=Kind.ARROW, text="Knoten 心")
    kept = repository.save_measurement(made)
    assert kept == dataclasses.replace(made, number=1)
    assert repository.measurements("1.2.3") == [kept]
    assert repository.measurements("9") == []


def test_key_image_is_kept_like_a_measurement(repository: Repository, make: Any) -> None:
    made = make.measurement()
    mark = dataclasses.replace(
        made,
        measurement=dataclasses.replace(made.measurement, kind=Kind.KEY_IMAGE, points=()),
        values=(),
        sentence="Key image",
    )
    repository.save_measurement(mark)
    [kept] = repository.measurements("1.2.3")
    assert kept.measurement.kind is Kind.KEY_IMAGE
    assert kept.image_id == "image-1"


def test_a_changed_measurement_is_a_new_state_and_stays_in_its_place(
    repository: Repository, make: Any
) -> None:
    first, second = make.measurement(), make.measurement()
    repository.save_measurement(first)
    repository.save_measurement(second)
    moved = dataclasses.replace(first, measurement=first.measurement.moved(3, 4))
    assert repository.save_measurement(moved).number == 2
    standing = repository.measurements("1.2.3")
    assert [item.measurement for item in standing] == [moved.measurement, second.measurement]
    assert len(repository.measurement_revisions("1.2.3")) == 3


def test_saving_the_same_again_adds_nothing(repository: Repository, make: Any) -> None:
    made = make.measurement()
    kept = repository.save_measurement(made)
    later = dataclasses.replace(made, at=made.at + timedelta(hours=1))
    assert repository.save_measurement(later) == kept
    assert len(repository.measurement_revisions("1.2.3")) == 1


def test_a_removed_measurement_is_gone_until_it_is_brought_back(
    repository: Repository, make: Any
) -> None:
    made = make.measurement()
    repository.save_measurement(made)
    repository.save_measurement(dataclasses.replace(made, deleted=True))
    assert repository.measurements("1.2.3") == []
    assert repository.save_measurement(made).number == 3
    assert [item.measurement for item in repository.measurements("1.2.3")] == [made.measurement]


def test_the_newest_state_counts_even_if_the_clock_went_back(
    repository: Repository, make: Any
) -> None:
    made = make.measurement()
    repository.save_measurement(made)
    earlier = made.at - timedelta(days=1)
    repository.save_measurement(dataclasses.replace(made, deleted=True, at=earlier))
    assert repository.measurements("1.2.3") == []


def test_log_says_what_came_and_went_not_every_move(repository: Repository, make: Any) -> None:
    made = make.measurement()
    repository.save_measurement(made)
    for step in range(3):
        moved = made.measurement.moved(step + 1, 0)
        repository.save_measurement(dataclasses.replace(made, measurement=moved))
    repository.save_measurement(dataclasses.replace(made, deleted=True))
    lines = [(line.who, line.action, line.detail) for line in repository.history("1.2.3")]
    assert lines == [
        ("Dr. Ray", "put on the image", "length"),
        ("Dr. Ray", "removed from the image", "length"),
    ]


def test_ratings_carry_what_was_measured_on_the_study(repository: Repository, make: Any) -> None:
    number = repository.save_analysis("1.2.3", make.analysis())
    repository.save_rating(make.rating(number))
    assert repository.all_ratings()[0].measurements == ()
    repository.save_measurement(make.measurement(sentence="Cardiothoracic ratio 0.47"))
    gone = make.measurement(sentence="Length 3 px")
    repository.save_measurement(gone)
    repository.save_measurement(dataclasses.replace(gone, deleted=True))
    repository.save_measurement(make.measurement(kind=Kind.ARROW, sentence="Arrow"))
    assert repository.all_ratings()[0].measurements == ("Cardiothoracic ratio 0.47",)


def test_export_is_one_row_per_measurement_that_stands(
    repository: Repository, make: Any, tmp_path: Path
) -> None:
    repository.save_measurement(make.measurement())
    gone = make.measurement()
    repository.save_measurement(gone)
    repository.save_measurement(dataclasses.replace(gone, deleted=True))
    file = tmp_path / "measurements.csv"
    assert repository.export_measurements(file, who="me") == 1
    with file.open(encoding="utf-8", newline="") as handle:
        [row] = csv.DictReader(handle)
    assert (row["patient_id"], row["length"], row["unit"]) == ("P-7", "5.0", "mm")
    assert repository.history()[-1].action == "exported measurements"
    repository.export_measurements(file, pseudonymise=True)
    assert "P-7" not in file.read_text()
    assert "1.2.3" not in file.read_text()
