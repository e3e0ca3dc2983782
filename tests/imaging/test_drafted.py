"""Which image of a study is drafted, and how many are decoded to find it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import StudyError
from app.imaging.drafted import drafted_image
from app.imaging.study import ImageRef, open_study
from app.paths import resources


def test_a_frontal_image_is_taken_before_a_lateral_one() -> None:
    refs = [
        ref
        for name in ("lateral.dcm", "frontal.dcm")
        for study in open_study(resources() / "synthetic" / name)
        for ref in study.images
    ]
    assert drafted_image(refs).view.value == "PA"


def test_the_first_is_taken_where_none_is_fit() -> None:
    [study] = open_study(resources() / "synthetic" / "lateral.dcm")
    assert drafted_image(study.images).view.value == "LATERAL"


def test_an_image_that_is_not_needed_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "fit.png"
    pixels = np.random.default_rng(1).integers(0, 255, (80, 80)).astype(np.uint8)
    Image.fromarray(pixels).save(file)
    [study] = open_study(file)
    refs: list[ImageRef] = list(study.images)
    file.with_name("gone.png").write_bytes(b"")
    assert drafted_image([*refs, *refs]).width == 80
    file.unlink()
    with pytest.raises(StudyError):
        drafted_image(refs)
