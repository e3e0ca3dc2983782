"""The phantom from behind (PA): soft parts, lungs, vessels, and the two findings it carries."""

from __future__ import annotations

import math

import numpy as np

from app.imaging.phantom import skeleton
from app.imaging.phantom.shapes import Array, Field, Point, blur, curve, smooth, union
from app.imaging.phantom.vessels import tree

LUNG = 0.25
"""Density of inflated lung, water = 1."""

CORTEX, SPONGE = 1.3, 0.17
"""What a millimetre of cortical or spongy bone adds to the water that it displaces."""


def tissue(field: Field, *, earlier: bool = False) -> Array:
    """Millimetres of water that every ray meets, (H, W).

    ``earlier``: before the effusion, when the nodule was half as wide.
    """
    body, cavity = _body(field), _cavity(field)
    lungs = np.minimum(_above_diaphragm(field, cavity), 0.84 * body)
    centre = np.minimum(_mediastinum(field), 0.86 * cavity)
    air = np.maximum(lungs - centre * smooth(0, 30, lungs), 0)
    nodule = _nodule(field, 0.5 if earlier else 1.0) * (air > 20)
    air = air * (1 - (0.0 if earlier else 1.0) * _effusion(field)) - nodule
    mottle = blur(np.random.default_rng(11).standard_normal(field.shape).astype(np.float32), 3.2)
    total = body - (1 - LUNG) * air * (1 + 0.055 * mottle)
    share = smooth(4, 60, air)
    for side in (-1, 1):
        total += 0.85 * tree(field, skeleton.frontal, side) * share
    total -= _airways(field)
    total -= _stomach_bubble(field)
    return np.asarray(np.maximum(total, 0) + _bones(field))


def _body(field: Field) -> Array:
    """Torso, neck and shoulders, arms swung forward."""
    z, u = field.z, np.abs(field.u)
    width = 152 + 74 * np.exp(-(((z - 70) / 74) ** 2)) + 8 * smooth(250, 432, z)
    depth = 172 + 48 * smooth(60, 250, z)
    torso = depth * np.maximum(0, 1 - (u / width) ** 2.7) ** (1 / 2.2)
    slope = 4 + 0.34 * np.maximum(u - 40, 0) + 5e-4 * np.maximum(u - 60, 0) ** 2
    trapezius = np.sqrt(smooth(0, 84, z - slope)) * (0.66 + 0.34 * smooth(40, 150, z))
    flare = 47 + 0.0075 * z * z
    neck = 120 * np.sqrt(np.maximum(0, 1 - (u / flare) ** 2)) * smooth(150, 30, z)
    return union(torso * trapezius, neck)


def _cavity(field: Field) -> Array:
    """Depth of the rib cage's inside, down past the diaphragm."""
    z, u = field.z, np.abs(field.u)
    t = np.clip((262 - z) / (262 - 50), 0, 1)
    width = 133 * np.maximum(0, 1 - t**2.35) ** (1 / 2.35) + 2.5 * smooth(262, 380, z) + 1e-3
    depth = 168 * np.maximum(0, 1 - t**2.6) ** 0.42
    inside = np.maximum(0, 1 - (u / width) ** 2.5) ** (1 / 2.3)
    # Each lung has its own apex, under the first rib's arch, and ends beside the spine.
    apex = 54 + 0.022 * np.maximum(58 - u, 0) ** 2
    return np.asarray(depth * inside * np.sqrt(smooth(0, 34, z - apex)), np.float32)


def _above_diaphragm(field: Field, cavity: Array) -> Array:
    """What of the cavity is lung: before and behind the domes it reaches below their tops."""
    parts = []
    for side, top, middle in ((-1, 312.0, 64.0), (1, 325.0, 70.0)):
        u = side * field.u
        lateral, medial = np.maximum(u - middle, 0), np.maximum(middle - u, 0)
        dome = top + 0.0092 * lateral**2 + 4e-7 * lateral**4 + 0.0030 * medial**2
        below = np.maximum(field.z - dome, 0)
        behind = np.maximum(0, 0.46 - np.sqrt(below / 105))
        front = np.maximum(0, 0.54 - np.sqrt(below / 26))
        parts.append(np.where(below > 0, behind + front, 1.0))
    left = smooth(-22, 22, field.u)
    return np.asarray((parts[0] * (1 - left) + parts[1] * left) * cavity, np.float32)


def _mediastinum(field: Field) -> Array:
    """Heart, great vessels and what lies between the lungs."""
    half = 27 + 8 * smooth(120, 50, field.z)
    column = 118 * np.maximum(0, 1 - (field.u / half) ** 2) ** 0.6
    left = field.ellipsoid(34, 262, 76, 50, 52, 33)
    right = field.ellipsoid(-14, 262, 43, 56, 44, -8)
    base = field.ellipsoid(6, 218, 40, 44, 42)
    cava = field.ellipsoid(-24, 148, 15, 82, 26)
    knob = field.ellipsoid(22, 122, 21, 19, 34)
    trunk = field.ellipsoid(32, 172, 19, 26, 26, 18)

    def aorta(t: float) -> Point:
        return Point(29 - 14 * t, 124 + 230 * t, 12.5)

    descending = 1.2 * field.tube(curve(24, aorta))
    angle = field.ellipsoid(44, 318, 26, 17, 30)
    return blur(union(column, left, right, base, cava, knob, trunk, descending, angle), 2.2)


def _effusion(field: Field) -> Array:
    """Share of the right base that is fluid: a meniscus, highest at the chest wall."""
    u = -field.u
    level = 342 - 84 * np.clip((u - 40) / 96, 0, 1.1) ** 4.2
    return np.asarray(smooth(-9, 12, field.z - level) * smooth(26, 64, u) * 0.97, np.float32)


def _nodule(field: Field, size: float) -> Array:
    """A rounded opacity in the left upper zone, 22 mm at size 1."""
    ball = field.ellipsoid(90, 166, 12.5 * size, 11.5 * size, 10 * size)
    return 0.75 * blur(ball, 4.5)


def _airways(field: Field) -> Array:
    def trachea(t: float) -> Point:
        return Point(-4 * t, -10 + 158 * t, 8.6)

    def main(side: int) -> Array:
        length, drop = (30, 36) if side < 0 else (44, 34)
        return field.tube(
            curve(10, lambda t: Point(-4 + side * length * t, 146 + drop * t, 7.2 - 2.2 * t))
        )

    return blur(union(field.tube(curve(12, trachea)), main(-1), main(1)), 1.6)


def _stomach_bubble(field: Field) -> Array:
    """Air under the left dome above a level of fluid, as in everyone who stands upright."""
    air = field.ellipsoid(70, 360, 33, 21, 34, -8)
    return np.asarray(air * smooth(369.5, 368.5, field.z) * 0.8, np.float32)


def _bones(field: Field) -> Array:
    total = field.zeros()
    for side in (-1, 1):
        total += CORTEX * skeleton.ribs(field, skeleton.frontal, side)
        total += CORTEX * skeleton.clavicle(field, skeleton.frontal, side)
        total += 0.55 * CORTEX * skeleton.scapula(field, skeleton.frontal, side)
        total += 0.22 * blur(field.ellipsoid(side * 178, 100, 23, 25, 23), 2)
    for bone in skeleton.vertebrae():
        a, c = bone.half_width, bone.half_height
        body = field.slab(0, bone.z, a, c, 2 * a * 0.8)
        rim = body - field.slab(0, bone.z, a - 1.5, c - 1.5, 2 * a * 0.8)
        total += SPONGE * body + 0.16 * rim
        for side in (-1, 1):
            ring = field.ellipsoid(side * a * 0.66, bone.z - c * 0.25, 3.4, 5.0, 7)
            hole = field.ellipsoid(side * a * 0.66, bone.z - c * 0.25, 2.0, 3.5, 6)
            total += 0.5 * (ring - 0.8 * hole)
            across = [
                Point(side * a * 0.8, bone.z - c * 0.2, 3.6),
                Point(side * (a + 13), bone.z - c * 0.5, 2.8),
            ]
            total += 0.6 * CORTEX * field.tube(across, shell=0.9)
        spine = [Point(0, bone.z + c * 0.3, 2.6), Point(0, bone.z + c * 1.5, 3.4)]
        total += 0.8 * CORTEX * field.tube(spine, shell=1.2)
    return np.asarray(total * math.sqrt(0.9), np.float32)
