"""Vessels of the lungs: a tree that forks from the hilum outward, drawn from a fixed seed."""

from __future__ import annotations

import math

import numpy as np

from app.imaging.phantom.shapes import Array, Field, blur
from app.imaging.phantom.skeleton import Project

_HILUM = (36.0, 8.0, 186.0)


def tree(field: Field, project: Project, side: int) -> Array:
    """Path through one lung's vessels, mm; ``side`` −1 right, 1 left."""
    rng = np.random.default_rng(40 + side)
    path = field.zeros()
    x, y, z = _HILUM
    origin = (x, y, z - (9.0 if side > 0 else 0.0))
    for angle in (-88, -62, -38, -14, 8, 30, 50, 68, 86):
        lean = rng.uniform(-0.75, 0.75)
        radius = 4.9 if angle > 30 else 4.0
        direction = (math.cos(math.radians(angle)), lean, math.sin(math.radians(angle)))
        near = tuple(o + 9 * d for o, d in zip(origin, direction, strict=True))
        _grow(field, project, side, path, rng, (near[0], near[1], near[2]), direction, radius, 26.0)
    for angle in (70, 80):  # the lower lobe's artery, the largest shadow of a normal hilum
        end = (x + 16, y + 10, z + 58)
        points = [
            project(side * x, y, origin[2] - 10, 6.0),
            project(side * (x + 7 + angle / 20), y + 4, z + 24, 6.6),
            project(side * end[0], end[1], end[2], 4.0),
        ]
        path = path + 0.5 * field.tube(points)
    hilum = field.ellipsoid(project(side * x, y, z, 1).u, origin[2], 13, 22, 9)
    return blur(path + 0.5 * hilum, 1.3)


def _grow(
    field: Field,
    project: Project,
    side: int,
    path: Array,
    rng: np.random.Generator,
    start: tuple[float, float, float],
    direction: tuple[float, float, float],
    radius: float,
    length: float,
) -> None:
    """Add one vessel to ``path`` and fork; ends where it gets thinner than the detector sees."""
    if radius < 0.42:
        return
    bend = rng.normal(0, 0.2, 3)
    middle = tuple(s + d * length / 2 for s, d in zip(start, direction, strict=True))
    turned = np.asarray(direction) + bend
    turned /= np.linalg.norm(turned)
    end = tuple(float(m + d * length / 2) for m, d in zip(middle, turned, strict=True))
    points = [
        project(side * start[0], start[1], start[2], radius),
        project(side * middle[0], middle[1], middle[2], radius * 0.92),
        project(side * end[0], end[1], end[2], radius * 0.82),
    ]
    field.add_tube(path, points)
    spread = rng.uniform(0.30, 0.62)
    axis = rng.normal(0, 1, 3)
    axis -= axis.dot(turned) * turned
    axis /= np.linalg.norm(axis)
    share = rng.uniform(0.66, 0.82)
    for sign, thinner in ((1.0, share), (-1.0, 1.42 - share)):
        heading = turned + sign * spread * axis
        heading /= np.linalg.norm(heading)
        _grow(
            field,
            project,
            side,
            path,
            rng,
            (end[0], end[1], end[2]),
            (float(heading[0]), float(heading[1]), float(heading[2])),
            radius * thinner * 0.93,
            length * rng.uniform(0.72, 0.9),
        )
