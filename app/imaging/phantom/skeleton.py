"""The bones of the phantom in three dimensions, so that both views show the same chest.

x to the patient's left, y to the back, z down; mm, with z = 0 at the top of the image.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.imaging.phantom.shapes import Array, Field, Point, curve

Project = Callable[[float, float, float, float], Point]

_HALF_WIDTH = (56.0, 88.0, 109.0, 122.0, 130.0, 135.0, 138.0, 138.0, 136.0, 131.0)
_HALF_DEPTH = (48.0, 66.0, 80.0, 88.0, 94.0, 98.0, 101.0, 102.0, 101.0, 98.0)
_DROP = (26.0, 46.0, 66.0, 82.0, 94.0, 102.0, 108.0, 112.0, 112.0, 108.0)


def frontal(x: float, y: float, z: float, radius: float) -> Point:
    """Rays from back to front; the patient faces away (PA), shown as if facing the reader."""
    return Point(x, z, radius, y)


def lateral(x: float, y: float, z: float, radius: float) -> Point:
    """Rays from right to left; the chest faces the left edge of the image."""
    return Point(y, z, radius, x)


@dataclass(frozen=True)
class Vertebra:
    """A thoracic vertebra's body: its middle, half its width, half its height."""

    y: float
    z: float
    half_width: float
    half_height: float


def vertebrae() -> Iterator[Vertebra]:
    """C6 to L2 from the top down, along the thoracic kyphosis."""
    z = 6.0
    for number in range(16):
        half_height = 7.4 + 0.32 * number
        z += half_height
        yield Vertebra(spine_y(z), z, 13.5 + 0.55 * number, half_height)
        z += half_height + 2.6 + 0.16 * number


def spine_y(z: float) -> float:
    """Where the vertebral bodies' middles stand: a soft backward arch, deepest at mid chest."""
    return 62.0 + 24.0 * math.sin(math.pi * min(max((z + 20) / 430, 0.0), 1.0))


def ribs(field: Field, project: Project, side: int) -> Array:
    """Path through the ten upper ribs' cortex of one side (−1 right, 1 left), in mm of bone."""
    bone = field.zeros()
    for number, (width, depth, drop) in enumerate(
        zip(_HALF_WIDTH, _HALF_DEPTH, _DROP, strict=True)
    ):
        start = 50.0 + 25.6 * number
        end = 0.62 if number > 6 else 0.74

        def at(
            t: float,
            width: float = width,
            depth: float = depth,
            drop: float = drop,
            start: float = start,
            end: float = end,
        ) -> Point:
            angle = (0.04 + (end - 0.04) * t) * math.pi
            x = 14 + (width - 14) * math.sin(angle) ** 0.92
            y = (spine_y(start) + 8) * 0.25 + 2 + depth * 0.78 * math.cos(angle)
            z = start + drop * (1 - math.cos(angle)) / 2 - 7 * math.sin(angle) ** 2
            # Narrow at the spine, broad and flat in front, where cartilage takes over.
            radius = 4.6 + 1.9 * t - 1.6 * max(0.0, 0.12 - t) / 0.12
            return replace(
                project(side * x, y, z, radius), weight=1 - 0.9 * max(0.0, t - 0.72) / 0.28
            )

        field.add_tube(bone, curve(44, at), shell=0.95)
    return bone


def clavicle(field: Field, project: Project, side: int) -> Array:
    """Path through one clavicle, in mm of bone."""

    def at(t: float) -> Point:
        x = 17 + 142 * t
        z = 76 - 27 * t - 9 * math.sin(2.2 * math.pi * t) * (1 - 0.3 * t)
        radius = 6.6 - 2.3 * math.sin(math.pi * t) + 0.4 * t
        return project(side * x, -52 + 50 * t, z, radius)

    return field.tube(curve(40, at), shell=1.5)


def scapula(field: Field, project: Project, side: int) -> Array:
    """Path through one shoulder blade's borders and spine, clear of the lungs, in mm of bone."""
    corners = ((128.0, 92.0), (136.0, 150.0), (151.0, 214.0), (163.0, 150.0), (172.0, 96.0))

    def border(t: float) -> Point:
        place = t * (len(corners) - 1)
        index = min(int(place), len(corners) - 2)
        part = place - index
        part = part * part * (3 - 2 * part)
        (u0, z0), (u1, z1) = corners[index], corners[index + 1]
        return project(side * (u0 + part * (u1 - u0)), 70.0, z0 + part * (z1 - z0), 3.4)

    def ridge(t: float) -> Point:
        return project(side * (130 + 48 * t), 70.0, 96 - 30 * t, 3.6)

    return field.tube(curve(36, border), 1.2) + field.tube(curve(10, ridge), 1.2)
