"""What this program is, what it must not be used for, and whose work is in it."""

from __future__ import annotations

from importlib import metadata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QTextBrowser, QVBoxLayout, QWidget

from app import __version__
from app.ui import theme

PURPOSE = """\
<b>Not a medical device, and not for diagnosis.</b> Reading Room is for research and teaching. Its
drafts are guesses of a model: they may name what is not there and miss what is. No decision about a
patient may rest on a draft, a finding's number or a map over the image. A person reads the image,
corrects the text, signs it and answers for it. A word's map shows weights or gradients inside the
model and proves nothing."""

LICENSE = """\
Reading Room is free software under the Apache License 2.0. The shipped weights have terms of their
own, stated in the model card beside them: they learned from collections that are for research."""

_PACKAGES = (
    ("PySide6-Essentials", "Qt for Python", "LGPL-3.0"),
    ("torch", "PyTorch", "BSD-3-Clause"),
    ("torchvision", "torchvision", "BSD-3-Clause"),
    ("pydicom", "pydicom", "MIT"),
    ("imagecodecs", "imagecodecs", "BSD-3-Clause"),
    ("pylibjpeg-openjpeg", "OpenJPEG", "MIT and BSD-2-Clause"),
    ("pylibjpeg-rle", "pylibjpeg-rle", "MIT"),
    ("pyjpegls", "CharLS", "BSD-3-Clause"),
    ("numpy", "NumPy", "BSD-3-Clause"),
    ("pillow", "Pillow", "MIT-CMU"),
    ("SQLAlchemy", "SQLAlchemy", "MIT"),
    ("alembic", "Alembic", "MIT"),
    ("platformdirs", "platformdirs", "MIT"),
    ("safetensors", "safetensors", "Apache-2.0"),
)


def third_parties() -> list[tuple[str, str, str]]:
    """(name, installed version, licence) of what the program is built on."""
    return [(name, _version(package), licence) for package, name, licence in _PACKAGES]


class AboutBox(QDialog):
    """Opened from the Help menu; the window behind it stays usable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Reading Room")
        self.setModal(False)
        title = QLabel(f"Reading Room {__version__}")
        title.setStyleSheet("font-size: 18px; font-weight: 600;")
        about = QLabel(
            "Draft, correct, rate and export chest radiograph reports with a model that runs on"
            " your own machine."
        )
        about.setProperty("role", "second")
        purpose = QLabel(PURPOSE)
        purpose.setTextFormat(Qt.TextFormat.RichText)
        purpose.setStyleSheet(
            f"background: {theme.RAISED}; border: 1px solid {theme.EDITED};"
            " border-radius: 6px; padding: 10px;"
        )
        licence = QLabel(LICENSE.replace("\n", " "))
        parties = QTextBrowser()
        parties.setAccessibleName("Third-party software")
        parties.setHtml(_table())
        parties.setMinimumHeight(190)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(12)
        for part in (title, about, purpose, licence):
            part.setWordWrap(True)
            column.addWidget(part)
        column.addWidget(parties, 1)
        column.addWidget(buttons)
        self.resize(580, 600)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _table() -> str:
    rows = "".join(
        f"<tr><td>{name}</td><td style='padding-left:14px'>{version}</td>"
        f"<td style='padding-left:14px'>{licence}</td></tr>"
        for name, version, licence in third_parties()
    )
    return f"<table style='color:{theme.SECOND}'>{rows}</table>"
