"""Pictures of a pane: as shown and whole, without identity unless it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter
from pytestqt.qtbot import QtBot

from app.imaging.radiograph import Header, Patient, Radiograph, Spacing, View, Window
from app.ui.pictures import drawing
from app.ui.viewer.hands import Hand
from app.ui.viewer.magnifier import MagnifierHand, Power
from app.ui.viewer.pane import ViewPane
from app.ui.viewer.rendering import oriented

PLAIN = Radiograph(
    pixels=np.random.default_rng(1).integers(0, 4096, (301, 260), dtype=np.uint16),
    path=Path("x.dcm"),
    image_id="x",
    view=View.PA,
    voi=(Window(2048, 4096, "LINEAR_EXACT"),),
    patient=Patient("4711", "Doe^Jane", "F"),
    header=Header(burned_in_annotation="NO"),
)


@pytest.fixture
def pane(qtbot: QtBot) -> ViewPane:
    return shown(qtbot, PLAIN)


def shown(qtbot: QtBot, radiograph: Radiograph) -> ViewPane:
    made = ViewPane(radiograph)
    qtbot.addWidget(made)
    made.resize(420, 360)
    made.show()
    qtbot.waitExposed(made)
    return made


def pixels(picture: QImage) -> np.ndarray:
    """(H, W, 3) uint8."""
    image = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


@pytest.mark.parametrize("quarters", [0, 1])
def test_the_whole_image_has_every_pixel_as_its_table_says(pane: ViewPane, quarters: int) -> None:
    pane.rotate(quarters)
    pane.flip_horizontally()
    pane.invert()
    pane.zoom_by(3)  # what is in sight doesn't matter
    picture = drawing.whole_image(pane)
    gray = pane.windowing.table()[oriented(PLAIN.pixels, pane.view_geometry.turn)]
    assert (picture.width(), picture.height()) == gray.shape[::-1] == drawing.full_size(pane)
    assert np.array_equal(pixels(picture), np.repeat(gray[..., None], 3, axis=2))


def test_a_large_image_is_whole_too(qtbot: QtBot) -> None:
    large = np.random.default_rng(2).integers(0, 4096, (1999, 2333), dtype=np.uint16)
    pane = shown(qtbot, replace(PLAIN, pixels=large))
    picture = drawing.whole_image(pane)
    assert np.array_equal(pixels(picture)[..., 0], pane.windowing.table()[large])


def test_pixels_that_are_not_square_are_drawn_as_high_as_they_are(qtbot: QtBot) -> None:
    pane = shown(qtbot, replace(PLAIN, spacing=Spacing(0.4, 0.2, "calibrated")))
    assert drawing.full_size(pane) == (260, 602)
    pane.rotate(1)
    assert drawing.full_size(pane) == (602, 260)


def test_identity_is_left_out_unless_it_is_asked_for(pane: ViewPane) -> None:
    assert "Doe, Jane" in pane.corners().lines  # on the screen
    assert "identity hidden" in pane._corners(True).lines
    for draw in (drawing.as_shown, drawing.whole_image):
        hidden, named = pixels(draw(pane)), pixels(draw(pane, identity_hidden=False))
        assert not np.array_equal(hidden, named)
        pane.radiograph = replace(PLAIN, patient=Patient("0815", "Roe^Richard", "F"))
        assert np.array_equal(pixels(draw(pane)), hidden)  # another name makes no difference
        pane.radiograph = PLAIN


def test_the_picture_as_shown_is_what_is_on_the_screen(pane: ViewPane) -> None:
    pane.zoom_by(2)
    pane.set_identity_hidden(True)
    screen = pixels(pane.grab().toImage())
    pane.set_identity_hidden(False)
    pane.hand = MagnifierHand(Power())  # tools, edges and the strip's room are not in pictures
    pane.hand.hover(pane, QPointF(200, 200), Qt.KeyboardModifier.NoModifier)
    pane.set_highlighted(True)
    pane.set_inset(40)
    assert np.array_equal(pixels(drawing.as_shown(pane)), screen)


def test_a_finer_picture_shows_the_same_part(pane: ViewPane) -> None:
    pane.zoom_by(2)
    once, twice = drawing.as_shown(pane), drawing.as_shown(pane, finer=2)
    assert (twice.width(), twice.height()) == (2 * once.width(), 2 * once.height())
    middle = pixels(twice)[::2, ::2][100:200, 100:300, 0].astype(int)
    assert abs(middle - pixels(once)[100:200, 100:300, 0]).mean() < 45  # noise, interpolated


class Marked:
    """A layer that marks the image's first pixel in red."""

    def paint(self, pane: ViewPane, painter: QPainter) -> None:
        painter.fillRect(0, 0, 1, 1, QColor("red"))
        at = pane.screen_point(0, 0)
        painter.fillRect(round(at.x()), round(at.y()), 2, 2, QColor("red"))

    def hand_at(self, pane: ViewPane, at: QPointF, keys: Qt.KeyboardModifier) -> Hand | None:
        return None

    def key(self, pane: ViewPane, event: QKeyEvent) -> bool:
        return False


def test_what_is_drawn_on_the_image_is_in_the_pictures(pane: ViewPane) -> None:
    pane.layers.append(Marked())
    assert pixels(drawing.whole_image(pane))[1, 1].tolist() == [255, 0, 0]
    assert [255, 0, 0] in pixels(drawing.as_shown(pane)).reshape(-1, 3).tolist()


def test_there_is_a_scale_where_the_file_says_how_large_a_pixel_is(qtbot: QtBot) -> None:
    black = replace(PLAIN, pixels=np.zeros((600, 600), np.uint16))
    assert not pixels(drawing.whole_image(shown(qtbot, black))).any()
    known = replace(black, spacing=Spacing(0.5, 0.5, "detector plane"))
    picture = pixels(drawing.whole_image(shown(qtbot, known)))[..., 0]
    bar = np.flatnonzero(picture[600 - 14 - 4] > 200)
    assert bar.max() - bar.min() == pytest.approx(50 / 0.5, abs=2)
    assert bar.max() == pytest.approx(600 - 14, abs=2)


@pytest.mark.parametrize(
    ("said", "word"), [("NO", ""), (" no", ""), ("YES", "burned into"), ("", "doesn't say")]
)
def test_words_that_are_part_of_the_pixels_are_spoken_of(said: str, word: str) -> None:
    header = Header(burned_in_annotation=said)
    hint = drawing.burned_in(replace(PLAIN, header=header))
    assert (hint == "") if not word else (word in hint)
