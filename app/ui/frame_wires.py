"""Brings the frame that the reader wants to see: read in the loader's thread, the latest wish
wins.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.ui.lanes import Token
from app.ui.loader import LoaderWorker
from app.ui.message_bar import Message, about
from app.ui.viewer.area import ViewerArea
from app.ui.viewer.pane import ViewPane


class FrameWires(QObject):
    """Between the viewer's wish for a frame and the thread that decodes it."""

    def __init__(
        self,
        viewer: ViewerArea,
        loader: LoaderWorker,
        say: Callable[[Message], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._loader = loader
        self._say = say
        self._reading: tuple[ViewPane | None, Token] = (None, Token())
        viewer.frame_wanted.connect(self._read)

    def _read(self, pane: ViewPane, frame: int) -> None:
        before, token = self._reading
        if before is pane:
            token.cancel()
        self._reading = (
            pane,
            self._loader.read_frame(
                pane.radiograph.path,
                frame,
                lambda found: self._show(pane, found),
                lambda error: self._failed(pane, error),
            ),
        )

    def _show(self, pane: ViewPane, found: tuple[Radiograph, Pyramid]) -> None:
        self._viewer.show_frame(pane, *found)

    def _failed(self, pane: ViewPane, error: Exception) -> None:
        if self._viewer.holds(pane):
            pane.settle_frame()
            self._say(about(error, key="frame"))
