"""Radiograph → the model's input. The same function in training and in the application.

What the user does with the window never reaches the model: the input is made from the stored
values, the file's own first VOI and nothing else. The whole image is stretched to a square, as in
the paper (arXiv 2006.10347, "resized to 256*256 pixels and then processed with histogram
equalization"), so that position (r, c) of the input is the same fraction of the image's height and
width, for any image.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.imaging import lut
from app.imaging.radiograph import Radiograph

SIZE = 256


def version(size: int) -> str:
    """How an image becomes ``size`` × ``size`` numbers here: changes whenever the same file would
    give others; stored with the weights and with every draft.
    """
    return f"stretch-equalise-{size}/1"


VERSION = version(SIZE)


def model_input(radiograph: Radiograph, size: int = SIZE) -> NDArray[np.float32]:
    """The model's input, (size, size) float32, about zero mean and values in [-2, 2].

    Row 0 is the top of the image as stored; bright is dense (MONOCHROME1 is inverted here).
    """
    return normalise(equalised(radiograph, size))


def normalise(equalised_image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(…) uint8 → (…) float32: an equalised image has mean 127.5 and standard deviation 73.9."""
    return (equalised_image.astype(np.float32) - np.float32(127.5)) / np.float32(63.75)


def equalised(radiograph: Radiograph, size: int = SIZE) -> NDArray[np.uint8]:
    """The image as 8-bit gray levels, stretched to (size, size) and histogram-equalised."""
    return equalise(_stretch(_gray(radiograph), size))


def equalise(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Histogram equalisation of an (H, W) image over 256 levels of its own range.

    Each level goes to the middle of the share of pixels it takes, so that a constant image becomes
    mid-gray and the result does not depend on brightness or contrast.
    """
    low, high = float(image.min()), float(image.max())
    if high <= low:
        return np.full(image.shape, 127, np.uint8)
    levels = np.rint((image - low) * (255.0 / (high - low))).astype(np.uint8)
    counts = np.bincount(levels.ravel(), minlength=256)
    middle = np.cumsum(counts) - counts / 2.0
    table = np.rint(middle * (255.0 / levels.size)).astype(np.uint8)
    result: NDArray[np.uint8] = table[levels]
    return result


def _gray(radiograph: Radiograph) -> NDArray[np.uint8]:
    if radiograph.colour:
        # ITU-R BT.601 luma, as Pillow's own "L" conversion
        weights = np.array([0.299, 0.587, 0.114], np.float32)
        luma = np.asarray(radiograph.pixels, np.float32) @ weights
        levels: NDArray[np.uint8] = np.rint(luma).astype(np.uint8)
        return levels
    if radiograph.pixels.dtype == np.uint8 and not radiograph.voi and not radiograph.inverted:
        # Already a picture: as it is, without a percentile window in between.
        return radiograph.pixels.astype(np.uint8, copy=False)
    # Padding as the window makes it, and not black as on the screen: this has to stay as it was
    # when the weights learned.
    voi = lut.choices(radiograph)[0]
    return lut.render(radiograph.pixels, lut.display_table(replace(radiograph, padding=None), voi))


def _stretch(gray: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    # Pillow's bilinear filter is wide enough to average when it shrinks, and needs no second image
    # library. Mode "F" keeps the averages' fractions: 4 bits of an 8-bit picture survive in an
    # area of 16 pixels.
    picture = Image.fromarray(np.ascontiguousarray(gray))
    # Whole-number reduction first where there is plenty: 15 megapixels in a few milliseconds, and
    # still four pixels or more for each of the input's.
    factor = max(min(picture.size) // (4 * size), 1)
    # The reduced picture's last row and column may stand for less than ``factor`` pixels.
    whole = (0.0, 0.0, picture.width / factor, picture.height / factor)
    reduced = picture.reduce(factor).convert("F")
    stretched = reduced.resize((size, size), Image.Resampling.BILINEAR, box=whole)
    return np.asarray(stretched, dtype=np.float32)
