"""Which files were dropped: the same in every window that takes radiographs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData


def files_in(dropped: QMimeData) -> list[Path]:
    """The local files and folders of what is dragged."""
    return [Path(url.toLocalFile()) for url in dropped.urls() if url.isLocalFile()]
