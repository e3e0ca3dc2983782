"""The synthetic study: what is shipped is what the program draws, and says what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.imaging import gate
from app.imaging.phantom.shapes import Field, Point, blur
from app.imaging.phantom.study import pixels
from app.imaging.radiograph import View
from app.imaging.study import Study, open_study, read

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "synthetic"


@pytest.fixture
def study() -> Study:
    return next(study for study in open_study(SHIPPED) if len(study.images) == 2)


def test_it_says_that_it_is_no_patient(study: Study) -> None:
    assert study.patient.patient_id == "SYNTHETIC-0001"
    assert study.patient.name == "Synthetic, Phantom"
    assert study.description == "Synthetic phantom, not a patient"
    assert [image.view for image in study.images] == [View.PA, View.LATERAL]


def test_the_files_are_small_and_lossless(study: Study) -> None:
    for image in study.images:
        radiograph = read(image)
        assert image.path.stat().st_size < 1_500_000
        assert radiograph.header.transfer_syntax.startswith("JPEG-LS Lossless")
        assert radiograph.header.bits_stored == 12
        assert radiograph.pixels.shape == (1200, 1000)
        assert radiograph.notes == ()


def test_the_frontal_image_is_drafted_and_the_lateral_is_not(study: Study) -> None:
    frontal, lateral = (gate.reasons(read(image)) for image in study.images)
    assert frontal == ()
    assert len(lateral) == 1


@pytest.mark.parametrize("view", [View.PA, View.LATERAL])
def test_drawing_it_again_gives_the_same_pixels(study: Study, view: View) -> None:
    shipped = next(read(image).pixels for image in study.images if image.view is view)
    drawn = pixels(view)
    # Another processor may round another way, and another FreeType draws the letters otherwise.
    same = np.abs(drawn.astype(int) - shipped.astype(int)) <= 1
    assert same.mean() > 0.995


def test_the_same_phantom_was_there_before(study: Study) -> None:
    first, earlier = open_study(SHIPPED)
    assert first == study  # what a folder gives first is what opens
    assert earlier.patient == study.patient
    assert earlier.study_date < study.study_date
    assert earlier.study_id != study.study_id
    (image,) = (read(ref) for ref in earlier.images)
    assert image.view is View.PA
    assert image.path.stat().st_size < 1_500_000
    same = np.abs(pixels(View.PA, earlier=True).astype(int) - image.pixels.astype(int)) <= 1
    assert same.mean() > 0.995
    base = np.s_[880:920, 160:200]  # the right base, where the effusion came later
    now = read(study.images[0]).pixels[base]
    assert image.pixels[base].mean() < 0.6 * now.mean()


def test_a_path_through_a_ball_is_its_chord() -> None:
    field = Field(101, 101, 1.0)
    ball = field.ellipsoid(0, 50, 20, 20, 20)
    assert ball[50, 50] == pytest.approx(40)
    assert ball[50, 62] == pytest.approx(32)
    assert ball[50, 71] == 0


def test_a_tube_along_the_ray_is_thicker_than_one_across() -> None:
    field = Field(101, 101, 1.0)
    across = field.tube([Point(-30, 50, 5), Point(30, 50, 5)])
    oblique = field.tube([Point(-30, 50, 5, -60), Point(30, 50, 5, 60)])
    assert across[50, 50] == pytest.approx(10)
    assert oblique[50, 50] == pytest.approx(10 * np.sqrt(5))


def test_blur_keeps_the_mean() -> None:
    image = np.zeros((60, 60), np.float32)
    image[30, 30] = 900
    assert blur(image, 3.0).sum() == pytest.approx(900, rel=1e-4)
