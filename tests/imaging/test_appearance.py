"""What is said about why an image looks as it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dicom_files
import numpy as np
import pytest

from app.imaging.appearance import badges, facts
from app.imaging.dicom import read_dicom
from app.imaging.lut import choices
from app.imaging.radiograph import Radiograph
from app.imaging.reading import read_image


def image(folder: Path, **tags: Any) -> Radiograph:
    tags = {"ImagerPixelSpacing": [0.15, 0.15], "BurnedInAnnotation": "NO"} | tags
    return read_dicom(dicom_files.write(folder / "x.dcm", dicom_files.data_set(**tags)))


def said(radiograph: Radiograph, invert: bool = False) -> dict[str, str]:
    voi = None if radiograph.colour else choices(radiograph)[0]
    return {fact.name: fact.value for fact in facts(radiograph, voi, invert)}


def labels(radiograph: Radiograph) -> list[str]:
    return [badge.label for badge in badges(radiograph)]


def test_the_way_from_file_to_screen_is_told(tmp_path: Path) -> None:
    told = said(
        image(
            tmp_path,
            WindowCenter=600,
            WindowWidth=400,
            VOILUTFunction="SIGMOID",
            WindowCenterWidthExplanation="LUNG",
            RescaleSlope=2,
            RescaleIntercept=-10,
            PhotometricInterpretation="MONOCHROME1",
        ),
        invert=True,
    )
    assert told["Transfer syntax"] == "Explicit VR Little Endian"
    assert told["Pixels"] == "72 × 80, 12 bits stored of 16, unsigned"
    assert told["Modality LUT"] == "stored value × 2 − 10"
    assert told["VOI"] == "“LUNG”: center 600, width 400, sigmoid"
    assert told["Inversion"] == "by the file (MONOCHROME1) and by you (I), so not at all"
    assert told["Pixel size"].startswith("0.15 × 0.15 mm, at the detector")
    assert told["View"] == "PA (ViewPosition)"


def test_a_plain_image_has_nothing_but_its_detector_to_warn_of(tmp_path: Path) -> None:
    assert labels(image(tmp_path)) == ["not calibrated"]
    assert labels(image(tmp_path, ImagerPixelSpacing=None)) == ["no pixel size"]


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        ({"PresentationLUTShape": "INVERSE"}, "LUT shape"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "FOR PROCESSING"),
        ({"LossyImageCompression": "01"}, "lossy"),
        ({"BurnedInAnnotation": "YES"}, "burned-in text"),
        ({"BurnedInAnnotation": None}, "burned-in?"),
        ({"ConversionType": "WSD"}, "secondary capture"),
    ],
)
def test_what_is_odd_gets_a_badge(tmp_path: Path, tags: dict[str, Any], label: str) -> None:
    radiograph = image(tmp_path, **tags)
    assert labels(radiograph) == [label, "not calibrated"]
    assert all(badge.sentence.endswith((".", "I.")) for badge in badges(radiograph))


def test_loss_is_told_with_its_ratio_and_method(tmp_path: Path) -> None:
    radiograph = image(
        tmp_path,
        LossyImageCompression="01",
        LossyImageCompressionRatio=[12.5],
        LossyImageCompressionMethod="ISO_15444_1",
    )
    assert "(JPEG 2000), 12.5:1" in badges(radiograph)[0].sentence


def test_a_shape_that_agrees_is_no_contradiction(tmp_path: Path) -> None:
    agreeing = image(
        tmp_path, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE"
    )
    assert "LUT shape" not in labels(agreeing)


def test_a_picture_without_a_header_has_facts_and_no_badges(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(np.full((90, 80), 7, np.uint8)).save(tmp_path / "x.png")
    radiograph = read_image(tmp_path / "x.png")
    assert badges(radiograph) == ()
    assert said(radiograph)["File"] == "PNG"
    assert said(radiograph)["Pixel size"] == "not said: lengths are in pixels"
