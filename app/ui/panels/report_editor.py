"""The report's text with its provenance: a coloured edge beside every sentence.

A QTextEdit and not a QPlainTextEdit because only the former's layout knows line heights. The text
stays plain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QToolTip, QWidget

from app.reporting.difference import word_diff
from app.reporting.insertion import Insertion
from app.reporting.provenance import sentences
from app.reporting.report import Provenance, Sentence, Source
from app.reporting.templates import Template, expand
from app.ui.panels.report_font import set_report_font
from app.ui.theme import ACCENT, EDITED, REPORT_PX, WRITTEN

LEADING_PERCENT = 128.0
EDGE = 3.0
EDGE_COLOR = {
    Provenance.MODEL: ACCENT,
    Provenance.EDITED: EDITED,
    Provenance.WRITTEN: WRITTEN,
}


class ReportEditor(QTextEdit):
    """Plain text, its sources, and edges computed from both.

    ``changed`` after every change of the text by the reader, never by :meth:`set_report`.
    Offsets are those of Python strings; Qt counts in UTF-16.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: tuple[Source, ...] = ()
        self._sentences: tuple[Sentence, ...] = ()
        self._text = ""
        self._templates: tuple[Template, ...] = ()
        self._models: dict[int, str] = {}
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setPlaceholderText("Take a draft, a sentence, or write here.")
        self.setAccessibleName("Report")
        self.document().setDocumentMargin(12)
        self.set_font_size(REPORT_PX)
        self.textChanged.connect(self._text_changed)
        self.set_report("", ())

    # The report

    def set_report(self, text: str, sources: Sequence[Source]) -> None:
        """Show another report; nothing before it can be undone into it."""
        self.blockSignals(True)
        self.setPlainText(text)
        document = self.document()
        document.setUndoRedoEnabled(False)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(
            LEADING_PERCENT, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        )
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spacing)
        document.setUndoRedoEnabled(True)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.blockSignals(False)
        self._sources = tuple(sources)
        self._text = self.toPlainText()
        self._trace()

    def text(self) -> str:
        """The report as it stands."""
        return self._text

    def sources(self) -> tuple[Source, ...]:
        """Every draft sentence ever put into this report, in order, each once. It only grows."""
        return self._sources

    def sentences(self) -> tuple[Sentence, ...]:
        """The report's sentences with their provenance."""
        return self._sentences

    def add_sources(self, sources: Sequence[Source]) -> None:
        """Remember what is about to be put in."""
        self._sources = tuple(dict.fromkeys((*self._sources, *sources)))

    def apply(self, insertion: Insertion) -> None:
        """Carry out an insertion as one step of undo and put the cursor behind it."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.setPosition(_to_qt(self._text, insertion.start))
        cursor.setPosition(_to_qt(self._text, insertion.end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(insertion.text)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self._trace()  # sources may have grown although the text is the same

    def cursor_offset(self) -> int:
        """Where the cursor (the end of the selection) stands in :meth:`text`."""
        return _from_qt(self._text, self.textCursor().selectionEnd())

    def undo(self) -> None:
        """Take back the last step. Qt would do so in a locked text too."""
        if not self.isReadOnly():
            super().undo()

    def redo(self) -> None:
        """Do again what was taken back, unless the text is locked."""
        if not self.isReadOnly():
            super().redo()

    def set_templates(self, templates: Sequence[Template]) -> None:
        """What a typed shortcut with a space or a tab behind it turns into."""
        self._templates = tuple(templates)

    def set_models(self, names: Mapping[int, str]) -> None:
        """Which model each analysis is by, for the words about where a sentence comes from."""
        self._models = dict(names)

    def whence(self, offset: int) -> str:
        """Where the sentence at an offset of the text comes from; "" between sentences."""
        found = (one for one in self._sentences if one.start <= offset < one.end)
        sentence = next(found, None)
        if sentence is None:
            return ""
        if sentence.source is None:
            return "Written by a person"
        model = self._models.get(sentence.source.analysis_id, "the model")
        edited = sentence.provenance is Provenance.EDITED
        return f"{'Edited, from' if edited else 'From'} draft Pd{sentence.source.rank} of {model}"

    def set_font_size(self, pixels: int) -> None:
        """Text size in pixels, 14–17."""
        set_report_font(self, pixels)

    # Edges

    def edges(self) -> list[tuple[QRectF, Provenance]]:
        """One edge per sentence, in viewport coordinates.

        An edge runs from the sentence's first to its last line; a line that several sentences share
        is divided among them from top to bottom.
        """
        offset = float(self.verticalScrollBar().value())
        spans = [
            (_to_qt(self._text, one.start), _to_qt(self._text, one.end)) for one in self._sentences
        ]
        reach: dict[int, tuple[float, float]] = {}
        block = self.document().begin()
        while block.isValid():
            for first, last, top, bottom in _lines(block):
                here = [n for n, (start, end) in enumerate(spans) if start < last and end > first]
                for place, number in enumerate(here):
                    share = (bottom - top) / len(here)
                    begin, end = top + place * share, top + (place + 1) * share
                    known = reach.get(number)
                    reach[number] = (known[0] if known else begin, end)
            block = block.next()
        return [
            (QRectF(EDGE, top - offset + 1, EDGE, bottom - top - 2), self._sentences[n].provenance)
            for n, (top, bottom) in reach.items()
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rect, provenance in self.edges():
            paint_edge(painter, rect, provenance)

    # Keys

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if (
                event.type() == QEvent.Type.ShortcutOverride
                and control
                and event.key() == Qt.Key.Key_D
            ):
                event.ignore()  # some platforms' "delete"; here the difference view
                return True
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if event.type() == QEvent.Type.KeyPress and plain:
                after = {Qt.Key.Key_Tab: "", Qt.Key.Key_Space: " "}.get(Qt.Key(event.key()))
                if after is not None and self._expand(after):
                    event.accept()
                    return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """The mouse at rest over a sentence asks where it comes from."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = _from_qt(self._text, self.cursorForPosition(event.pos()).position())
            QToolTip.showText(event.globalPos(), self.whence(place), self)
            return True
        return super().viewportEvent(event)

    # Within

    def _expand(self, after: str) -> bool:
        """Turn the shortcut before the cursor into its template; says whether there was one."""
        cursor = self.textCursor()
        if self.isReadOnly() or cursor.hasSelection():
            return False
        offset = self.cursor_offset()
        found = expand(self._text[:offset], self._templates)
        if found is None:
            return False
        length, text = found
        self.apply(Insertion(offset - length, offset, text + after))
        return True

    def _text_changed(self) -> None:
        text = self.toPlainText()
        if text == self._text:
            return
        self._text = text
        self._trace()
        self.changed.emit()

    def _trace(self) -> None:
        """Find out again where each sentence comes from, and mark what was edited."""
        self._sentences = sentences(self._text, self._sources)
        self.setExtraSelections(
            [
                self._marked(start, end)
                for one in self._sentences
                if one.source is not None and one.provenance is Provenance.EDITED
                for start, end in added_spans(one)
            ]
        )
        self.viewport().update()

    def _marked(self, start: int, end: int) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(_to_qt(self._text, start))
        cursor.setPosition(_to_qt(self._text, end), QTextCursor.MoveMode.KeepAnchor)
        text_format = QTextCharFormat()
        text_format.setForeground(QColor(EDITED))
        selection.cursor, selection.format = cursor, text_format
        return selection


def added_spans(sentence: Sentence) -> list[tuple[int, int]]:
    """Character offsets (in the report) of the words that a person put into a draft's sentence."""
    if sentence.source is None:
        return [(sentence.start, sentence.end)]
    spans = []
    position = sentence.start
    for piece in word_diff(sentence.source.text, sentence.text):
        if piece.kind == "removed":
            continue
        if piece.kind == "added" and piece.text.strip():
            spans.append((position, position + len(piece.text.rstrip())))
        position += len(piece.text)
    return spans


def paint_edge(painter: QPainter, rect: QRectF, provenance: Provenance) -> None:
    """Paint an edge: solid for the model, broken for edited, dotted for written.

    The pattern says the same as the colour, for those who can't tell the colours apart.
    """
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(EDGE_COLOR[provenance]))
    length = {Provenance.MODEL: rect.height(), Provenance.EDITED: 6.0, Provenance.WRITTEN: 3.0}
    piece = max(length[provenance], 1.0)
    top = rect.top()
    while top < rect.bottom() - 1:
        height = min(piece, rect.bottom() - top)
        painter.drawRoundedRect(QRectF(rect.left(), top, rect.width(), height), 1.5, 1.5)
        top += piece + 2


def _lines(block: QTextBlock) -> list[tuple[int, int, float, float]]:
    """(first character, last + 1, top, bottom) of each line, in the document's coordinates."""
    layout = block.layout()
    origin = layout.position().y()
    result = []
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first = block.position() + line.textStart()
        top = origin + line.y()
        result.append((first, first + line.textLength(), top, top + line.height()))
    return result


def _to_qt(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le")) // 2


def _from_qt(text: str, position: int) -> int:
    return len(text.encode("utf-16-le")[: 2 * position].decode("utf-16-le", "ignore"))
