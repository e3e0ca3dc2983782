"""What to print, beside the page as it will be; a window of its own, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import files
from app.errors import AppError
from app.ui import theme
from app.ui.pictures.printing import TITLE, Page, as_pdf, page_layout, paint_page, print_page

Compose = Callable[[bool, bool], Page]
"""(with identity, with the report) → the page."""

_PREVIEW = (420, 594)  # A4 at about 51 dots per inch
_INCHES = 8.27


class PrintBox(QWidget):
    """``printed(str)`` says what was done, ``failed(AppError)`` what could not be."""

    printed = Signal(str)
    failed = Signal(object)

    def __init__(self, compose: Compose, has_report: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Print · Reading Room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"PrintBox {{ background: {theme.PANEL}; }}")
        self._compose = compose
        self.identity = QCheckBox("The patient's name and number")
        self.report = QCheckBox("The report")
        self.report.setEnabled(has_report)
        self.report.setChecked(has_report)
        self.preview = QLabel()
        self.preview.setFixedSize(*_PREVIEW)
        for box in (self.identity, self.report):
            box.toggled.connect(self._show)
        printer = QPushButton("Print…")
        printer.setProperty("role", "primary")
        printer.clicked.connect(self._print)
        pdf = QPushButton("Save as PDF…")
        pdf.clicked.connect(self._ask_for_pdf)
        column = QVBoxLayout()
        column.setSpacing(8)
        for widget in (self.identity, self.report):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(pdf)
        column.addWidget(printer)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(self.preview)
        row.addLayout(column)
        self._show()

    def page(self) -> Page:
        """The page as it is ticked."""
        return self._compose(self.identity.isChecked(), self.report.isChecked())

    def save_pdf(self, file: Path) -> None:
        """Write the page as a PDF, whole or not at all."""
        try:
            files.write_bytes(file, as_pdf(self.page()))
        except AppError as error:
            self.failed.emit(error)
        else:
            self.printed.emit(f"Saved the page as {file}.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _ask_for_pdf(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the page as PDF", "radiograph.pdf", "PDF (*.pdf)"
        )
        if chosen:
            file = Path(chosen)
            self.save_pdf(file if file.suffix else file.with_suffix(".pdf"))

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(TITLE)
        printer.setPageLayout(page_layout())
        if QPrintDialog(printer, self).exec() != QPrintDialog.DialogCode.Accepted:
            return
        try:
            print_page(printer, self.page(), printer.resolution())
        except AppError as error:
            self.failed.emit(error)
        else:
            self.printed.emit("The page was sent to the printer.")

    def _show(self) -> None:
        ratio = self.devicePixelRatioF()
        paper = QImage(
            round(_PREVIEW[0] * ratio), round(_PREVIEW[1] * ratio), QImage.Format.Format_RGB32
        )
        paper.fill(QColor("white"))
        dots = round(paper.width() / _INCHES / 0.0254)
        paper.setDotsPerMeterX(dots)
        paper.setDotsPerMeterY(dots)
        margin = 12 / 25.4 * paper.width() / _INCHES
        sheet = QRectF(paper.rect()).adjusted(margin, margin, -margin, -margin)
        painter = QPainter(paper)
        paint_page(painter, sheet, self.page())
        painter.end()
        paper.setDevicePixelRatio(ratio)
        self.preview.setPixmap(QPixmap.fromImage(paper))
