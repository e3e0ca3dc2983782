"""Indiana's collection in its three forms gives the same cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import AppError
from app.training.corpora import Case, Corpus, ImportReport, read

KINDS = ("iu-xray-xml", "iu-xray-csv", "iu-xray-annotation")
FINDINGS = "No XXXX effusion. Lungs are clear."
RECORD = """<?xml version="1.0" encoding="utf-8"?>
{top}<eCitation><uId id="CXR{uid}"/><MedlineCitation><Article><Abstract>
<AbstractText Label="COMPARISON">None.</AbstractText>
<AbstractText Label="INDICATION">XXXX-year-old male</AbstractText>
<AbstractText Label="FINDINGS">{findings}</AbstractText>
<AbstractText Label="IMPRESSION">1. Normal &amp; clear chest.</AbstractText>
</Abstract></Article></MedlineCitation>
<MeSH><major>Opacity/lung/base/left/mild</major><major>Aorta/tortuous</major></MeSH>
<parentImage id="CXR{uid}_IM-0003-1001"/><parentImage id="CXR{uid}_IM-0003-2001"/></eCitation>"""


def taken(kind: str, folder: Path, **options: object) -> tuple[list[Case], ImportReport]:
    return read(Corpus("iu", kind, folder, options))


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Study 12 with both images, study 13 with none of its two."""
    (tmp_path / "images").mkdir()
    for view in ("1001", "2001"):
        (tmp_path / "images" / f"CXR12_IM-0003-{view}.png").write_bytes(b"picture")
    (tmp_path / "ecgen-radiology").mkdir()
    reports, projections, entries = "uid,findings,impression\n", "uid,filename,projection\n", []
    for uid in (12, 13):
        (tmp_path / "ecgen-radiology" / f"{uid}.xml").write_text(
            RECORD.format(uid=uid, findings=FINDINGS, top="")
        )
        reports += f"{uid},{FINDINGS},1. Normal & clear chest.\n"
        for number, view in (("1001", "Frontal"), ("2001", "Lateral")):
            projections += f"{uid},{uid}_IM-0003-{number}.dcm.png,{view}\n"
        entries.append(
            {
                "id": f"CXR{uid}_IM-0003",
                "report": FINDINGS,
                "image_path": [f"CXR{uid}_IM-0003/0.png", f"CXR{uid}_IM-0003/1.png"],
                "split": "val",
            }
        )
    (tmp_path / "indiana_reports.csv").write_text(reports)
    (tmp_path / "indiana_projections.csv").write_text(projections)
    (tmp_path / "annotation.json").write_text(json.dumps({"val": entries}))
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_images_views_and_cleaned_findings(collection: Path, kind: str) -> None:
    cases, report = taken(kind, collection, sections=["findings"])
    assert [(case.group, case.study, case.view, case.report) for case in cases] == [
        ("iu-12", "iu-12", "frontal", "No effusion. Lungs are clear."),
        ("iu-12", "iu-12", "lateral", "No effusion. Lungs are clear."),
    ]
    assert all(case.image and case.image.is_file() for case in cases)
    assert {case.split for case in cases} == {"val" if kind == "iu-xray-annotation" else ""}
    assert report.left_out == {"no image of the report is there": 1}
    assert report.rules["hidden word"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_reports_without_images_on_request(collection: Path, kind: str) -> None:
    cases, report = taken(kind, collection, text_only=True)
    assert [case.group for case in cases if case.image is None] == ["iu-13"]
    assert report.left_out == {}


def test_impressions_are_learned_unless_the_sections_say_otherwise(collection: Path) -> None:
    both = taken("iu-xray-xml", collection)[0][0].report
    impression = taken("iu-xray-csv", collection, sections=["impression"])[0][0].report
    assert both == "No effusion. Lungs are clear. Normal & clear chest."
    assert impression == "Normal & clear chest."


def test_images_that_lie_where_the_annotation_says(collection: Path) -> None:
    place = collection / "images" / "CXR13_IM-0003" / "0.png"
    place.parent.mkdir()
    place.write_bytes(b"picture")
    images = [case.image for case in taken("iu-xray-annotation", collection)[0]]
    assert place in images


def test_a_record_that_declares_entities_is_refused(collection: Path) -> None:
    bomb = '<!DOCTYPE e [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>\n'
    record = RECORD.format(uid=12, findings="&b;", top=bomb)
    (collection / "ecgen-radiology" / "12.xml").write_text(record)
    (collection / "ecgen-radiology" / "14.xml").write_text("<eCitation><uId id=")
    (collection / "ecgen-radiology" / "15.xml").write_text("<note/>")
    cases, report = taken("iu-xray-xml", collection)
    assert cases == []
    assert report.left_out == {
        "no image of the report is there": 1,
        "report is not readable XML": 1,
        "report is not a record of this collection": 1,
        "report is refused: it declares a document type": 1,
    }


def test_an_annotation_that_leads_out_of_its_folder_is_refused(collection: Path) -> None:
    entry = {"id": "CXR1_IM-1", "report": "Clear.", "image_path": ["../../secret.png"]}
    (collection / "annotation.json").write_text(json.dumps({"train": [entry]}))
    with pytest.raises(AppError, match="outside"):
        taken("iu-xray-annotation", collection)


@pytest.mark.parametrize("text", ["{", '{"train": [{"id": 1}]}', '["train"]'])
def test_a_damaged_annotation_is_named(collection: Path, text: str) -> None:
    (collection / "annotation.json").write_text(text)
    with pytest.raises(AppError, match=r"annotation\.json is not an annotation file"):
        taken("iu-xray-annotation", collection)


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_form_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(AppError, match="can't be read"):
        taken(kind, tmp_path)


@pytest.mark.shared
def test_the_three_real_forms_agree(shared_data: Path) -> None:
    found: dict[str, list[Case]] = {}
    left_out = {}
    for kind in KINDS:
        options = {"text_only": True, "sections": ["findings"]}
        found[kind], report = read(Corpus(kind, kind, shared_data / "iu-xray", options))
        left_out[kind] = report.left_out["no sentence left of the report"]
    texts = {kind: {case.group: case.report for case in found[kind]} for kind in KINDS}
    xml = texts["iu-xray-xml"]
    for kind, count in zip(KINDS, (3365, 3261, 2365), strict=True):
        assert texts[kind] == {group: xml[group] for group in texts[kind]}
        assert len(texts[kind]) + left_out[kind] == count
    images = {
        kind: {(case.image, case.view) for case in found[kind] if case.image} for kind in KINDS
    }
    assert len(images["iu-xray-xml"]) == 24, "five of the 29 have no findings section"
    assert images["iu-xray-xml"] == images["iu-xray-csv"]
    assert images["iu-xray-annotation"] < images["iu-xray-csv"]


def test_the_first_mesh_heading_is_the_annotation(collection: Path) -> None:
    cases, _ = taken("iu-xray-xml", collection)
    assert {case.annotation for case in cases} == {"opacity lung base left mild"}
