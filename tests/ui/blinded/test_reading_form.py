"""The form beside the image: all of it in sight on every screen, the report readable."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot
from reading_desk import WAIT_MS, SitDown, press, wait_for

from app.reading.protocol import OFFERED, Question
from app.ui.blinded.report_text import LEAST_LINES, LINE_HEIGHT


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (2560, 1440)])
@pytest.mark.parametrize("report", ["Heart normal.", "A long report says much. " * 40])
def test_every_question_is_in_sight_on_every_screen(
    qtbot: QtBot, sit_down: SitDown, width: int, height: int, report: str
) -> None:
    why = Question("why", "What would you write instead?")
    window = sit_down(questions=(*OFFERED, why), going_back=True)
    wait_for(qtbot, window)
    window.resize(width, height)
    form = window.form
    form.set_item(report)

    def in_sight(widget: QWidget) -> bool:
        corners = (widget.rect().topLeft(), widget.rect().bottomRight())
        return all(form.rect().contains(widget.mapTo(form, corner)) for corner in corners)

    def all_in_sight() -> bool:
        chips = [chip for q in form.questions.values() for chip in q.findChildren(QPushButton)]
        rows = (*form.rows.values(), *form.questions.values(), *chips, form.comment)
        return form._scroll.verticalScrollBar().maximum() == 0 and all(map(in_sight, rows))

    qtbot.waitUntil(all_in_sight, timeout=WAIT_MS)
    line = form.report.least_height() / LEAST_LINES
    assert form.report.height() >= min(form.report.whole_height(form.report.width()), 5 * line)


def test_words_grow_with_the_screen(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    sizes = []
    for width, height in ((1280, 800), (2560, 1440)):
        window.resize(width, height)
        qtbot.waitUntil(lambda w=width: window.width() == w, timeout=WAIT_MS)
        sizes.append((window.form.report.fontMetrics().height(), window.form.width()))
    assert sizes[1][0] >= 1.6 * sizes[0][0]
    assert sizes[1][1] < 0.4 * 2560


def test_the_report_has_air_between_its_lines_and_its_words_can_be_pointed_at(
    qtbot: QtBot, sit_down: SitDown
) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    report = window.form.report
    block = report.document().firstBlock()
    assert block.blockFormat().lineHeight() == LINE_HEIGHT
    qtbot.mouseDClick(report.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(4, 8))
    assert report.textCursor().selectedText() == "Report"
    press(qtbot, window, Qt.Key.Key_4)  # keys still go to the window
    assert window.form.rows[4].active


def test_a_long_report_is_scrolled_by_keys(qtbot: QtBot, sit_down: SitDown) -> None:
    window = sit_down()
    wait_for(qtbot, window)
    window.resize(1280, 800)
    window.form.set_item("A long report says much. " * 80)
    bar = window.form.report.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=WAIT_MS)
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Down, alt)
    assert bar.value() > 0
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Up, alt)
    assert bar.value() == 0
