"""From millimetres of tissue to stored values, and the letters on the film."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.imaging.phantom.shapes import Array, blur

WATER = 0.0175
"""Attenuation of water per mm at the some 70 keV that reach a detector at 120 kV."""

TOP = 4095
"""Largest stored value: 12 bits."""


def expose(tissue: Array, seed: int) -> NDArray[np.uint16]:
    """Turn mm of water, (H, W), into 12 stored bits, bright where dense.

    Detectors take the logarithm; processing then lifts detail over the coarse range, as every
    maker's does, and bends the result into a film's S-curve.
    """
    rng = np.random.default_rng(seed)
    density = blur(tissue, 0.9) * WATER
    density = -np.log(np.exp(-density) + 0.006)  # scatter lifts what is darkest
    quanta = 0.0042 * np.exp(0.36 * density)
    noise = blur(rng.standard_normal(density.shape).astype(np.float32), 0.6) * 2.2
    density = density + quanta * noise
    coarse, middle = blur(density, 70.0), blur(density, 7.0)
    shown = density - 0.42 * coarse + 0.5 * (density - middle)
    inside = shown[coarse > 0.8]
    low, high = np.percentile(inside, 2.0), np.percentile(inside, 98.5)
    curve = _film((shown - low) / (high - low))
    air, dense = _film(-low / (high - low)), _film(1.25)
    return np.asarray(np.clip(np.rint((curve - air) / (dense - air) * TOP), 0, TOP), np.uint16)


def letters(
    pixels: NDArray[np.uint16], text: str, row: int, column: int, height: int, value: int
) -> None:
    """Burn ``text`` into the image, its capitals ``height`` px tall from (row, column)."""
    font = ImageFont.load_default(height * 1.4)
    left, top, right, bottom = font.getbbox(text)
    glyphs = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(glyphs).text((1 - left, 1 - top), text, fill=255, font=font)
    mask = blur(np.asarray(glyphs, np.float32) / 255, 0.6)
    window = pixels[row : row + mask.shape[0], column : column + mask.shape[1]]
    mask = mask[: window.shape[0], : window.shape[1]]
    window[:] = np.rint(window + mask * (value - window.astype(np.float32))).astype(np.uint16)


def _film(level: Array | float) -> Array:
    """A film's S-curve: 0 to 1, steepest a little above the middle of the range."""
    return np.asarray(1 / (1 + np.exp(-4.0 * (level - 0.56))))
