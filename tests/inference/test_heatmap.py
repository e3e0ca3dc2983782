"""Attention maps as pictures."""

from __future__ import annotations

import numpy as np
import pytest

from app.inference.heatmap import COLOUR_MAPS, attention_image, colour_table


def one_hot(row: int, column: int) -> np.ndarray:
    attention = np.zeros((8, 8), dtype=np.float32)
    attention[row, column] = 1.0
    return attention


def test_the_peak_lies_in_its_cell_of_a_non_square_image() -> None:
    picture = attention_image(one_hot(6, 1), 240, 400)
    alpha = picture[..., 3].astype(int)
    row, column = np.unravel_index(alpha.argmax(), alpha.shape)
    assert 6 * 30 <= row < 7 * 30
    assert 50 <= column < 100
    weights = alpha.sum()
    center = (
        (alpha.sum(axis=1) * (np.arange(240) + 0.5)).sum() / weights,
        (alpha.sum(axis=0) * (np.arange(400) + 0.5)).sum() / weights,
    )
    assert center == pytest.approx((6.5 * 30, 1.5 * 50), abs=1.0)


def test_nothing_is_covered_where_the_model_did_not_look() -> None:
    picture = attention_image(one_hot(0, 0), 160, 160, opacity=1.0)
    assert picture[0, 0, 3] == 255
    assert not picture[80:, :, 3].any()


@pytest.mark.parametrize("opacity", [0.0, 0.25, 0.6, 1.0])
def test_the_peak_has_the_asked_opacity_whatever_the_map_sums_to(opacity: float) -> None:
    picture = attention_image(one_hot(3, 3) * 0.037, 72, 72, opacity=opacity)
    assert picture[..., 3].max() == pytest.approx(255 * opacity, abs=1)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_every_colour_map_grows_lighter_with_the_value(name: str) -> None:
    lightness = colour_table(name).astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > -0.75).all()
    assert lightness[-1] > lightness[0] + 80


def test_an_unknown_colour_map_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        colour_table("jet")


@pytest.mark.parametrize("attention", [np.zeros((8, 8)), np.full((8, 8), np.nan)])
def test_a_map_that_says_nothing_is_transparent(attention: np.ndarray) -> None:
    assert not attention_image(attention, 20, 30)[..., 3].any()


def test_a_map_must_have_two_axes() -> None:
    with pytest.raises(ValueError, match="two axes"):
        attention_image(np.zeros(64), 10, 10)
