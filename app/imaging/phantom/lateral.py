"""The phantom from its left side: the same chest, heart and bones, rays from right to left."""

from __future__ import annotations

import numpy as np

from app.imaging.phantom import skeleton
from app.imaging.phantom.frontal import CORTEX, LUNG, SPONGE
from app.imaging.phantom.shapes import Array, Field, Point, blur, curve, smooth, union
from app.imaging.phantom.vessels import tree


def tissue(field: Field) -> Array:
    """Millimetres of water that every ray meets, (H, W); u is the patient's back to the right."""
    body, cavity = _body(field), _cavity(field)
    lungs = np.minimum(_above_diaphragm(field, cavity), 0.86 * body)
    centre = np.minimum(_mediastinum(field), 0.9 * cavity)
    air = np.maximum(lungs - centre * smooth(0, 30, lungs), 0)
    air = air * (1 - _effusion(field))
    mottle = blur(np.random.default_rng(12).standard_normal(field.shape).astype(np.float32), 3.2)
    total = body - (1 - LUNG) * air * (1 + 0.04 * mottle)
    share = smooth(8, 70, air)
    for side in (-1, 1):
        total += 0.8 * tree(field, skeleton.lateral, side) * share
    total -= 1.1 * _trachea(field)
    total += 0.6 * blur(field.ellipsoid(11, 166, 12, 11.5, 11), 4.5) * share  # the nodule
    air_below = field.ellipsoid(-12, 352, 40, 20, 32) * smooth(366.5, 365.5, field.z)
    return np.asarray(np.maximum(total - 0.7 * air_below, 0) + _bones(field))


def _front(z: Array) -> Array:
    """Where the rib cage's inside ends in front, mm from the middle."""
    return np.asarray(-44 - 46 * smooth(70, 250, z) - 4 * smooth(220, 380, z), np.float32)


def _back(z: Array) -> Array:
    """Where it ends behind: the gutters beside the spine reach further back than the vertebrae."""
    return np.asarray(66 + 36 * np.sin(np.pi * np.clip((z + 10) / 420, 0, 1)), np.float32)


def _body(field: Field) -> Array:
    z, u = field.z, field.u
    front = _front(z) - 24 - 10 * np.exp(-(((z - 235) / 60) ** 2))
    back = _back(z) + 27 + 6 * smooth(120, 20, z)
    middle, half = (front + back) / 2, (back - front) / 2
    width = 268 + 34 * smooth(330, 130, z) - 120 * smooth(90, 10, z)
    torso = width * np.maximum(0, 1 - np.abs((u - middle) / half) ** 2.6) ** (1 / 2.1)
    arms = field.ellipsoid(-26, 6, 62, 88, 66, -16)
    return union(torso, np.asarray(arms, np.float32))


def _cavity(field: Field) -> Array:
    """Width of both lungs and what lies between them."""
    z, u = field.z, field.u
    front, back = _front(z), _back(z)
    middle, half = (front + back) / 2, (back - front) / 2
    t = np.clip((262 - z) / (262 - 56), 0, 1)
    width = 262 * np.maximum(0, 1 - t**2.5) ** 0.5
    inside = np.maximum(0, 1 - np.abs((u - middle) / half) ** 3.2) ** (1 / 2.4)
    return np.asarray(width * inside, np.float32)


def _above_diaphragm(field: Field, cavity: Array) -> Array:
    """Two domes, the right one higher, both falling steeply to the gutter behind."""
    parts = []
    for top, middle in ((311.0, -22.0), (324.0, -16.0)):
        behind, front = np.maximum(field.u - middle, 0), np.maximum(middle - field.u, 0)
        dome = top + 0.0036 * behind**2 + 2.2e-7 * behind**4 + 0.0060 * front**2
        below = np.maximum(field.z - dome, 0)
        parts.append(np.where(below > 0, np.maximum(0, 0.13 - np.sqrt(below / 900)), 0.5))
    return np.asarray((parts[0] + parts[1]) * cavity, np.float32)


def _mediastinum(field: Field) -> Array:
    heart = field.ellipsoid(-40, 262, 50, 62, 60, -24)
    behind = field.ellipsoid(-2, 252, 34, 48, 44, -10)
    arch = field.ellipsoid(8, 126, 27, 21, 24, 12)
    root = field.ellipsoid(-30, 166, 23, 52, 34, -14)
    hilum = field.ellipsoid(2, 186, 17, 20, 26)
    column = 52 * np.maximum(0, 1 - ((field.u - 4) / 66) ** 2)

    def aorta(t: float) -> Point:
        return Point(24 + 30 * np.sin(2.2 * t) - 8 * t, 122 + 225 * t, 12.5)

    descending = 1.1 * field.tube(curve(24, aorta))
    high = 1.3 * column * smooth(170, 60, field.z)
    return blur(union(heart, behind, arch, root, hilum, column, high, descending), 2.4)


def _effusion(field: Field) -> Array:
    """Fluid of one side in the gutter behind, seen through the other lung."""
    level = 346 - 40 * np.clip((field.u - 30) / 70, 0, 1.1) ** 3
    return np.asarray(smooth(-8, 12, field.z - level) * smooth(20, 60, field.u) * 0.62, np.float32)


def _trachea(field: Field) -> Array:
    def at(t: float) -> Point:
        return Point(-6 + 22 * t, -10 + 168 * t, 8.2)

    return blur(field.tube(curve(14, at)), 1.4)


def _bones(field: Field) -> Array:
    total = field.zeros()
    for side in (-1, 1):
        total += 0.8 * CORTEX * skeleton.ribs(field, skeleton.lateral, side)
        blade = [Point(74 + side * 6, 70, 3.6), Point(104 + side * 5, 150, 3.0)]
        total += 0.7 * CORTEX * field.tube(blade, 1.1)
    for bone in skeleton.vertebrae():
        a, c = 11.0 + 0.35 * bone.half_height, bone.half_height
        tilt = -13 * np.cos(np.pi * (bone.z + 20) / 430)
        body = field.slab(bone.y, bone.z, a, c, 2 * bone.half_width, tilt)
        inner = field.slab(bone.y, bone.z, a - 1.4, c - 1.4, 2 * bone.half_width, tilt)
        total += 2.3 * SPONGE * body + 0.27 * (body - inner)
        arch = [
            Point(bone.y + a, bone.z - c * 0.35, 3.6),
            Point(bone.y + a + 13, bone.z + c * 0.3, 4.2),
            Point(bone.y + a + 31, bone.z + c * 1.5, 2.8, weight=0.6),
        ]
        total += 0.9 * CORTEX * field.tube(arch, shell=1.1)

    def sternum(t: float) -> Point:
        z = 92 + 172 * t
        return Point(float(_front(np.asarray(z, np.float32))) - 7.5, z, 5.2 + 0.9 * np.sin(20 * t))

    return total + 1.4 * CORTEX * field.tube(curve(40, sternum), shell=1.0)
