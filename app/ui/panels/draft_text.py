"""A draft's text in which every word can be pointed at.

Paints and answers "what is under the mouse"; which word is lit, held or dimmed is told from
outside. A sentence ends in a small plus: pointing at it means the whole sentence, a click takes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.inference.drafts import Draft
from app.reporting.draft_sentences import Range, sentence_of, sentence_ranges
from app.ui.panels.keycap import QUIET
from app.ui.theme import ACCENT, ATTENTION, TEXT, THIRD

_LEADING = 1.42
_HANDLE = 11.0
_SLACK = 3.0


class DraftText(QWidget):
    """One draft's words.

    pointed(index)                the word under the mouse, -1 for none
    sentence_pointed(first, end)  a sentence, by its plus or with Ctrl; (-1, -1) for none
    clicked(index)  sentence_taken(first, end)
    """

    pointed = Signal(int)
    sentence_pointed = Signal(int, int)
    clicked = Signal(int)
    sentence_taken = Signal(int, int)

    def __init__(self, draft: Draft, repeated: list[bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._repeated = repeated
        self.sentences = sentence_ranges(draft.text, draft.spans)
        self._layout = QTextLayout()
        self._heights: dict[int, int] = {}
        self._pointed = -1
        self._sentence: Range | None = None
        self._held = -1
        self._lit: frozenset[int] = frozenset()
        self._pointable = True
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # What is shown

    def set_held(self, index: int) -> None:
        """Mark the word ``index`` as held; -1 for none."""
        self._held = index
        self._format()

    def held(self) -> int:
        """The held word's index or -1."""
        return self._held

    def set_lit(self, indices: Iterable[int]) -> None:
        """Underline the words ``indices``."""
        self._lit = frozenset(indices)
        self.update()

    def lit(self) -> frozenset[int]:
        """The underlined words."""
        return self._lit

    def set_pointable(self, on: bool) -> None:
        """Whether words answer to the mouse; off when there is no map to show."""
        self._pointable = on

    def set_repeated(self, repeated: list[bool]) -> None:
        """Dim other words."""
        self._repeated = repeated
        self._format()

    def is_dim(self, index: int) -> bool:
        """Whether another draft says the word too, so that it is dimmed."""
        return self._repeated[index]

    # Where things are

    def word_rects(self, index: int) -> list[QRectF]:
        """The word's rectangles in widget coordinates; several when it is broken over lines."""
        start, end = self._draft.spans[index]
        rects = []
        for number in range(self._layout.lineCount()):
            line = self._layout.lineAt(number)
            first = max(start, line.textStart())
            last = min(end, line.textStart() + line.textLength())
            if first < last:
                left = _x(line, first)
                width = _x(line, last) - left
                if self._ends_sentence(index) and last == end:
                    width -= _HANDLE
                rects.append(QRectF(left, self._top(line), width, self._text_height()))
        return rects

    def handle_rect(self, sentence: Range) -> QRectF:
        """The little plus after the sentence's last word."""
        word = self.word_rects(sentence[1] - 1)
        if not word:
            return QRectF()
        return QRectF(word[-1].right(), word[-1].top(), _HANDLE, word[-1].height())

    def word_at(self, point: QPointF) -> int:
        """The word under ``point``, or at most half a space beside it; -1 for none."""
        beside = -1
        for index in range(len(self._draft.spans)):
            for rect in self.word_rects(index):
                reach = rect.adjusted(0, -2, 0, 2)
                if reach.contains(point):
                    return index
                if beside < 0 and reach.adjusted(-_SLACK, 0, _SLACK, 0).contains(point):
                    beside = index
        return beside

    def handle_at(self, point: QPointF) -> Range | None:
        """The sentence whose plus is under ``point``."""
        for sentence in self.sentences:
            if self.handle_rect(sentence).adjusted(0, -2, 0, 2).contains(point):
                return sentence
        return None

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(360, self.heightForWidth(360))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, round(self._line_height()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:  # Qt's layouts ask for the same few widths again and again
            self._heights[width] = round(self._break(QTextLayout(), width))
        return self._heights[width]

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._format()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._heights.clear()
            self._format()
            self.updateGeometry()
        super().changeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._pointable:
            handle = self.handle_at(event.position())
            self._point(-1, handle)
            return
        sentence = self.handle_at(event.position())
        word = -1 if sentence else self.word_at(event.position())
        if word >= 0 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            sentence, word = sentence_of(self.sentences, word), -1
        self._point(word, sentence)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1, None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            sentence = self.handle_at(event.position())
            if sentence is not None:
                self.sentence_taken.emit(*sentence)
                event.accept()
                return
            word = self.word_at(event.position())
            if word >= 0 and self._pointable:
                self.clicked.emit(word)
                event.accept()
                return
        event.ignore()  # the card under it becomes the active one

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            point = QPointF(self.mapFromGlobal(event.globalPos()))  # type: ignore[attr-defined]
            if self.handle_at(point) is not None:
                QToolTip.showText(
                    event.globalPos(),  # type: ignore[attr-defined]
                    "Take this sentence (Shift+Enter on a word of it)",
                    self,
                )
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._sentence is not None:
            rects = [rect for n in range(*self._sentence) for rect in self.word_rects(n)]
            self._mark(painter, _by_line(rects), fill=0.12, line=False)
        for index in self._lit:
            if index < len(self._draft.spans):
                self._mark(painter, self.word_rects(index), fill=0.0, line=True)
        for index, fill in ((self._pointed, 0.16), (self._held, 0.24)):
            if index >= 0:
                self._mark(painter, self.word_rects(index), fill=fill, line=True)
        painter.setPen(QColor(TEXT))
        self._layout.draw(painter, QPointF(0, 0))
        if self.underMouse():
            for sentence in self.sentences:
                self._plus(painter, sentence)

    # Within

    def _point(self, word: int, sentence: Range | None) -> None:
        if word != self._pointed:
            self._pointed = word
            self.pointed.emit(word)
        if sentence != self._sentence:
            self._sentence = sentence
            self.sentence_pointed.emit(*(sentence or (-1, -1)))
        over = word >= 0 or sentence is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        self.update()

    def _mark(self, painter: QPainter, rects: list[QRectF], *, fill: float, line: bool) -> None:
        color = QColor(ATTENTION)
        for rect in rects:
            if fill:
                ground = QColor(color)
                ground.setAlphaF(fill)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ground)
                painter.drawRoundedRect(rect.adjusted(-2, -1, 2, 2), 3, 3)
            if line:
                painter.fillRect(QRectF(rect.left(), rect.bottom() + 0.5, rect.width(), 2), color)

    def _plus(self, painter: QPainter, sentence: Range) -> None:
        active = self._sentence == sentence
        center = self.handle_rect(sentence).center() + QPointF(1, 0)
        painter.setPen(QPen(QColor(ACCENT if active else THIRD), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if active:
            painter.drawRoundedRect(QRectF(center.x() - 7, center.y() - 7, 14, 14), 3, 3)
        for arm in (QPointF(3.5, 0), QPointF(0, 3.5)):
            painter.drawLine(center - arm, center + arm)

    def _format(self) -> None:
        self._break(self._layout, self.width())
        self.update()

    def _break(self, layout: QTextLayout, width: int) -> float:
        """Lay the text out in ``width`` pixels; returns its height."""
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setText(self._draft.text)
        layout.setFont(self.font())
        layout.setTextOption(option)
        layout.setFormats(self._formats())
        y = 0.0
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 40))
            line.setPosition(QPointF(0, y + (self._line_height() - line.height()) / 2))
            y += self._line_height()
        layout.endLayout()
        return y

    def _formats(self) -> list[QTextLayout.FormatRange]:
        formats = []
        for index, (start, end) in enumerate(self._draft.spans):
            held = index == self._held
            color = QColor(ATTENTION) if held else QUIET if self._repeated[index] else QColor(TEXT)
            formats.append(_range(start, end - start, color))
            if self._ends_sentence(index):
                # Room for the plus is given by the space after the sentence's last character.
                last = _range(end - 1, 1, color)
                last.format.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
                last.format.setFontLetterSpacing(_HANDLE)
                formats[-1].length -= 1
                formats.append(last)
        return formats

    def _ends_sentence(self, index: int) -> bool:
        return any(last == index + 1 for _, last in self.sentences)

    def _text_height(self) -> float:
        return float(self.fontMetrics().height())

    def _line_height(self) -> float:
        return float(round(self.fontMetrics().height() * _LEADING / 1.16))

    def _top(self, line: QTextLine) -> float:
        return line.y() + (line.height() - self._text_height()) / 2


def _range(start: int, length: int, color: QColor) -> QTextLayout.FormatRange:
    result = QTextLayout.FormatRange()
    result.start, result.length = start, length
    text_format = QTextCharFormat()
    text_format.setForeground(color)
    result.format = text_format
    return result


def _by_line(rects: list[QRectF]) -> list[QRectF]:
    """Rectangles on one line joined into one."""
    lines: list[QRectF] = []
    for rect in rects:
        if lines and lines[-1].top() == rect.top():
            lines[-1] = lines[-1].united(rect)
        else:
            lines.append(rect)
    return lines


def _x(line: QTextLine, position: int) -> float:
    # PySide gives (x, position back), its stubs promise a plain object.
    x, _ = cast(tuple[float, int], line.cursorToX(position))
    return x
