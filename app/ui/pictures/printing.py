"""A page with the radiographs as they are shown, on paper or as a PDF.

The pictures are as large as the page lets them be; the report stands below them when it fits there,
else on pages of its own: never a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextDocument,
)

from app.errors import StoreError

NOT_FOR_DIAGNOSIS = "Printed by Reading Room · not for diagnosis"
TITLE = "Radiograph"  # what a print queue shows to everybody: never a name
_DPI = 200
_MARGIN_MM = 12.0
_REPORT_SHARE = 0.42  # of the page, at most, below the pictures
_BODY_PT, _FOOT_PT = 10.0, 8.0
_INK, _SOFT = QColor("#000000"), QColor("#555555")


@dataclass(frozen=True)
class Page:
    """What is printed; the pictures already say, or don't, whose they are."""

    pictures: Sequence[QImage]
    report: str = ""
    note: str = ""


def print_page(device: QPagedPaintDevice, page: Page, resolution: int) -> int:
    """Print ``page``; how many sheets it took. Raises StoreError when the printer refuses."""
    painter = QPainter()
    if not painter.begin(device):
        raise StoreError("The printer can't be used.", "Choose another one, or save a PDF.")
    try:
        area = QRectF(device.pageLayout().paintRectPixels(resolution))
        sheet = QRectF(QPointF(0, 0), area.size())
        return paint_page(painter, sheet, page, device.newPage)
    finally:
        painter.end()


def as_pdf(page: Page) -> bytes:
    """The page as a PDF file, A4, without any metadata about the patient."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setPageLayout(page_layout())
    writer.setTitle(TITLE)
    writer.setCreator("Reading Room")
    print_page(writer, page, _DPI)
    return bytes(buffer.data().data())


def page_layout() -> QPageLayout:
    """A4, upright."""
    return QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4),
        QPageLayout.Orientation.Portrait,
        QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM),
        QPageLayout.Unit.Millimeter,
    )


def paint_page(
    painter: QPainter, sheet: QRectF, page: Page, new_page: Callable[[], object] | None = None
) -> int:
    """Paint on any device; ``sheet`` is the printable part in its pixels. Without ``new_page``
    only the first sheet.
    """
    foot = _footer(painter, sheet, page.note)
    free = sheet.adjusted(0, 0, 0, -foot - _gap(painter))
    report = _document(painter, page.report, free.width()) if page.report.strip() else None
    below = report is not None and report.size().height() <= free.height() * _REPORT_SHARE
    room = free
    if report is not None and below:
        room = free.adjusted(0, 0, 0, -report.size().height() - _gap(painter))
    end = _pictures(painter, room, page.pictures)
    if report is None:
        return 1
    if below:
        _text(painter, report, QPointF(free.left(), end + _gap(painter)))
        return 1
    if new_page is None:
        return 1
    text = sheet.adjusted(0, 0, 0, -foot - _gap(painter))
    report.setPageSize(QSizeF(text.size()))
    for number in range(report.pageCount()):
        new_page()
        _footer(painter, sheet, page.note)
        painter.save()
        painter.setClipRect(text)
        _text(painter, report, QPointF(text.left(), text.top() - number * text.height()))
        painter.restore()
    return 1 + report.pageCount()


def _pictures(painter: QPainter, room: QRectF, pictures: Sequence[QImage]) -> float:
    """Side by side when that makes them larger than one below the other; where they end."""
    if not pictures or room.height() <= 0:
        return room.top()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    count, gap = len(pictures), _gap(painter) / 2
    layouts = [(columns, -(-count // columns)) for columns in range(1, count + 1)]

    def scale(columns: int, rows: int) -> float:
        width = (room.width() - gap * (columns - 1)) / columns
        height = (room.height() - gap * (rows - 1)) / rows
        return min(min(width / one.width(), height / one.height()) for one in pictures)

    columns, rows = max(layouts, key=lambda shape: scale(*shape))
    width = (room.width() - gap * (columns - 1)) / columns
    height = (room.height() - gap * (rows - 1)) / rows
    end = room.top()
    for place, picture in enumerate(pictures):
        size = QSizeF(picture.size()).scaled(width, height, Qt.AspectRatioMode.KeepAspectRatio)
        left = room.left() + (place % columns) * (width + gap) + (width - size.width()) / 2
        top = room.top() + (place // columns) * (height + gap)
        painter.drawImage(QRectF(QPointF(left, top), size), picture)
        end = max(end, top + size.height())
    return end


def _footer(painter: QPainter, sheet: QRectF, note: str) -> float:
    """What the page is worth, at its end; its height."""
    font = _font(painter, _FOOT_PT)
    painter.setFont(font)
    painter.setPen(_SOFT)
    text = "\n".join(line for line in (note, NOT_FOR_DIAGNOSIS) if line)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
    drawn = painter.boundingRect(sheet, flags, text)
    painter.drawText(sheet, flags, text)
    return drawn.height()


def _document(painter: QPainter, text: str, width: float) -> QTextDocument:
    document = QTextDocument()
    document.documentLayout().setPaintDevice(painter.device())
    document.setDocumentMargin(0)
    document.setDefaultFont(_font(painter, _BODY_PT))
    document.setPlainText(text)
    document.setTextWidth(width)
    return document


def _text(painter: QPainter, document: QTextDocument, at: QPointF) -> None:
    painter.save()
    painter.translate(at)
    ink = QAbstractTextDocumentLayout.PaintContext()  # the window's own is light on dark
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, _INK)
    ink.palette = palette
    document.documentLayout().draw(painter, ink)
    painter.restore()


def _font(painter: QPainter, points: float) -> QFont:
    font = QFont(painter.font())
    font.setPointSizeF(points)
    return font


def _gap(painter: QPainter) -> float:
    """4 mm on the device."""
    return painter.device().logicalDpiY() * 4 / 25.4
