"""Public collections: what is taken, what is left out and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.errors import AppError
from app.training.corpora import NIH_LABELS, Case, Corpus, ImportReport, read


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"picture")


def taken(kind: str, folder: Path, **options: object) -> tuple[list[Case], ImportReport]:
    return read(Corpus("mine", kind, folder, options))


def test_captions_are_cleaned_and_every_loss_is_counted(tmp_path: Path) -> None:
    touch(tmp_path / "images", "a.webp", "b.webp")
    (tmp_path / "captions.csv").write_text(
        "image,caption,split\n"
        "a.webp,Chest X-ray showing bilateral pneumonia (arrow),train\n"
        "b.webp,Chest X-ray on admission,validation\n"
        "c.webp,Chest X-ray showing a mass,val\n"
    )
    cases, report = taken("roco", tmp_path)
    assert [(case.report, case.split, case.source) for case in cases] == [
        ("Bilateral pneumonia.", "train", "mine")
    ]
    assert report.taken == 1
    assert report.left_out == {"caption names no finding": 1, "image missing": 1}
    assert report.rules["arrow"] == 1
    assert report.lines()[0] == "mine: 1 cases taken"


def test_captions_as_they_were_published_are_of_the_chest_only(tmp_path: Path) -> None:
    touch(tmp_path, "train/R1.jpg", "train/R2.jpg", "valid/R3.jpg")
    (tmp_path / "train_captions.csv").write_text(
        "ID,Caption\nR1,Chest X-ray showing a nodule\nR2,CT of the chest showing a nodule\n"
    )
    (tmp_path / "valid_captions.csv").write_text("ID,Caption\nR3,CXR with effusion.\n")
    cases, report = taken("roco", tmp_path)
    assert [(case.report, case.split) for case in cases] == [
        ("Nodule.", "train"),
        ("Effusion.", "val"),
    ]
    assert report.left_out == {"caption is not of a chest radiograph": 1}


def test_labels_age_sex_and_view_of_the_small_form(tmp_path: Path) -> None:
    touch(tmp_path / "images", "1.webp", "2.webp")
    (tmp_path / "labels.csv").write_text(
        "image,labels,patient_id,age,sex,view,split\n"
        "1.webp,Mass|Hernia,7,57,M,PA,train\n2.webp,No Finding,7,412,F,AP,test\n"
    )
    first, second = taken("nih", tmp_path)[0]
    assert {name for name, value in first.labels.items() if value} == {"Mass", "Hernia"}
    assert set(first.labels) == set(NIH_LABELS)
    assert (first.age, first.sex, first.view, first.group) == (57.0, "M", "PA", second.group)
    assert second.age is None, "nobody is 412 years old"


def test_labels_as_they_were_published(tmp_path: Path) -> None:
    touch(tmp_path, "images_001/images/00000007_000.png", "images_002/images/00000008_000.png")
    touch(tmp_path, "images_002/images/00000009_000.png")
    columns = (
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position"
    )
    (tmp_path / "Data_Entry_2017.csv").write_text(
        f"{columns}\n00000007_000.png,Effusion,0,7,058Y,F,AP\n"
        "00000008_000.png,No Finding,0,8,030Y,M,PA\n00000009_000.png,Mass,0,9,030Y,M,PA\n"
        "00000010_000.png,Mass,0,10,030Y,M,PA\n"
    )
    (tmp_path / "train_val_list.txt").write_text("00000007_000.png\n00000010_000.png\n")
    (tmp_path / "test_list.txt").write_text("00000008_000.png\n")
    cases, report = taken("nih", tmp_path)
    assert [(case.group, case.split, case.age, case.view) for case in cases] == [
        ("nih-7", "", 58.0, "AP"),
        ("nih-8", "test", 30.0, "PA"),
    ]
    assert cases[0].labels["Effusion"] == 1.0
    assert report.left_out == {"in neither of the published lists": 1, "image missing": 1}


def test_children_are_normal_or_have_pneumonia(tmp_path: Path) -> None:
    touch(tmp_path / "images", "a.jpeg", "b.jpeg", "c.jpeg")
    (tmp_path / "labels.csv").write_text(
        "image,label,patient_id,split\na.jpeg,normal,1,train\nb.jpeg,viral,2,val\nc.jpeg,?,3,val\n"
    )
    (normal, ill), report = taken("kermany", tmp_path)
    assert normal.labels == dict.fromkeys(NIH_LABELS, 0.0)
    assert ill.labels == {"Pneumonia": 1.0}
    assert report.left_out == {"label is neither normal nor pneumonia": 1}


def test_images_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / "out.png").symlink_to(tmp_path.parent)
    cases, report = taken("images", tmp_path)
    assert [(case.report, case.split, case.group) for case in cases] == [
        ("", "", "image:mine/deep/a.png")
    ]
    assert report.left_out["file is no image"] == 1


def test_limit_and_resplit(tmp_path: Path) -> None:
    touch(tmp_path / "images", "a.jpeg", "b.jpeg")
    (tmp_path / "labels.csv").write_text(
        "image,label,patient_id,split\na.jpeg,normal,1,train\nb.jpeg,viral,2,val\n"
    )
    cases, report = taken("kermany", tmp_path, limit=1, resplit=True)
    assert [case.split for case in cases] == [""]
    assert report.taken == 1


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("mars", {}, "unknown kind 'mars'"),
        ("roco", {"sections": ["findings"]}, "unknown option 'sections'"),
        ("roco", {"limit": "ten"}, "can't be 'ten'"),
        ("roco", {"limit": True}, "can't be True"),
        ("table", {"cleaning": "soap"}, "can't be 'soap'"),
    ],
)
def test_mistakes_in_options_are_named(
    tmp_path: Path, kind: str, options: dict[str, object], told: str
) -> None:
    with pytest.raises(AppError, match=told):
        taken(kind, tmp_path, **options)


def test_an_unknown_split_and_a_path_that_leads_out_are_refused(tmp_path: Path) -> None:
    touch(tmp_path / "images", "a.webp")
    table = tmp_path / "captions.csv"
    table.write_text("image,caption,split\na.webp,Chest X-ray showing a mass,sometimes\n")
    with pytest.raises(AppError, match="unknown split 'sometimes'"):
        taken("roco", tmp_path)
    for name in ("../../up.webp", "/etc/passwd", "..\\\\up.webp"):
        table.write_text(f"image,caption,split\n{name},Chest X-ray showing a mass,val\n")
        with pytest.raises(AppError, match="outside"):
            taken("roco", tmp_path)


@pytest.mark.shared
def test_the_shared_collections(shared_data: Path) -> None:
    counts = {kind: taken(kind, shared_data / kind)[1].taken for kind in ("nih", "kermany")}
    assert counts == {"nih": 1377, "kermany": 5856}
    cases, report = taken("roco", shared_data / "roco", limit=400)
    assert len(cases) == 400
    assert Counter(case.split for case in cases)["train"] > 300
    assert report.left_out["image missing"] == 0
