"""Pictures that the gate must tell from a frontal chest radiograph and that no archive holds.

A hospital's archive has no noise, no page of text and few films that lie on their side; so they are
made, from a seed: patterns and pages out of nothing, turned, inverted and cut-out chests out of
frontal radiographs. All of them are (S, S) uint8, equalised as every input is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from app.imaging.preprocess import SIZE, equalise

Picture = NDArray[np.uint8]
_WORDS = (
    *("chest", "radiograph", "of", "the", "left", "right", "lung", "heart", "size", "normal", "no"),
    *("effusion", "report", "date", "patient", "findings", "impression", "clear", "stable", "12"),
    *("2024", "page", "invoice", "total", "amount", "dear", "colleague", "thank", "you"),
)


def turned(chest: Picture, quarters: int) -> Picture:
    """The chest turned anticlockwise by ``quarters`` of a circle."""
    return np.ascontiguousarray(np.rot90(chest, quarters))


def negative(chest: Picture) -> Picture:
    """Bone black and air white, as in a file whose polarity is told wrongly."""
    return 255 - chest


def detail(chest: Picture, random: np.random.Generator) -> Picture:
    """A piece of the chest, a fifth to a third of its side: a shoulder, some ribs, the abdomen."""
    side = int(len(chest) * random.uniform(0.2, 0.34))
    row, column = random.integers(0, len(chest) - side, 2)
    return _scaled(chest[row : row + side, column : column + side], len(chest))


def photographed(chest: Picture, random: np.random.Generator) -> Picture:
    """Still a frontal chest: a little turned, cut or framed, with an arrow and letters drawn in."""
    size = len(chest)
    picture = Image.fromarray(chest)
    picture = picture.rotate(float(random.uniform(-9, 9)), Image.Resampling.BILINEAR)
    cut = random.uniform(0.0, 0.11, 4) * size
    picture = picture.crop((int(cut[0]), int(cut[1]), int(size - cut[2]), int(size - cut[3])))
    if random.random() < 0.4:
        frame = Image.new("L", (size, size), int(random.choice([0, 20, 128, 235, 255])))
        room = random.uniform(0.72, 0.95, 2) * size
        small = picture.resize((int(room[0]), int(room[1])), Image.Resampling.BILINEAR)
        frame.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
        picture = frame
    picture = picture.resize((size, size), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(0, 4))):
        shade = int(random.choice([0, 255]))
        x, y, dx, dy = (*random.uniform(0.1, 0.9, 2) * size, *random.uniform(-0.12, 0.12, 2) * size)
        draw.line((x, y, x + dx, y + dy), shade, int(random.integers(2, 5)))
        draw.text((y, x), str(random.choice(list("LRAB*"))), shade)
    return equalise(np.asarray(picture, np.float32))


def pattern(random: np.random.Generator, size: int = SIZE) -> Picture:
    """No picture of anything: noise of some grain, a gradient, a few blots, all but empty."""
    makers: tuple[Callable[[np.random.Generator, int], NDArray[np.float32]], ...] = (
        _noise,
        _gradient,
        _blots,
        _empty,
    )
    return equalise(makers[int(random.integers(len(makers)))](random, size))


def page(random: np.random.Generator, size: int = SIZE) -> Picture:
    """A page of lines of words, at times with ruled boxes or a curve, black on white or reverse."""
    picture = Image.new("L", (2 * size, 2 * size), 250)
    draw = ImageDraw.Draw(picture)
    letter = int(random.integers(12, 60))
    y = int(random.integers(5, 60))
    while y < 2 * size * random.uniform(0.5, 1.0):
        line = " ".join(random.choice(_WORDS, int(random.integers(2, 16))))
        draw.text((int(random.integers(8, 40)), y), line, int(random.integers(0, 90)), None)
        y += letter
    for _ in range(int(random.integers(0, 5))):
        box = np.sort(random.uniform(0, 2 * size, (2, 2)), axis=0)
        shape = draw.rectangle if random.random() < 0.6 else draw.ellipse
        shape((*box[0], *box[1]), outline=0, width=int(random.integers(1, 7)))
    values = np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR), np.float32)
    return equalise(values if random.random() < 0.7 else 255 - values)


def hand(random: np.random.Generator, size: int = SIZE) -> Picture:
    """A drawn radiograph of a hand, for trying the gate; it is never learned from."""
    picture = Image.new("L", (size, size), 12)
    flesh, bone = ImageDraw.Draw(picture), []
    width = size * random.uniform(0.07, 0.1)
    wrist = np.array([size * random.uniform(0.42, 0.58), size * 1.02])
    palm = np.array([wrist[0], size * 0.62])
    flesh.line((*wrist, *palm), 95, int(3.6 * width))
    for number, angle in enumerate(np.radians([-62, -24, -6, 11, 30])):
        length = size * (0.3 if number == 0 else random.uniform(0.48, 0.56))
        way = np.array([np.sin(angle), -np.cos(angle)])
        start = palm + way * width * 1.1
        flesh.line((*palm, *(palm + way * length)), 80, int(1.5 * width), joint="curve")
        cuts = np.cumsum([0.0, 0.36, 0.28, 0.2, 0.16]) * length
        bone += [(start + way * a, start + way * (b - width * 0.2)) for a, b in pairwise(cuts)]
    bone += [
        (wrist, wrist + np.array([-width, -size * 0.3])),
        (wrist, wrist + np.array([width, -size * 0.3])),
    ]
    for a, b in bone:
        flesh.line((*a, *b), 190, int(0.62 * width))
    blurred = picture.filter(ImageFilter.GaussianBlur(size / 170))
    grain = random.normal(0, 3, (size, size))
    return equalise((np.asarray(blurred, np.float32) + grain).astype(np.float32))


def _noise(random: np.random.Generator, size: int) -> NDArray[np.float32]:
    grain = int(random.choice([1, 1, 2, 4, 8, 16, 32]))
    small = random.normal(size=(-(-size // grain),) * 2).astype(np.float32)
    how = Image.Resampling.BICUBIC if random.random() < 0.5 else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(small).resize((size, size), how), np.float32)


def _gradient(random: np.random.Generator, size: int) -> NDArray[np.float32]:
    rows, columns = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    angle = random.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * rows + np.sin(angle) * columns
    if random.random() < 0.4:
        slope = np.hypot(rows - random.uniform(-1, 1), columns - random.uniform(-1, 1))
    grain = random.choice([0.0, 0.01, 0.1]) * random.normal(size=slope.shape)
    values: NDArray[np.float32] = (slope + grain).astype(np.float32)
    return values


def _blots(random: np.random.Generator, size: int) -> NDArray[np.float32]:
    picture = Image.new("L", (size, size), int(random.integers(256)))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(1, 12))):
        box = np.sort(random.uniform(0, size, (2, 2)), axis=0)
        shape = draw.rectangle if random.random() < 0.5 else draw.ellipse
        shape((*box[0], *box[1]), fill=int(random.integers(256)))
    soft = picture.filter(ImageFilter.GaussianBlur(float(random.choice([0, 0, 3, 12]))))
    return np.asarray(soft, np.float32)


def _empty(random: np.random.Generator, size: int) -> NDArray[np.float32]:
    """One gray but for a frame, a mark or a little noise, which equalising makes much of."""
    values: NDArray[np.float32] = np.full((size, size), 40.0, np.float32)
    edge = int(random.integers(0, size // 8))
    values[:edge], values[:, : edge // 2] = 5.0, 5.0
    row, column = random.integers(0, size - 30, 2)
    values[row : row + 8, column : column + 24] = 220.0
    noise = random.choice([0.0, 0.5, 2.0]) * random.normal(size=values.shape)
    values += noise.astype(np.float32)
    return values


def _scaled(part: Picture, size: int) -> Picture:
    picture = Image.fromarray(np.ascontiguousarray(part)).convert("F")
    return equalise(np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC), np.float32))
