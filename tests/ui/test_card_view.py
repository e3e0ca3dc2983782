"""A model card in its window: every word of it, without the row that Markdown makes tables have."""

from __future__ import annotations

from PySide6.QtGui import QTextTable
from pytestqt.qtbot import QtBot

from app.ui.card_view import CardView

CARD = """# a model

Not for diagnosis.

## What it is

|  |  |
| --- | --- |
| system | the first |
| size | 25 MB |

## What was measured

|  | F1 |
| --- | --- |
| rank 1 | 0.19 |
"""


def tables(view: CardView) -> list[list[list[str]]]:
    found = []
    for table in view.document().rootFrame().childFrames():
        assert isinstance(table, QTextTable)
        found.append(
            [
                [_text(table, row, column) for column in range(table.columns())]
                for row in range(table.rows())
            ]
        )
    return found


def _text(table: QTextTable, row: int, column: int) -> str:
    cell = table.cellAt(row, column)
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastCursorPosition().position(), cursor.MoveMode.KeepAnchor)
    return cursor.selectedText()


def test_a_table_loses_a_first_row_that_says_nothing_and_no_other(qtbot: QtBot) -> None:
    view = CardView()
    qtbot.addWidget(view)
    view.show_card(CARD)
    assert tables(view) == [
        [["system", "the first"], ["size", "25 MB"]],
        [["", "F1"], ["rank 1", "0.19"]],
    ]
    assert "Not for diagnosis." in view.toPlainText()


def test_another_card_is_shown_from_its_beginning(qtbot: QtBot) -> None:
    view = CardView()
    qtbot.addWidget(view)
    view.resize(300, 120)
    view.show()
    view.show_card(CARD)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    view.show_card(CARD.replace("a model", "another"))
    assert bar.value() == 0
    assert view.toPlainText().startswith("another")
