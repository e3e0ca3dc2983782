"""The strip of tools that floats over the left edge of the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from app.ui import theme

# one button of the strip per line; the tools of a line share it
_BUTTONS = (
    ("tool_pan",),
    ("tool_window", "tool_region"),
    ("tool_magnifier", "tool_zoom", "tool_probe"),
    (
        *("tool_ratio", "tool_length", "tool_angle", "tool_cobb"),
        *("tool_ellipse", "tool_rectangle", "tool_arrow"),
    ),
    ("fit",),
    ("rotate_right",),
    ("flip_h",),
    ("invert",),
    ("side_by_side", "layout_four"),
    ("attention",),
    ("reset",),
)
STRIP_WIDTH = 34
_BUTTON_GAP = 4
_CORNER = 5.0  # logical pixels of the mark of a button that has more tools


class ToolStrip(QFrame):
    """One button per action, or per family of tools. It never takes the keyboard's focus from the
    words.
    """

    def __init__(self, action: Callable[[str], QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("viewer_tools")
        self.setStyleSheet(
            f"""
            QFrame#viewer_tools {{ background: transparent; border: none; }}
            QToolButton {{ background: rgba(25, 29, 36, 225); border: 1px solid {theme.LINE};
                border-radius: 6px; padding: 0; }}
            QToolButton:hover {{ background: {theme.HOVER}; }}
            QToolButton:checked {{ background: {theme.ACCENT_DARK}; border-color: {theme.ACCENT}; }}
            QToolButton::menu-indicator {{ image: none; }}
            """
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_BUTTON_GAP)
        for names in _BUTTONS:
            layout.addWidget(ToolButton([action(name) for name in names], self))
        self.adjustSize()

    def place(self, area: QWidget, top: int) -> None:
        """Put the strip at the left of ``area`` in the middle of what lies below ``top``."""
        size = self.sizeHint()
        y = top + max((area.height() - top - size.height()) // 2, 4)
        self.setGeometry(10, y, size.width(), size.height())
        self.raise_()


class ToolButton(QToolButton):
    """One tool of a family: the one used last. A long press or a right click lists the others."""

    def __init__(self, family: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self._family = tuple(family)
        self.addActions(list(family))  # more than one make the button's menu
        self.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
        self.setIconSize(QSize(18, 18))
        self.setFixedSize(STRIP_WIDTH, STRIP_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for action in family:
            action.toggled.connect(lambda on, which=action: self._face(which) if on else None)
        self._face(family[0])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if len(self._family) > 1:
            self.showMenu()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if len(self._family) > 1:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.SECOND))
            x, y = self.width() - 4.0, self.height() - 4.0
            corner = [QPointF(x, y), QPointF(x - _CORNER, y), QPointF(x, y - _CORNER)]
            painter.drawPolygon(QPolygonF(corner))
            painter.end()

    def _face(self, action: QAction) -> None:
        self.setDefaultAction(action)
        self.setAccessibleName(action.text())
        if len(self._family) > 1:
            self.setToolTip(f"{action.toolTip()}\nHold or right-click for more")
