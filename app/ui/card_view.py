"""A model card as it is read in a window: Markdown, quietly dressed."""

from __future__ import annotations

from PySide6.QtGui import (
    QBrush,
    QColor,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser

from app.ui import theme

_LARGER = {1: 2, 2: 1}
"""Qt's steps of a heading above the text's size, by its level: three for the first are too loud."""
_ABOVE, _BELOW = 14, 4


class CardView(QTextBrowser):
    """Links open in the browser; nothing is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Model card")
        self.setOpenExternalLinks(True)

    def show_card(self, text: str) -> None:
        """Show the Markdown ``text`` from its beginning."""
        self.setMarkdown(text)
        document = self.document()
        _dress_headings(document)
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                _dress_table(frame)
        self.moveCursor(QTextCursor.MoveOperation.Start)


def _dress_headings(document: QTextDocument) -> None:
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            cursor = QTextCursor(block)
            shape = block.blockFormat()
            shape.setTopMargin(_ABOVE)
            shape.setBottomMargin(_BELOW)
            cursor.setBlockFormat(shape)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            letters = QTextCharFormat()
            letters.setProperty(QTextFormat.Property.FontSizeAdjustment, _LARGER.get(level, 0))
            cursor.mergeCharFormat(letters)
        block = block.next()


def _dress_table(table: QTextTable) -> None:
    """Thin lines in the window's colour, the window's width, and no empty first row: Markdown has
    no table without a heading.
    """
    first = [table.cellAt(0, column) for column in range(table.columns())]
    empty = all(
        cell.firstCursorPosition().position() == cell.lastCursorPosition().position()
        for cell in first
    )
    if empty and table.rows() > 1:
        table.removeRows(0, 1)
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderCollapse(True)
    shape.setBorderBrush(QBrush(QColor(theme.LINE)))
    shape.setCellPadding(5)
    shape.setCellSpacing(0)
    shape.setTopMargin(_BELOW)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)
