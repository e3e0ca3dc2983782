"""Clusters: what is asked for, and what the points can give."""

from __future__ import annotations

import numpy as np
import pytest

from app.training.clusters import k_means


@pytest.mark.parametrize(("distinct", "asked", "given"), [(1, 3, 1), (2, 5, 2), (4, 3, 3)])
def test_there_are_no_more_centres_than_distinct_points(
    distinct: int, asked: int, given: int
) -> None:
    points = np.repeat(9 * np.eye(4, dtype=np.float32)[:distinct], 10, axis=0)
    centres = k_means(points, asked, seed=0)
    assert centres.shape == (given, 4)
    if given == distinct:
        assert {tuple(centre) for centre in centres.tolist()} == {
            tuple(point) for point in points.tolist()
        }
