"""A hospital's own table, whatever its columns are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import AppError
from app.training.corpora import Case, Corpus, ImportReport, fields, read

RAW = "INDICATION: cough. FINDINGS: Stable cardiomegaly. IMPRESSION: No pneumothorax."


def taken(folder: Path, **options: object) -> tuple[list[Case], ImportReport]:
    return read(Corpus("ward", "table", folder, options))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pixels").mkdir()
    (tmp_path / "pixels" / "1.png").write_bytes(b"picture")
    return tmp_path


COLUMNS = {"image": "Bild", "report": "Befund", "patient": "Pat", "view": "Proj", "age": "Alter"}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_columns_separators_and_marks(folder: Path, separator: str, encoding: str) -> None:
    header = separator.join(("Bild", "Befund", "Pat", "Proj", "Alter"))
    row = separator.join(("1.png", f'"{RAW}, ä;b"', "Müller", "ap supine", "033Y"))
    (folder / "t.csv").write_text(f"{header}\r\n{row}\r\n", encoding=encoding)
    (case,), _ = taken(folder, columns=COLUMNS, images="pixels")
    assert case.report.startswith("Cardiomegaly. No pneumothorax")
    assert (case.view, case.age, case.split) == ("AP", 33.0, "")
    assert "ller" not in case.group, "patients become pseudonyms"


def test_findings_and_impression_in_columns_of_their_own(folder: Path) -> None:
    (folder / "t.csv").write_text(
        "image,findings,impression,study,split\npixels/1.png,Clear lungs,1. Normal chest.,S1,dev\n"
    )
    (case,), _ = taken(folder)
    assert case.report == "Clear lungs. Normal chest."
    assert case.split == "val"
    assert case.group == f"ward-{case.study}"
    assert taken(folder, sections=["impression"])[0][0].report == "Normal chest."


def test_captions_in_a_table_are_cleaned_as_captions(folder: Path) -> None:
    (folder / "t.csv").write_text("image,report\npixels/1.png,Chest X-ray showing a mass (arrow)\n")
    (case,), report = taken(folder, cleaning="captions")
    assert case.report == "Mass."
    assert report.rules["arrow"] == 1


def test_what_is_left_out_is_counted_or_taken_as_text(folder: Path) -> None:
    (folder / "t.csv").write_text(
        "image,report\npixels/1.png,\npixels/2.png,Clear lungs.\n,Small effusion.\n"
        "pixels/1.png,Recommend CT.\n"
    )
    cases, report = taken(folder)
    assert cases == []
    assert report.left_out == {
        "no report in the row": 1,
        "image missing": 1,
        "row names no image": 1,
        "no sentence left of the report": 1,
    }
    texts = taken(folder, text_only=True)[0]
    assert [case.report for case in texts] == ["Clear lungs.", "Small effusion."]
    assert all(case.image is None for case in texts)


def test_a_table_of_images_without_text(folder: Path) -> None:
    (folder / "t.csv").write_text("image\npixels/1.png\n")
    (case,), _ = taken(folder)
    assert case.report == ""
    assert case.group == "image:ward-pixels/1.png"


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (b"image,report\n", {"columns": {"image": "Bild"}}, "no column 'Bild'"),
        (b"report\n", {}, "no column 'image'"),
        (b"image,colour\n", {"columns": {"colour": "colour"}}, "unknown role 'colour'"),
        (b"image,image\n1,2\n", {}, "two columns 'image'"),
        ("image,report\n1,Größe\n".encode("latin-1"), {}, "is not UTF-8 text"),
        ("image,report\n".encode("utf-16"), {}, "is not UTF-8 text"),
        (b"image\n../../up.png\n", {}, "outside"),
        (b"image\npixels/1.png\n", {"file": "../t.csv"}, "outside"),
        (b"image\npixels/1.png\n", {"images": ".."}, "outside"),
        (b"image\n", {"file": "none.csv"}, "can't be read"),
    ],
)
def test_mistakes_are_named(
    folder: Path, content: bytes, options: dict[str, object], told: str
) -> None:
    (folder / "t.csv").write_bytes(content)
    with pytest.raises(AppError, match=told):
        taken(folder, **options)


def test_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "pixels" / "out.png").symlink_to("/etc/hostname")
    (folder / "t.csv").write_text("image\npixels/out.png\n")
    with pytest.raises(AppError, match="outside"):
        taken(folder)


def test_the_table_must_be_named_among_several(folder: Path) -> None:
    with pytest.raises(AppError, match="holds no CSV tables"):
        taken(folder)
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("image\npixels/1.png\n")
    with pytest.raises(AppError, match="holds 2 CSV tables"):
        taken(folder)
    assert len(taken(folder, file="b.csv")[0]) == 1


@pytest.mark.parametrize(
    ("word", "years"),
    [("57", 57.0), ("057Y", 57.0), ("18M", 1.5), ("3 weeks", 0.057), ("412", None), ("old", None)],
)
def test_ages(word: str, years: float | None) -> None:
    assert fields.age(word) == years


@pytest.mark.parametrize(
    ("word", "view"),
    [
        ("PA", "PA"),
        ("AP SUPINE", "AP"),
        ("Lateral", "lateral"),
        ("LL", "lateral"),
        ("LLAT", "lateral"),
        ("Frontal", "frontal"),
        ("OBLIQUE", ""),
        ("", ""),
        ("postero-anterior", "PA"),
        ("后前位", "PA"),
    ],
)
def test_views(word: str, view: str) -> None:
    assert fields.view(word) == view
