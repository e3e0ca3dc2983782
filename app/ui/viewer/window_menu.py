"""The menu of every way to show an image: the file's windows and LUTs by their names, and ours."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from app.ui.viewer.pane import ViewPane
from app.ui.viewer.windowing import name_of

_OURS = ("auto_window", "lung_window", "dense_window")  # the last of the presets, in this order


def fill_windows(menu: QMenu, pane: ViewPane | None, action: Callable[[str], QAction]) -> None:
    """Fill ``menu`` for ``pane``, with the keys of the viewer's actions beside the names."""
    menu.clear()
    presets = pane.windowing.presets() if pane is not None else ()
    if pane is None or not presets:  # an empty menu would not open, a disabled one never again
        menu.addAction("Nothing to choose for this image").setEnabled(False)
        return
    own = len(presets) - len(_OURS)
    names = ["file_window"][:own] + [""] * (own - 1) + list(_OURS)
    for place, (voi, name) in enumerate(zip(presets, names, strict=True), start=1):
        if place == own + 1:
            menu.addSeparator()
        key = action(name).shortcut() if name else QKeySequence()
        keys = key.toString(QKeySequence.SequenceFormat.NativeText)
        entry = menu.addAction(f"{name_of(voi, place)}\t{keys}" if keys else name_of(voi, place))
        entry.setCheckable(True)
        entry.setChecked(pane.windowing.voi == voi)
        entry.triggered.connect(lambda _checked=False, chosen=voi: pane.set_voi(chosen))


def fill_image_menu(menu: QMenu, pane: ViewPane | None, action: Callable[[str], QAction]) -> None:
    """What a right click on an image offers."""
    fill_windows(menu, pane, action)
    menu.addSeparator()
    menu.addActions(
        [action(name) for name in ("invert", "fit", "actual_size", "reset", "key_image")]
    )
