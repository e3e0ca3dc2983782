"""The images of the study as a row of thumbnails, when there are several and there is room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from app.imaging.radiograph import View
from app.ui import theme
from app.ui.viewer.geometry import UPRIGHT
from app.ui.viewer.pane import ViewPane

_THUMB = 60
_MARKED = " · key image"
_NAMES = {View.PA: "PA", View.AP: "AP", View.LATERAL: "Lateral"}


class Filmstrip(QFrame):
    """Emits ``chosen(index)``; :meth:`mark` says which one is in front."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "side")
        self.setStyleSheet(
            f"QToolButton {{ background: {theme.BLACK}; border: 2px solid {theme.LINE};"
            f" border-radius: 4px; padding: 0; }}"
            f"QToolButton:checked {{ border-color: {theme.ACCENT}; }}"
        )
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 12, 8)
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self._buttons: list[QToolButton] = []
        self._apart: QLabel | None = None
        self._panes: tuple[ViewPane, ...] = ()

    def set_panes(self, panes: Sequence[ViewPane]) -> None:
        """One thumbnail per pane; those of a prior study, which come last, stand apart."""
        if self._apart is not None:
            self._row.removeWidget(self._apart)
            self._apart.hide()
            self._apart.deleteLater()
            self._apart = None
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        self._panes = tuple(panes)
        if len(panes) < 2:  # a study of one image needs no strip, and its thumbnail no time
            return
        own = sum(not pane.prior for pane in panes)
        for index, pane in enumerate(panes):
            button = QToolButton(self)
            button.setIcon(QIcon(_marked(pane, _thumbnail(pane))))
            button.setIconSize(QSize(_THUMB, _THUMB))
            button.setFixedSize(_THUMB + 6, _THUMB + 6)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            name = _NAMES.get(pane.radiograph.view, "Image")
            counted = f"{name} · {index + 1} of {own}"
            button.setToolTip(f"{pane.prior} · {name}" if pane.prior else counted)
            button.setAccessibleName(button.toolTip())
            button.clicked.connect(lambda _checked=False, place=index: self.chosen.emit(place))
            self._row.insertWidget(index, button)
            self._buttons.append(button)
        if own < len(panes):
            self._apart = QLabel("Prior", self)
            self._apart.setStyleSheet(
                f"color: {theme.SECOND}; border-left: 1px solid {theme.LINE};"
                " margin-left: 8px; padding-left: 14px;"
            )
            self._row.insertWidget(own, self._apart)

    def show_key_images(self) -> None:
        """Let the thumbnails of key images have their star."""
        for button, pane in zip(self._buttons, self._panes, strict=False):
            button.setIcon(QIcon(_marked(pane, _thumbnail(pane))))
            said = button.toolTip().removesuffix(_MARKED)
            button.setToolTip(said + _MARKED * pane.key_image)
            button.setAccessibleName(button.toolTip())

    def mark(self, index: int) -> None:
        """Frame the thumbnail of the image in front."""
        for place, button in enumerate(self._buttons):
            button.setChecked(place == index)


def _marked(pane: ViewPane, thumbnail: QPixmap) -> QPixmap:
    """The thumbnail with a star at its top right when the image is a key image."""
    if pane.key_image and not thumbnail.isNull():
        side = _THUMB * 2 // 3
        painter = QPainter(thumbnail)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        left = thumbnail.width() - side
        painter.drawRoundedRect(left, 0, side, side, 8, 8)
        inset = side // 6
        star = theme.pixmap("star", theme.ACCENT, side - 2 * inset)
        painter.drawPixmap(left + inset, inset, star)
        painter.end()
    return thumbnail


def _thumbnail(pane: ViewPane) -> QPixmap:
    radiograph = pane.radiograph
    scale = 2 * _THUMB / max(radiograph.width, radiograph.height)
    renderer = pane.renderer
    level = renderer.level_for(scale, interacting=False)
    everything = (0, 0, radiograph.width, radiograph.height)
    part = renderer.render(everything, UPRIGHT, level, pane.windowing.table())
    if part is None:
        return QPixmap()
    return QPixmap.fromImage(
        part.image.scaled(
            2 * _THUMB,
            2 * _THUMB,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    )
