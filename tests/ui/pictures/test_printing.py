"""The printed page."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from app.errors import StoreError
from app.ui.pictures.print_box import PrintBox
from app.ui.pictures.printing import Page, as_pdf, page_layout, paint_page, print_page

pytestmark = pytest.mark.usefixtures("qapp")


def picture(width: int = 60, height: int = 80, color: str = "red") -> QImage:
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(QColor(color))
    return made


def painted(page: Page) -> np.ndarray:
    """(800, 600, 3): the first sheet."""
    sheet = QImage(600, 800, QImage.Format.Format_RGB888)
    sheet.fill(QColor("white"))
    painter = QPainter(sheet)
    paint_page(painter, QRectF(sheet.rect()), page)
    painter.end()
    flat = np.frombuffer(sheet.constBits(), np.uint8).reshape(800, sheet.bytesPerLine())
    return flat[:, :1800].reshape(800, 600, 3).copy()


def box_of(sheet: np.ndarray, color: tuple[int, int, int]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero((sheet == color).all(axis=2))
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_picture_is_as_large_as_the_page_lets_it_be() -> None:
    top, bottom, left, right = box_of(painted(Page([picture()])), (255, 0, 0))
    assert (right - left) / (bottom - top) == pytest.approx(60 / 80, abs=0.02)
    assert top <= 1
    assert bottom > 700


def test_two_pictures_stand_where_they_are_larger_and_apart() -> None:
    sheet = painted(Page([picture(), picture(color="blue")]))
    red, blue = box_of(sheet, (255, 0, 0)), box_of(sheet, (0, 0, 255))
    assert red[3] < blue[2] or red[1] < blue[0]


def test_the_report_stands_below_or_on_sheets_of_its_own() -> None:
    short, long = "No effusion.", "No effusion. " * 1200
    assert pages(as_pdf(Page([picture()]))) == 1
    assert pages(as_pdf(Page([picture()], short))) == 1
    assert pages(as_pdf(Page([picture()], long))) > 2
    without, below = painted(Page([picture()])), painted(Page([picture()], short))
    assert box_of(below, (255, 0, 0))[1] < box_of(without, (255, 0, 0))[1]
    words = below[box_of(below, (255, 0, 0))[1] + 1 :]
    assert words.min() < 60  # dark on white, whatever the window's own colours are


def test_every_page_says_what_it_is_not_for() -> None:
    sheet = painted(Page([]))
    assert (sheet[740:] < 200).any()  # words at the bottom of an empty page
    assert not (sheet[:700] < 200).any()


def test_a_pdf_says_nothing_about_anybody() -> None:
    pdf = as_pdf(Page([picture()]))
    assert b"Reading Room" in pdf.replace(b"\x00", b"")
    assert b"R\x00a\x00d\x00i\x00o" in pdf or b"\x00R\x00a\x00d\x00i\x00o" in pdf


def test_the_box_asks_for_what_is_ticked(qtbot: QtBot, tmp_path: Path) -> None:
    asked: list[tuple[bool, bool]] = []

    def compose(identity: bool, report: bool) -> Page:
        asked.append((identity, report))
        return Page([picture()], "Clear." if report else "")

    box = PrintBox(compose, has_report=True)
    qtbot.addWidget(box)
    assert asked[-1] == (False, True)
    box.identity.setChecked(True)
    box.report.setChecked(False)
    assert asked[-1] == (True, False)
    with qtbot.waitSignal(box.printed):
        box.save_pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    with qtbot.waitSignal(box.failed) as failed:
        box.save_pdf(tmp_path / "nowhere" / "page.pdf")
    assert isinstance(failed.args[0], StoreError)


def test_a_printer_gets_the_same_page(tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "x.pdf"))
    printer.setPageLayout(page_layout())
    assert print_page(printer, Page([picture()], "Clear."), printer.resolution()) == 1
    assert pages((tmp_path / "x.pdf").read_bytes()) == 1
    printer.setOutputFileName(str(tmp_path / "nowhere" / "x.pdf"))
    with pytest.raises(StoreError, match="printer"):
        print_page(printer, Page([picture()]), printer.resolution())
