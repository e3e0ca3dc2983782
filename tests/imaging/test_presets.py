"""Windows by name: taken from the image, whatever its depth, sign and polarity."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.imaging import lut, presets
from app.imaging.radiograph import Radiograph, Window


def chest(**changes: object) -> Radiograph:
    """Dark lungs around 900, the rest around 2,200, as a file with larger values brighter."""
    random = np.random.default_rng(5)
    pixels = random.normal(2200, 350, (400, 300))
    pixels[80:300, 50:130] = random.normal(900, 250, (220, 80))
    pixels[80:300, 170:250] = random.normal(900, 250, (220, 80))
    made = Radiograph(pixels.clip(11, 4095).astype(np.uint16), Path("x"), "x")
    return replace(made, **changes)  # type: ignore[arg-type]


def shown(radiograph: Radiograph, window: Window) -> tuple[float, float]:
    """The spread of grays in the lung and in the rest."""
    gray = lut.render(radiograph.pixels, lut.display_table(radiograph, window)).astype(float)
    return gray[90:290, 60:120].std(), gray[310:390, 60:120].std()


def mirrored(radiograph: Radiograph) -> Radiograph:
    """The same picture stored the other way round (MONOCHROME1)."""
    return replace(radiograph, pixels=4095 - radiograph.pixels, inverted=True)


def test_each_preset_shows_its_part_best() -> None:
    image = chest()
    auto, lung, dense = lut.auto_window(image), presets.lung(image), presets.dense(image)
    assert shown(image, lung)[0] > 1.1 * shown(image, auto)[0]
    assert shown(image, dense)[1] > 1.1 * shown(image, auto)[1]
    assert lung.center < dense.center


def test_polarity_changes_nothing_that_is_seen() -> None:
    image, other = chest(), mirrored(chest())
    for preset in (presets.lung, presets.dense):
        one = lut.render(image.pixels, lut.display_table(image, preset(image)))
        two = lut.render(other.pixels, lut.display_table(other, preset(other)))
        assert np.abs(one.astype(int) - two).max() <= 1


def test_rescale_sign_and_padding_change_nothing_that_is_seen() -> None:
    image = chest()
    expected = lut.render(image.pixels, lut.display_table(image, presets.lung(image)))
    signed = chest(pixels=image.pixels.astype(np.int16) - 3000, slope=2.0, intercept=-1024.0)
    again = lut.render(signed.pixels, lut.display_table(signed, presets.lung(signed)))
    assert np.abs(expected.astype(int) - again).max() <= 1
    padded = image.pixels.copy()
    padded[300:] = 60_000
    window = presets.dense(replace(image, pixels=padded, padding=(60_000, 60_000)))
    assert window.center + window.width / 2 < 4000


def test_all_have_names_and_the_files_own_come_first() -> None:
    own = (Window(2000, 3000, explanation="Chest"),)
    names = [voi.explanation for voi in presets.presets(chest(voi=own))]
    assert names == ["Chest", "Auto", "Lung", "Mediastinum and bone"]
    assert presets.presets(chest(pixels=np.zeros((9, 9, 3), np.uint8))) == ()


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1), np.uint8),
        np.full((50, 50), 7, np.uint16),
        np.full((3, 3), -5, np.int16),
        np.arange(4, dtype=np.uint16).reshape(2, 2),
    ],
)
def test_an_image_without_a_chest_gets_some_window(pixels: np.ndarray) -> None:
    for padding in (None, (int(pixels.min()), int(pixels.max()))):
        image = Radiograph(pixels, Path("x"), "x", padding=padding)
        for voi in presets.presets(image):
            assert isinstance(voi, Window)
            assert voi.width > 0
            lut.display_table(image, voi)


def test_a_region_gets_the_whole_range() -> None:
    ramp = np.tile(np.arange(1000, 2000, dtype=np.uint16), (40, 1))
    image = Radiograph(ramp, Path("x"), "x", slope=2.0, intercept=-100.0)
    window = presets.window_of_region(image, 300, 10, 500, 30)
    assert window is not None
    assert window.center == pytest.approx(2 * 1399.5 - 100)
    assert window.width == pytest.approx(2 * 199, rel=0.02)
    gray = lut.render(ramp, lut.display_table(image, window))[0]
    assert gray[300] == 0
    assert gray[499] == 255
    assert 126 <= gray[400] <= 130


def test_a_region_leaves_padding_out_and_ends_at_the_edge() -> None:
    image = chest(padding=(0, 10))
    pixels = image.pixels.copy()
    pixels[:100] = 5
    image = replace(image, pixels=pixels)
    assert presets.window_of_region(image, 0, 0, 300, 100) is None
    assert presets.window_of_region(image, 400, 400, 900, 900) is None
    assert presets.window_of_region(image, 40, 40, 40, 90) is None
    part = presets.window_of_region(image, -50, -50, 60, 200)
    assert part is not None
    assert part.center - part.width / 2 > 10
    flat = presets.window_of_region(
        replace(image, pixels=np.full((9, 9), 70, np.uint8)), 0, 0, 5, 5
    )
    assert flat == Window(70, 1.0, "LINEAR_EXACT", "Region")
