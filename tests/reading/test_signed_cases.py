"""Cases out of signed reports: which, with whose codes, and which not."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import pytest
from signed_reports import signed

from app.errors import StudyError
from app.imaging.radiograph import Patient, View
from app.imaging.study import open_study
from app.paths import resources
from app.reading.signed_cases import (
    EMPTY,
    GONE,
    MACHINE,
    NO_FRONTAL,
    PACKED,
    codes,
    gather,
    people_of,
)
from app.reporting.report import Source

READERS = ("R1", "R2")


def test_a_signed_report_becomes_a_case(tmp_path: Path) -> None:
    study = signed(tmp_path, 1, people=("Ben", "Cleo"))
    people = {"Anna": "R1", "Ben": "R2", "Cleo": ""}
    [case] = gather([study], people).cases
    assert case.case == "S0001"
    assert case.image == tmp_path / "image001.png"
    assert case.report == study.report.text
    assert case.patient == "P1"
    assert case.author == "R1"
    assert case.drafted_by == ("R1", "R2")
    assert case.seen_by("R2")
    assert case.machine_report == ""


def test_a_case_knows_whom_its_texts_may_not_name(tmp_path: Path) -> None:
    study = signed(tmp_path, 1, people=("Ben",))
    patient = Patient("P1", "Adams^Clara")
    study = dataclasses.replace(study, study=dataclasses.replace(study.study, patient=patient))
    [case] = gather([study], {"Anna": "R1", "Ben": ""}).cases
    assert case.names == ("Adams^Clara", "Anna", "Ben")


def test_an_author_who_is_no_reader_keeps_the_name(tmp_path: Path) -> None:
    [case] = gather([signed(tmp_path, 1, author="Dr. Ray")], {"Dr. Ray": ""}).cases
    assert case.author == "Dr. Ray"
    assert case.drafted_by == ()


def test_what_can_be_no_case_is_counted_by_its_reason(tmp_path: Path) -> None:
    taken = Source(1, 1, "The lungs are clear.")
    whole = signed(tmp_path, 1, report="The lungs are clear. No effusion.", sources=(taken,))
    edited = signed(tmp_path, 2, report="The lungs are not clear.", sources=(taken,))
    given_up = signed(tmp_path, 3, report="Cardiomegaly.", sources=(taken,))
    empty = signed(tmp_path, 4, report=" \n")
    gone = signed(tmp_path, 5)
    (tmp_path / "image005.png").unlink()
    packed = signed(tmp_path, 6)
    with zipfile.ZipFile(tmp_path / "six.zip", "w") as archive:
        archive.write(tmp_path / "image006.png", "image006.png")
    archived = dataclasses.replace(packed.study, path=str(tmp_path / "six.zip"))
    packed = dataclasses.replace(packed, study=archived)
    replaced = signed(tmp_path, 8)
    (tmp_path / "image008.png").write_bytes((tmp_path / "image001.png").read_bytes())
    studies = [whole, edited, given_up, empty, gone, packed, replaced]
    found = gather(studies, {"Anna": ""})
    assert [case.case for case in found.cases] == ["S0003"]
    assert found.left_out == {MACHINE: 2, EMPTY: 1, GONE: 2, PACKED: 1}
    assert any("2 left out: the signed report holds" in line for line in found.sentences())


def test_a_study_in_a_folder_is_found_again_there(tmp_path: Path) -> None:
    studies = [signed(tmp_path, number) for number in range(3)]
    studies = [
        dataclasses.replace(one, study=dataclasses.replace(one.study, path=str(tmp_path)))
        for one in studies
    ]
    found = gather(studies, {"Anna": ""})
    assert [case.image.name for case in found.cases] == [
        "image000.png",
        "image001.png",
        "image002.png",
    ]


def test_a_study_without_a_frontal_image_is_none(tmp_path: Path) -> None:
    synthetic = open_study(resources() / "synthetic")[0]
    lateral = next(one for one in synthetic.images if one.view is View.LATERAL)
    study = signed(tmp_path, 1)
    only = dataclasses.replace(study.study, study_id=synthetic.study_id, path=str(lateral.path))
    other = signed(tmp_path, 2)
    found = gather([dataclasses.replace(study, study=only), other], {"Anna": ""})
    assert found.left_out == {NO_FRONTAL: 1}


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[int] = []
    gather([signed(tmp_path, n) for n in range(3)], {"Anna": ""}, heard.append)
    assert heard == [1, 2, 3]


def test_without_a_case_it_says_why(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="No study in the database has a signed report"):
        gather([], {})
    with pytest.raises(StudyError, match=r"None of the 1 studies .*1: the signed report is empty"):
        gather([signed(tmp_path, 1, report="")], {"Anna": ""})


def test_names_become_codes(tmp_path: Path) -> None:
    names = people_of([signed(tmp_path, 1, people=("Ben  Brown", "r2"))])
    assert names == ("Anna", "Ben  Brown", "r2")
    assert codes(names, READERS, [("anna", "R1"), ("ben brown", "")]) == {
        "Anna": "R1",
        "Ben  Brown": "",
        "r2": "R2",
    }


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ([], "Which readers are Anna, Ben"),
        ([("Anna", "R1")], "Which readers are Ben"),
        ([("Anna", "R1"), ("Zoe", "R2")], "Nobody called Zoe"),
        ([("Anna", "R7"), ("Ben", "")], "There is no reader R7"),
    ],
)
def test_who_is_who_must_be_told(told: list[tuple[str, str]], sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        codes(("Anna", "Ben"), READERS, told)
