"""Everything that can be done to the view, as actions with a name, a key and a tooltip.

The same objects stand in the menus, in the tool strip and on the shortcut sheet, so that they
cannot disagree. Single keys stay clear of rating (1–5), words (arrows), studies (N, P), draft (D)
and editor (E).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence

from app.ui import theme
from app.ui.keys.shown import first_key, with_key

MEASURE = "Measure"  # what is put on the image; in the Tools menu
TOOLS = "Tools"  # what the left button does; a menu of their own

# group: (name, text, keys separated by a blank, icon, tooltip)
_ACTIONS: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "Size": (
        ("fit", "Fit", "F", "fit", "Show the whole image"),
        ("actual_size", "One to one", "O", "one-to-one", "One image pixel per screen pixel"),
        ("zoom_in", "Zoom in", "+ =", "zoom", "Zoom in at the mouse, as the wheel does"),
        ("zoom_out", "Zoom out", "-", "zoom-out", "Zoom out at the mouse, as the wheel does"),
    ),
    "Move": (
        ("pan_left", "Move left", "Shift+Left", "pan", "Move the image to the left"),
        ("pan_right", "Move right", "Shift+Right", "pan", "Move the image to the right"),
        ("pan_up", "Move up", "Shift+Up", "pan", "Move the image up"),
        ("pan_down", "Move down", "Shift+Down", "pan", "Move the image down"),
    ),
    "Gray values": (
        ("invert", "Invert", "I", "invert", "Exchange black and white"),
        ("auto_window", "Auto window", "W F5", "window", "Window by the image's own values"),
        ("lung_window", "Lung", "F6", "window", "Contrast for the lungs"),
        ("dense_window", "Mediastinum and bone", "F7", "window", "Contrast for what is dense"),
        ("file_window", "As the file asks", "F8", "window", "The file's first window or LUT"),
        ("next_voi", "Next window or LUT", "L", "window", "The file's next window or VOI LUT"),
        ("appearance", "Why does it look like this", "Q", "info", "The file, and how it is shown"),
        ("narrower", "More contrast", "]", "window", "Narrower window; right drag to the left"),
        ("wider", "Less contrast", "[", "window", "Wider window; right drag to the right"),
        ("brighter", "Brighter", ".", "window", "Lighter image; right drag up"),
        ("darker", "Darker", ",", "window", "Darker image; right drag down"),
    ),
    "Orientation": (
        ("rotate_right", "Rotate right", "R", "rotate-right", "Turn by 90° clockwise"),
        ("rotate_left", "Rotate left", "Shift+R", "rotate-left", "Turn by 90° counter-clockwise"),
        ("flip_h", "Flip horizontally", "H", "flip-h", "Mirror left and right, markers too"),
        ("flip_v", "Flip vertically", "V", "flip-v", "Mirror top and bottom, markers too"),
        ("reset", "Reset view", "Backspace", "reset", "Window, size and place as opened"),
    ),
    "Layout": (
        ("layout_one", "One image", "F2", "image", "One image, as large as it can be"),
        ("side_by_side", "Side by side", "S F3", "side-by-side", "Frontal and lateral, or a prior"),
        ("layout_four", "Two by two", "F4", "grid", "Four images; a prior study in the lower row"),
        (
            "compare",
            "Compare with prior",
            "B",
            "compare",
            "The patient's earlier study beside this",
        ),
        ("link", "Link views", "Y", "link", "Zoom, move and window all images in sight together"),
    ),
    "Images": (
        ("next_image", "Next image", "PgDown", "image", "The next image of this study"),
        ("previous_image", "Previous image", "PgUp", "image", "The previous image of this study"),
        ("next_frame", "Next frame", "Shift+PgDown", "image", "The next frame of this image"),
        ("previous_frame", "Previous frame", "Shift+PgUp", "image", "The frame before this one"),
        ("key_image", "Mark as key image", "K", "star", "This image shows what the report tells"),
    ),
    "Attention": (
        ("attention", "Where the model looked", "A", "attention", "Show where the model looked"),
    ),
    MEASURE: (
        ("tool_length", "Length", "M", "length", "Drag from end to end; Shift keeps it level"),
        ("tool_ratio", "Cardiothoracic ratio", "T", "ratio", "Drag across heart, then chest"),
        ("tool_angle", "Angle", "J", "angle", "Drag one arm, click the end of the other"),
        ("tool_cobb", "Cobb angle", "Shift+J", "cobb", "Drag one line, then the other"),
        ("tool_ellipse", "Ellipse", "Shift+O", "ellipse", "Area and values of an ellipse"),
        ("tool_rectangle", "Rectangle", "Shift+B", "rectangle", "Area and values of a rectangle"),
        ("tool_arrow", "Arrow with words", "Shift+T", "arrow", "Drag from the tip to the words"),
        (
            "measurements",
            "Show measurements",
            "Shift+M",
            "length",
            "Draw them, or don't",
        ),
    ),
    TOOLS: (
        ("tool_window", "Drag windows", "", "window", "Left drag windows, as the right does"),
        ("tool_region", "Window a region", "Shift+W", "region", "Drag a box: contrast for it"),
        ("tool_pan", "Drag moves", "", "pan", "Left drag moves, as the middle button does"),
        ("tool_zoom", "Drag zooms", "", "zoom", "Left drag zooms, as the wheel does"),
        ("tool_probe", "Pixel values", "X", "probe", "The values of the pixel at the mouse"),
        ("tool_magnifier", "Magnifier", "Z", "magnifier", "A lens; the wheel sets 2×, 3× or 4×"),
    ),
}

_CHECKABLE = frozenset(
    {"layout_one", "side_by_side", "layout_four", "compare", "link", "attention", "key_image"}
    | {"measurements", "appearance"}
)  # and every tool


class ViewerActions(QObject):
    """Builds the actions; ``named[name]`` is a QAction with the object name ``viewer_<name>``."""

    def __init__(self, handlers: dict[str, Callable[[], object]], parent: QObject) -> None:
        super().__init__(parent)
        self.named: dict[str, QAction] = {}
        tools = QActionGroup(self)
        for name, text, keys, icon, tip in chain.from_iterable(_ACTIONS.values()):
            action = QAction(_icon(icon, name), text, parent)
            action.setObjectName(f"viewer_{name}")
            action.setShortcuts([QKeySequence(key) for key in keys.split()])
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{tip}  ({shown})" if shown else tip)
            action.setStatusTip(tip)
            action.setCheckable(name in _CHECKABLE or name.startswith("tool_"))
            if name.startswith("tool_"):
                tools.addAction(action)
                action.setAutoRepeat(False)  # a key that is held is one press
            # triggered carries a bool that no handler wants
            handler = handlers[name]
            action.triggered.connect(lambda _checked=False, act=handler: act())
            self.named[name] = action
        for name in ("tool_pan", "measurements"):
            self.named[name].setChecked(True)

    def rename(self, name: str, text: str, tip: str) -> None:
        """Call an action by other words, with its key behind the tooltip."""
        action = self.named[name]
        action.setText(text)
        action.setStatusTip(tip)
        action.setToolTip(with_key(tip, first_key(action)))

    def groups(self) -> dict[str, list[QAction]]:
        """The actions by what they are about, in menu order."""
        return {group: [self.named[name] for name, *_ in rows] for group, rows in _ACTIONS.items()}


def _icon(icon: str, name: str) -> QIcon:
    result = theme.icon(icon)
    active = theme.ATTENTION if name == "attention" else theme.TEXT
    for size in (16, 20, 24, 32, 48):
        pixmap = theme.pixmap(icon, active, size)
        result.addPixmap(pixmap, QIcon.Mode.Normal, QIcon.State.On)
    return result
