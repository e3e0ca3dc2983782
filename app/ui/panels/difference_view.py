"""What a person changed: the report against the draft that it is most like, word by word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from app.reporting.difference import Piece
from app.ui.panels.keycap import QUIET
from app.ui.panels.report_editor import LEADING_PERCENT
from app.ui.panels.report_font import set_report_font
from app.ui.theme import EDITED, REPORT_PX, TEXT


class DifferenceView(QTextEdit):
    """Read-only: removed words struck out and dim, added ones underlined in the colour of edits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: tuple[Piece, ...] = ()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(12)
        self.setAccessibleName("Difference between the draft and the report")
        self.set_font_size(REPORT_PX)

    def pieces(self) -> tuple[Piece, ...]:
        """What is shown."""
        return self._pieces

    def show_pieces(self, pieces: tuple[Piece, ...]) -> None:
        """Show the way from the draft to the report."""
        self._pieces = pieces
        self.clear()
        spacing = QTextBlockFormat()
        spacing.setLineHeight(
            LEADING_PERCENT, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        )
        cursor = QTextCursor(self.document())
        cursor.mergeBlockFormat(spacing)
        for piece in pieces:
            words = piece.text.rstrip()
            cursor.insertText(words, _format(piece))
            # The space behind a word is neither struck nor underlined; pieces need one between.
            cursor.insertText(piece.text[len(words) :] or " ", QTextCharFormat())
        self.setAccessibleDescription(
            "; ".join(f"{one.kind}: {one.text.strip()}" for one in pieces if one.kind != "same")
        )

    def set_font_size(self, pixels: int) -> None:
        """Text size in pixels, 14–17."""
        set_report_font(self, pixels)


def _format(piece: Piece) -> QTextCharFormat:
    result = QTextCharFormat()
    if piece.kind == "removed":
        result.setForeground(QUIET)
        result.setFontStrikeOut(True)
    elif piece.kind == "added":
        result.setForeground(QColor(EDITED))
        result.setFontUnderline(True)
    else:
        result.setForeground(QColor(TEXT))
    return result
