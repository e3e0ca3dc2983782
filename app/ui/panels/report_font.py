"""The report's text size, the same wherever a report is shown."""

from __future__ import annotations

from PySide6.QtWidgets import QTextEdit

SMALLEST, LARGEST = 14, 17
"""Pixels; what is readable at arm's length without pushing the report out of its panel."""


def set_report_font(editor: QTextEdit, pixels: int) -> None:
    """Text size of ``editor`` in pixels, brought into 14–17."""
    pixels = min(max(pixels, SMALLEST), LARGEST)
    font = editor.font()
    font.setPixelSize(pixels)
    # A style sheet of the application beats setFont, one of the widget beats both.
    editor.setStyleSheet(
        f"QTextEdit {{ font-size: {pixels}px; background: transparent; border: none; padding: 0; }}"
    )
    editor.document().setDefaultFont(font)
