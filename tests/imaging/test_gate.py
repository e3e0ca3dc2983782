"""Which images are drafted, and what a radiologist is told about the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.imaging import gate
from app.imaging.radiograph import Header, Radiograph, View
from app.imaging.study import read

PIXELS = (np.arange(128 * 128) % 251).reshape(128, 128).astype(np.uint8)
PICTURE = Radiograph(pixels=PIXELS, path=Path("x.png"), image_id="x")
CHEST = replace(
    PICTURE,
    view=View.PA,
    header=Header(modality="DX", body_part="CHEST", photometric="MONOCHROME2"),
)


def with_header(**tags: str) -> Radiograph:
    return replace(CHEST, header=replace(CHEST.header, **tags))


def test_a_picture_without_tags_passes() -> None:
    assert gate.reasons(PICTURE) == ()


@pytest.mark.parametrize("modality", ["CR", "DX", "RG", ""])
@pytest.mark.parametrize("body_part", ["CHEST", "THORAX", "", "CHEST PA", "LUNG"])
def test_a_chest_radiograph_passes(modality: str, body_part: str) -> None:
    assert gate.reasons(with_header(modality=modality, body_part=body_part)) == ()


@pytest.mark.parametrize("view", [View.PA, View.AP, View.UNKNOWN])
def test_frontal_and_unknown_views_pass(view: View) -> None:
    assert gate.reasons(replace(CHEST, view=view)) == ()


@pytest.mark.parametrize("body_part", ["HAND", "ABDOMEN", "EXTREMITY", "TSPINE", "SKULL"])
def test_another_body_part_is_refused_by_name(body_part: str) -> None:
    (reason,) = gate.reasons(with_header(body_part=body_part))
    assert body_part in reason


@pytest.mark.parametrize(
    ("modality", "named"),
    [("CT", "computed tomography"), ("MR", "magnetic resonance"), ("OT", "other"), ("ZZ", "ZZ")],
)
def test_another_modality_is_refused_by_name(modality: str, named: str) -> None:
    (reason,) = gate.reasons(with_header(modality=modality))
    assert named in reason


def test_a_lateral_view_is_refused() -> None:
    (reason,) = gate.reasons(replace(CHEST, view=View.LATERAL))
    assert "lateral" in reason


def test_another_view_is_refused() -> None:
    (reason,) = gate.reasons(replace(CHEST, view=View.OTHER))
    assert "neither PA nor AP" in reason


def test_a_raw_detector_image_is_refused() -> None:
    (reason,) = gate.reasons(with_header(presentation_intent="FOR PROCESSING"))
    assert "FOR PROCESSING" in reason


def test_a_film_of_many_frames_is_refused() -> None:
    (reason,) = gate.reasons(replace(CHEST, frames=30))
    assert "30 frames" in reason


def test_a_colour_picture_is_refused_but_a_coloured_mark_is_not() -> None:
    photo = np.stack([PIXELS, PIXELS // 2, PIXELS // 3], axis=2)
    (reason,) = gate.reasons(replace(PICTURE, pixels=photo))
    assert "colour" in reason
    marked = np.repeat(PIXELS[..., None], 3, axis=2)
    marked[4:20, 4:20] = (255, 200, 0)
    assert gate.reasons(replace(PICTURE, pixels=marked)) == ()


@pytest.mark.parametrize(
    ("shape", "word"), [((63, 90), "63"), ((90, 20), "shorter side"), ((80, 400), "strip")]
)
def test_too_small_and_too_narrow_images_are_refused(shape: tuple[int, int], word: str) -> None:
    pixels = np.resize(PIXELS, shape)
    (reason,) = gate.reasons(replace(PICTURE, pixels=pixels))
    assert word in reason


def test_a_blank_image_is_refused() -> None:
    (reason,) = gate.reasons(replace(PICTURE, pixels=np.full((128, 128), 9, np.uint8)))
    assert "blank" in reason


def test_every_reason_is_given_as_a_sentence() -> None:
    image = replace(with_header(modality="CT", body_part="HEAD"), view=View.LATERAL, frames=2)
    reasons = gate.reasons(image)
    assert len(reasons) == 4
    assert all(reason.endswith(".") and reason[0].isupper() for reason in reasons)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("cr-chest-pa_jpeg-baseline", None),
        ("cr-chest-pa_jpeg2000_monochrome1", None),
        ("cr-extremity_jpegls-lossless", "EXTREMITY"),
        ("cr-extremity_rle", "EXTREMITY"),
        ("dx-thorax_monochrome1_inverse", "lateral"),
        ("modality-lut-sequence", "OT"),
        ("ot_voi-lut-sequence", "OT"),
        ("xa_jpeg-lossless", "angiography"),
    ],
)
def test_the_published_files(shared_data: Path, name: str, why: str | None) -> None:
    reasons = gate.reasons(read(shared_data / "dicom" / f"{name}.dcm"))
    assert (why is None and not reasons) or (why is not None and why in reasons[0])
