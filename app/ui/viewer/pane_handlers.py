"""What the actions do that concern one image, by their names."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.viewer.pane import ViewPane

_KEY_DRAG = 24.0  # logical pixels of dragging that one key press stands for
_KEY_PAN = 64.0
_KEY_ZOOM = 1.25

_DEEDS: dict[str, Callable[[ViewPane], object]] = {
    "fit": ViewPane.fit,
    "actual_size": ViewPane.actual_size,
    "zoom_in": lambda pane: pane.zoom_by(_KEY_ZOOM),
    "zoom_out": lambda pane: pane.zoom_by(1 / _KEY_ZOOM),
    "pan_left": lambda pane: pane.pan(-_KEY_PAN, 0),
    "pan_right": lambda pane: pane.pan(_KEY_PAN, 0),
    "pan_up": lambda pane: pane.pan(0, -_KEY_PAN),
    "pan_down": lambda pane: pane.pan(0, _KEY_PAN),
    "invert": ViewPane.invert,
    "auto_window": ViewPane.auto_window,
    "lung_window": ViewPane.lung_window,
    "dense_window": ViewPane.dense_window,
    "file_window": ViewPane.file_window,
    "next_voi": ViewPane.next_voi,
    "narrower": lambda pane: pane.adjust_window(-_KEY_DRAG, 0),
    "wider": lambda pane: pane.adjust_window(_KEY_DRAG, 0),
    "brighter": lambda pane: pane.adjust_window(0, -_KEY_DRAG),
    "darker": lambda pane: pane.adjust_window(0, _KEY_DRAG),
    "rotate_right": lambda pane: pane.rotate(1),
    "rotate_left": lambda pane: pane.rotate(-1),
    "flip_h": ViewPane.flip_horizontally,
    "flip_v": ViewPane.flip_vertically,
    "reset": ViewPane.reset,
    "next_frame": lambda pane: pane.step_frame(1),
    "previous_frame": lambda pane: pane.step_frame(-1),
}


def pane_handlers(active: Callable[[], ViewPane | None]) -> dict[str, Callable[[], object]]:
    """The handlers, acting on the pane that ``active`` returns; on none when there is none."""

    def on(deed: Callable[[ViewPane], object]) -> Callable[[], object]:
        def act() -> None:
            pane = active()
            if pane is not None:
                deed(pane)

        return act

    return {name: on(deed) for name, deed in _DEEDS.items()}
