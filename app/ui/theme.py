"""The look of the window in one place: colours, type, style sheet and icons.

Few colours, each with one meaning (see the constants); everything that paints takes them from here
so that a colour never means two things. Icons are the project's own stroke SVGs in
``resources/icons``, drawn on a 24 × 24 grid, tinted when they are loaded.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from app.paths import resources

BLACK = "#000000"  # behind an image, nothing else
PANEL = "#12151a"
RAISED = "#191d24"
HOVER = "#212732"
LINE = "#2a313d"
TEXT = "#e8ecf1"
SECOND = "#a9b3c1"
THIRD = "#6f7b8c"
FAINT = "#46505f"  # what can't be used just now
ACCENT = "#5aa9e6"  # active, or from the model
ACCENT_DARK = "#26405a"  # the ground of what is active
ACCENT_DEEP = "#2b5d8c"  # the one button that finishes something
EDITED = "#e0a458"
WRITTEN = "#59b88e"  # written by a person, or done
ATTENTION = "#f2b441"

BODY_PX = 13
SMALL_PX = 11
REPORT_PX = 15

_ICON_SIZES = (16, 20, 40, 60)  # the shown 20 px on screens of up to three times the density


def icon(name: str, color: str = SECOND) -> QIcon:
    """The icon ``name`` in ``color``, greyed when disabled; needs a running QApplication.

    Raises KeyError when there is no such icon, so that a typing error is found by the first test.
    """
    return QIcon(_icon(name, color))  # a copy: who adds to it must not change the others


@cache
def _icon(name: str, color: str) -> QIcon:
    result = QIcon()
    for shade, mode in ((color, QIcon.Mode.Normal), (FAINT, QIcon.Mode.Disabled)):
        renderer = _renderer(name, shade)
        for size in _ICON_SIZES:
            result.addPixmap(_drawn(renderer, size, 1.0), mode)
    return result


def _folder() -> Path:
    return resources() / "icons"


@cache
def _svg(name: str) -> str:
    file = _folder() / f"{name}.svg"
    if not file.is_file():
        raise KeyError(f"no icon is called {name!r}")
    return file.read_text(encoding="utf-8")


def pixmap(name: str, color: str = SECOND, size: int = 20, ratio: float = 1.0) -> QPixmap:
    """The icon ``name`` as a square pixmap of ``size`` device-independent pixels."""
    return _drawn(_renderer(name, color), size, ratio)


def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_svg(name).replace("currentColor", color).encode()))


def _drawn(renderer: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    result = QPixmap(round(size * ratio), round(size * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return result


def icon_names() -> tuple[str, ...]:
    """Every icon of the set, sorted."""
    return tuple(sorted(file.stem for file in _folder().glob("*.svg")))


def tabular(font: QFont) -> QFont:
    """The same font with figures of equal width, so that changing numbers don't wander."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def palette() -> QPalette:
    """Qt's palette in our colours, for what a style sheet doesn't reach (menus, native parts)."""
    result = QPalette()
    roles = QPalette.ColorRole
    for role, color in (
        (roles.Window, PANEL),
        (roles.WindowText, TEXT),
        (roles.Base, RAISED),
        (roles.AlternateBase, PANEL),
        (roles.Text, TEXT),
        (roles.PlaceholderText, THIRD),
        (roles.Button, RAISED),
        (roles.ButtonText, TEXT),
        (roles.BrightText, TEXT),
        (roles.ToolTipBase, RAISED),
        (roles.ToolTipText, TEXT),
        (roles.Highlight, ACCENT_DARK),
        (roles.HighlightedText, TEXT),
        (roles.Link, ACCENT),
        (roles.LinkVisited, ACCENT),
        (roles.Light, LINE),
        (roles.Midlight, LINE),
        (roles.Mid, LINE),
        (roles.Dark, BLACK),
        (roles.Shadow, BLACK),
    ):
        result.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(THIRD))
    return result


def apply(application: QApplication) -> None:
    """Dress the whole application. The platform's own font stays, at 13 px."""
    application.setStyle("Fusion")
    application.setPalette(palette())
    font = application.font()
    font.setPixelSize(BODY_PX)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    application.setFont(font)
    application.setStyleSheet(stylesheet())


def stylesheet() -> str:
    """The style sheet of the whole application.

    Roles are dynamic properties: ``role`` on a QLabel is ``heading``, ``second``, ``third`` or
    ``key``; on a QPushButton ``primary``, ``quiet`` or ``chip``; ``panel`` on a QFrame is ``card``
    or ``side``.
    """
    # A style sheet loads its own pictures: the few it needs lie there in their final colours.
    fixed = (_folder() / "fixed").as_posix()
    return f"""
* {{ outline: none; }}
QWidget {{ color: {TEXT}; }}
QMainWindow, QDialog {{ background: {PANEL}; }}
QLabel {{ background: transparent; }}
QLabel[role="heading"] {{ color: {THIRD}; font-size: {SMALL_PX}px; font-weight: 600; }}
QLabel[role="second"] {{ color: {SECOND}; }}
QLabel[role="third"] {{ color: {THIRD}; }}
QLabel[role="small"] {{ color: {THIRD}; font-size: {SMALL_PX}px; }}
QLabel[role="title"] {{ font-weight: 600; }}
QLabel[role="key"] {{ color: {SECOND}; font-size: {SMALL_PX}px; padding: 0 5px;
    border: 1px solid {LINE}; border-radius: 3px; background: {RAISED}; }}
QFrame[panel="side"] {{ background: {PANEL}; border: none; }}
QFrame[panel="card"] {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 6px; }}
QFrame[panel="bar"] {{ background: {PANEL}; border: none; }}
QFrame[panel="line"] {{ background: {LINE}; border: none; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 5px;
    padding: 5px 12px; }}
QPushButton:hover {{ background: {HOVER}; }}
QPushButton:pressed, QPushButton:checked {{ background: {ACCENT_DARK}; border-color: {ACCENT}; }}
QPushButton:focus {{ border-color: {ACCENT}; }}
QPushButton:disabled {{ color: {THIRD}; background: {PANEL}; }}
QPushButton[role="primary"] {{ background: {ACCENT_DEEP}; border-color: {ACCENT_DEEP};
    font-weight: 600; }}
QPushButton[role="primary"]:hover {{ background: #336ca1; }}
QPushButton[role="primary"]:focus {{ border-color: {ACCENT}; }}
QPushButton[role="primary"]:disabled {{ background: {RAISED}; border-color: {LINE};
    color: {THIRD}; }}
QPushButton[role="quiet"] {{ background: transparent; border-color: transparent;
    color: {SECOND}; padding: 3px 6px; }}
QPushButton[role="quiet"]:hover {{ color: {TEXT}; background: {HOVER}; }}
QPushButton[role="quiet"]:focus {{ border-color: {LINE}; }}
QPushButton[role="chip"] {{ background: transparent; border-radius: 8px; padding: 1px 8px;
    color: {SECOND}; font-size: {SMALL_PX}px; }}
QPushButton[role="chip"]:checked {{ background: {ACCENT_DARK}; color: {TEXT}; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 5px;
    padding: 4px; color: {SECOND}; }}
QToolButton:hover {{ background: {HOVER}; color: {TEXT}; }}
QToolButton:checked {{ background: {ACCENT_DARK}; }}
QToolButton:focus {{ border-color: {LINE}; }}
QToolButton::menu-indicator {{ image: none; }}
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
    background: {RAISED}; border: 1px solid {LINE}; border-radius: 5px; padding: 5px 8px;
    selection-background-color: {ACCENT_DEEP}; selection-color: {TEXT}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus {{ border-color: {ACCENT}; }}
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled {{ color: {THIRD}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({fixed}/down.svg); width: 14px; height: 14px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 22px; }}
QAbstractSpinBox::up-arrow {{ image: url({fixed}/up.svg); width: 12px; height: 12px; }}
QAbstractSpinBox::down-arrow {{ image: url({fixed}/down.svg); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {RAISED}; border: 1px solid {LINE};
    selection-background-color: {ACCENT_DARK}; }}
QCheckBox, QRadioButton {{ spacing: 8px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {THIRD};
    border-radius: 3px; background: {PANEL}; }}
QCheckBox::indicator:focus, QCheckBox::indicator:hover {{ border-color: {ACCENT}; }}
QCheckBox::indicator:checked {{ background: {ACCENT_DEEP}; border-color: {ACCENT};
    image: url({fixed}/check.svg); }}
QListView, QTreeView, QTableView {{ background: {PANEL}; border: none; }}
QTableView::item {{ padding: 2px 8px; }}
QHeaderView {{ background: {PANEL}; }}
QHeaderView::section {{ background: {PANEL}; color: {SECOND}; border: none;
    border-bottom: 1px solid {LINE}; padding: 4px 8px; font-weight: 600; }}
QMenuBar {{ background: {PANEL}; padding: 1px 6px; }}
QMenuBar::item {{ background: transparent; color: {SECOND}; padding: 4px 8px;
    border-radius: 4px; }}
QMenuBar::item:selected {{ background: {HOVER}; color: {TEXT}; }}
QMenu {{ background: {RAISED}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {ACCENT_DARK}; }}
QMenu::item:disabled {{ color: {THIRD}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {LINE}; margin: 4px 8px; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px 6px; }}
QSplitter::handle {{ background: {LINE}; }}
QSplitter::handle:hover {{ background: {ACCENT_DARK}; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {LINE}; border-radius: 3px; margin: 2px; min-height: 28px;
    min-width: 28px; }}
QScrollBar::handle:hover {{ background: {THIRD}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {LINE}; border: none; border-radius: 2px; max-height: 4px;
    min-height: 4px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 2px; }}
QSlider::groove:horizontal {{ background: {LINE}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {ATTENTION}; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {SECOND}; width: 12px; margin: -4px 0;
    border-radius: 6px; }}
QSlider::handle:horizontal:hover {{ background: {TEXT}; }}
QTabBar::tab {{ background: transparent; color: {SECOND}; padding: 6px 12px;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {TEXT}; border-bottom-color: {ACCENT}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {LINE}; }}
"""
