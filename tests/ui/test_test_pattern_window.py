"""The test pattern's window."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui.test_pattern import TestPatternWindow


def test_every_pixel_is_one_of_the_screens(qtbot: QtBot) -> None:
    window = TestPatternWindow()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    for width in (900, 1201):
        window.resize(width, 700)
        grabbed = window.view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(grabbed.constBits(), np.uint8).reshape(
            grabbed.height(), grabbed.bytesPerLine()
        )
        pattern = window.view.pattern
        assert pattern is not None
        assert np.array_equal(rows[:, : grabbed.width()], pattern.pixels)


def test_keys_fill_the_screen_hide_the_text_and_close(qtbot: QtBot) -> None:
    window = TestPatternWindow()
    qtbot.addWidget(window)
    window.show()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    QTest.keyClick(window, Qt.Key.Key_T)
    assert window.words.isHidden()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
