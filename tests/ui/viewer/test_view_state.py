"""How a view is carried over to another image or pane."""

from __future__ import annotations

import pytest

from app.ui.viewer.geometry import Geometry
from app.ui.viewer.view_state import carried_over

PREVIEW = Geometry((500, 400), (800.0, 600.0)).fit()
FULL = Geometry((2000, 1600), (800.0, 600.0)).fit()


def test_a_fitted_view_stays_fitted_and_turned() -> None:
    carried = carried_over(PREVIEW.rotated(1), FULL)
    assert carried.fitted
    assert carried.quarters == 1
    assert carried.zoom == carried.fit_zoom


def test_the_same_part_fills_the_pane_whatever_the_image_measures() -> None:
    zoomed = PREVIEW.flipped_horizontally().zoomed(3.0, (200.0, 100.0))
    carried = carried_over(zoomed, FULL)
    for at in ((0.0, 0.0), (640.0, 480.0)):
        small, large = zoomed.to_image(*at), carried.to_image(*at)
        assert large == pytest.approx((small[0] * 4, small[1] * 4))


def test_another_pane_shows_the_same_middle_at_the_same_relative_size() -> None:
    zoomed = FULL.zoomed(FULL.fit_zoom * 2, (400.0, 300.0))
    carried = carried_over(zoomed, FULL.resized(400, 300))
    assert carried.center == zoomed.center
    assert carried.zoom == pytest.approx(carried.fit_zoom * 2)
