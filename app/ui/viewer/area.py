"""The centre of the window: up to four panes, the tools over them, a page when there is no image.

Knows radiographs and a word's map, nothing of drafts, studies or stores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent, QUndoStack
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.inference.heatmap import COLOUR_MAPS
from app.ui.viewer.actions import ViewerActions
from app.ui.viewer.appearance_box import AppearanceBox
from app.ui.viewer.dress import Dress
from app.ui.viewer.filmstrip import Filmstrip
from app.ui.viewer.grid import PaneGrid
from app.ui.viewer.hanging import Layout
from app.ui.viewer.key_images import KeyImages
from app.ui.viewer.linking import ViewLink
from app.ui.viewer.measurements.layer import MeasurementLayer
from app.ui.viewer.measurements.marks import Marks
from app.ui.viewer.overlay import LEAD
from app.ui.viewer.pane import ViewPane
from app.ui.viewer.pane_handlers import pane_handlers
from app.ui.viewer.stage import LAYOUTS, Stage, kept_or_made
from app.ui.viewer.states import Banner, EmptyPage, MessagePage
from app.ui.viewer.tools import Tools
from app.ui.viewer.toolstrip import STRIP_WIDTH, ToolStrip
from app.ui.viewer.view_history import ViewHistory
from app.ui.viewer.window_menu import fill_image_menu, fill_windows

_FILMSTRIP_FROM = 800  # logical pixels of height below which the image needs the room more


class ViewerArea(QWidget):
    """Shows the images of one study.

    Its :meth:`actions` are the viewer's QActions, to be put into menus; :meth:`action_groups` has
    them by subject. :attr:`history` is what can be taken back; it is forgotten with the study.
    Attention belongs to the drafted image only: the first frontal one unless
    :meth:`set_drafted_image` says otherwise.
    """

    hovered = Signal(float, float)  # x, y in [0, 1) of the drafted image
    left = Signal()
    window_changed = Signal(float, float)  # center, width in modality units
    active_changed = Signal()
    attention_toggled = Signal(bool)
    open_requested = Signal()
    synthetic_requested = Signal()
    link_toggled = Signal(bool)
    frame_wanted = Signal(object, int)  # a ViewPane, and the frame counted from 0
    pane_added = Signal(object)  # a new ViewPane, before it is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Images")
        self.setObjectName("viewer")
        self._panes: list[ViewPane] = []
        self._priors: list[ViewPane] = []
        self._drafted_id = ""
        self._worn = Dress()
        self.history = QUndoStack(self)
        self.key_images = KeyImages(self.history, self)
        self.key_images.changed.connect(self._show_key_images)
        self.marks = Marks(self.history, self)
        self.marks.changed.connect(self._repaint)
        self._tools = Tools(lambda: (*self._panes, *self._priors), self.action, self.marks)

        self._link = ViewLink(lambda: self.panes_in_sight)
        self._views = ViewHistory(self.history, lambda: self._stage.panes, self)
        self.pane_added.connect(self._views.follow)
        self.link_toggled.connect(self._views.settle)

        self.banner = Banner(self)
        self._empty = EmptyPage(self)
        self._empty.open_requested.connect(self.open_requested)
        self._empty.synthetic_requested.connect(self.synthetic_requested)
        self._message = MessagePage(self)
        self._grid = PaneGrid(self)
        self._stage = Stage(self._grid, STRIP_WIDTH + 8, self)
        self._pages = QStackedWidget(self)
        for page in (self._empty, self._message, self._grid):
            self._pages.addWidget(page)
        self._filmstrip = Filmstrip(self)
        self._filmstrip.chosen.connect(self.show_image)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._pages, 1)
        column.addWidget(self._filmstrip)

        self._actions = ViewerActions(self._handlers(), self)
        self.addActions(list(self._actions.named.values()))
        self._strip = ToolStrip(self.action, self._pages)
        self._appearance = AppearanceBox(self._pages)
        self._appearance.closed.connect(self.action("appearance").trigger)
        self.active_changed.connect(self._explain)
        self.pane_added.connect(lambda pane: pane.changed.connect(lambda _: self._explain()))
        self._stage.arranged.connect(self._show_arranged)
        self._stage.activated.connect(self._show_active)
        self._show_arranged()

    # images

    def set_radiographs(
        self, radiographs: Sequence[Radiograph], pyramids: Sequence[Pyramid] = ()
    ) -> None:
        """Show these images, the first frontal one in front.

        An image that is already shown keeps its window and place. ``pyramids``, one per radiograph,
        spare the window the work of averaging when the loading thread has done it.
        """
        make = partial(self._new_pane, prior="")
        self._panes = kept_or_made(self._panes, radiographs, pyramids, make)
        for index, pane in enumerate(self._panes):
            several = len(self._panes) > 1
            pane.place = f"{index + 1} / {len(self._panes)}" if several else ""
        self._pages.setCurrentWidget(self._grid if self._panes else self._empty)
        self._show_panes()

    def set_prior(
        self, radiographs: Sequence[Radiograph], pyramids: Sequence[Pyramid] = (), title: str = ""
    ) -> None:
        """Have these images of an earlier study at hand for comparing, each marked with ``title``.

        They are never the drafted image, get no attention and can't be key images.
        """
        make = partial(self._new_pane, prior=title or "PRIOR")
        self._priors = kept_or_made(self._priors, radiographs, pyramids, make)
        self._show_panes()

    def holds(self, pane: ViewPane) -> bool:
        """Whether a pane still belongs to what is open."""
        return pane in self._stage.panes

    def show_frame(self, pane: ViewPane, radiograph: Radiograph, pyramid: Pyramid) -> None:
        """Show the frame that :attr:`frame_wanted` asked for, unless its study is closed."""
        if self.holds(pane):
            self._tools.give(pane)  # nothing half drawn on another frame
            pane.show_frame(radiograph, pyramid)
            self._dress()
            self._show_active()

    def clear(self) -> None:
        """No study: back to the page that says how to begin."""
        self.banner.say("")
        self.history.clear()
        self.key_images.set(())
        self.marks.clear()
        self._drafted_id = ""
        self.set_prior(())
        self.set_radiographs(())
        self._views.settle()

    def set_loading(self, text: str) -> None:
        """Say what is being loaded, on black, so that nobody reads the image before; "" ends it."""
        self._show_page(text, "", "")

    def set_message(self, text: str, hint: str = "") -> None:
        """Say what went wrong and what to do, in place of an image; "" ends it."""
        self._show_page(text, hint, "warning")

    def set_banner(self, text: str) -> None:
        """One line above the image, e.g. "FOR PROCESSING image"; "" hides it."""
        self.banner.say(text)
        self._place_strip()

    def show_image(self, index: int) -> None:
        """Let keys act on the image ``index``; it takes the active cell if it has none yet."""
        self._stage.show(index)

    @property
    def panes(self) -> tuple[ViewPane, ...]:
        """One per image of the open study, in the order given, shown or not."""
        return tuple(self._panes)

    @property
    def active_pane(self) -> ViewPane | None:
        """The pane that keys and menus act on; None when its cell is empty."""
        return self._stage.active_pane

    @property
    def panes_in_sight(self) -> tuple[ViewPane, ...]:
        """The panes that are shown now, row by row from left to right."""
        in_sight = self._pages.currentWidget() is self._grid
        return tuple(pane for pane in self._stage.cells() if pane is not None) if in_sight else ()

    @property
    def layout_in_use(self) -> Layout:
        """The cells that the reader has chosen; a single image fills the viewer all the same."""
        return self._stage.layout

    def set_linked(self, linked: bool) -> None:
        """Zoom, move and window all images in sight together, or each by itself."""
        if linked != self._link.enabled:
            self._link.enabled = linked
            self.action("link").setChecked(linked)
            if linked and self.active_pane is not None:
                self._link.level(self.active_pane)
            self.link_toggled.emit(linked)

    # attention and identity

    def set_drafted_image(self, image_id: str) -> None:
        """Say which image the drafts belong to; "" means the first frontal one."""
        for pane in self._panes:
            pane.set_attention(None, "")
        self._drafted_id = image_id

    @property
    def drafted_pane(self) -> ViewPane | None:
        """The pane of the drafted image: the one named, else the first frontal, else the first."""
        if self._drafted_id:
            named = [pane for pane in self._panes if pane.radiograph.image_id == self._drafted_id]
            return named[0] if named else None
        frontal = [pane for pane in self._panes if pane.radiograph.view.frontal]
        candidates = frontal or self._panes
        return candidates[0] if candidates else None

    def set_attention(
        self, attention: NDArray[np.floating] | None, caption: str = "", lead: str = LEAD
    ) -> None:
        """Give the drafted image a map, or none; ``caption`` is the word meant, ``lead`` says what
        kind of map it is.
        """
        pane = self.drafted_pane
        if pane is not None:
            pane.set_attention(attention, caption, lead)

    def name_maps(self, text: str, tip: str) -> None:
        """What the action that shows maps is called: they need not be attention."""
        self._actions.rename("attention", text, tip)

    def set_attention_enabled(self, enabled: bool) -> None:
        """Show maps or not; off at first."""
        if enabled != self._worn.attention:
            self._worn.attention = enabled
            self.action("attention").setChecked(enabled)
            self._dress()
            self.attention_toggled.emit(enabled)

    @property
    def attention_enabled(self) -> bool:
        """Whether maps are shown."""
        return self._worn.attention

    def set_attention_opacity(self, opacity: float) -> None:
        """0 (nothing) to 1 (the peak covers the image)."""
        self._worn.opacity = min(max(opacity, 0.0), 1.0)
        self._dress()

    def set_colour_map(self, name: str) -> None:
        """One of :data:`app.inference.heatmap.COLOUR_MAPS`; another name raises KeyError."""
        if name not in COLOUR_MAPS:
            raise KeyError(name)
        self._worn.colour_map = name
        self._dress()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Write no name and no id over any image."""
        self._worn.identity_hidden = hidden
        self._dress()

    # actions

    def action(self, name: str) -> QAction:
        """The action ``viewer_<name>``."""
        return self._actions.named[name]

    def action_groups(self) -> dict[str, list[QAction]]:
        """The actions by subject, in menu order."""
        return self._actions.groups()

    def follow_keys(self, opening: QAction, drafting: QAction, sheet: QAction) -> None:
        """Whose keys the page without an image teaches."""
        self._empty.follow(opening, (drafting, self.action("attention"), sheet))

    def fill_voi_menu(self, menu: QMenu) -> None:
        """Put every way to show the active image into ``menu``, when it is about to show."""
        fill_windows(menu, self.active_pane, self.action)

    @property
    def hand(self) -> str:
        """The tool that the left button is in every pane: "pan", "window", "magnifier" …"""
        return self._tools.hand

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._appearance.isVisible():
            self.action("appearance").trigger()
        elif not self._tools.left_by(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._tools.returned_by(event):
            super().keyReleaseEvent(event)

    # inside

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._show_filmstrip()
        self._place_strip()
        self._appearance.place()

    def _explain(self) -> None:
        """Say why the image in front looks as it does, while the reader wants to know."""
        wanted = self.action("appearance").isChecked()
        self._appearance.tell(self.active_pane if wanted else None)

    def _show_panes(self) -> None:
        panes = [*self._panes, *self._priors] if self._panes else []
        front = self.active_pane if self.active_pane in panes else None
        self._dress()
        self._filmstrip.set_panes(panes)
        self._stage.set_panes(panes, front)

    def _new_pane(self, radiograph: Radiograph, pyramid: Pyramid | None, prior: str) -> ViewPane:
        pane = ViewPane(radiograph, pyramid, self._grid)
        pane.prior = prior
        pane.hide()
        if not prior:  # what is measured belongs to the open study
            pane.layers.append(MeasurementLayer(self.marks))
        self._tools.give(pane)
        pane.window_changed.connect(self.window_changed)
        pane.menu_requested.connect(self._menu)
        pane.frame_wanted.connect(lambda frame: self.frame_wanted.emit(pane, frame))
        pane.activated.connect(lambda: self._stage.activate(pane))
        pane.hovered.connect(lambda x, y: self._hover(pane, x, y))
        pane.left.connect(lambda: self._hover(pane, None, None))
        self._link.follow(pane)
        self.pane_added.emit(pane)
        return pane

    def _show_page(self, text: str, hint: str, icon: str) -> None:
        if text:
            self._message.say(text, hint, icon)
            self._pages.setCurrentWidget(self._message)
        else:
            self._pages.setCurrentWidget(self._grid if self._panes else self._empty)
        self._show_arranged()

    def _show_arranged(self) -> None:
        """Let everything around the panes agree with what is in sight."""
        in_sight = self._pages.currentWidget() is self._grid and bool(self._stage.panes)
        for action in self._actions.named.values():
            action.setEnabled(in_sight)
        for name in (*LAYOUTS, "link", "next_image", "previous_image"):
            self.action(name).setEnabled(in_sight and len(self._stage.panes) > 1)
        for name, layout in LAYOUTS.items():
            self.action(name).setChecked(layout is self._stage.layout)
        self.action("compare").setEnabled(in_sight and bool(self._priors))
        self.action("compare").setChecked(self._stage.prior_in_sight)
        self._strip.setVisible(in_sight)
        self._show_filmstrip()
        self._place_strip()
        self._show_active()

    def _show_active(self) -> None:
        self._filmstrip.mark(self._stage.active)
        active = self.active_pane
        for name in ("next_frame", "previous_frame"):
            several = active is not None and active.radiograph.frames > 1
            self.action(name).setEnabled(several and self.action("fit").isEnabled())
        self._show_key_mark()
        self.active_changed.emit()

    def _show_key_mark(self) -> None:
        active = self.active_pane
        self.action("key_image").setChecked(active is not None and active.key_image)
        markable = active is not None and not active.prior
        self.action("key_image").setEnabled(markable and self.action("fit").isEnabled())

    def _dress(self) -> None:
        """Give every pane what is set for all of them."""
        for pane in (*self._panes, *self._priors):
            self._worn.put_on(pane)
            pane.key_image = not pane.prior and pane.radiograph.image_id in self.key_images

    def _repaint(self) -> None:
        for pane in self._panes:
            pane.update()

    def _show_key_images(self) -> None:
        self._dress()
        self._filmstrip.show_key_images()
        self._show_key_mark()

    def _show_filmstrip(self) -> None:
        in_sight = self._pages.currentWidget() is self._grid
        roomy = self.height() >= _FILMSTRIP_FROM
        self._filmstrip.setVisible(in_sight and roomy and len(self._stage.panes) > 1)

    def _place_strip(self) -> None:
        self._strip.place(self._pages, 0)

    def _hover(self, pane: ViewPane, x: float | None, y: float | None) -> None:
        if pane is not self.drafted_pane:
            return
        if x is None or y is None:
            self.left.emit()
        else:
            self.hovered.emit(x, y)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        fill_image_menu(menu, self.active_pane, self.action)
        menu.popup(at)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            **pane_handlers(lambda: self.active_pane),
            **self._stage.handlers(),
            "key_image": self._toggle_key_image,
            "link": lambda: self.set_linked(self.action("link").isChecked()),
            "attention": lambda: self.set_attention_enabled(self.action("attention").isChecked()),
            "appearance": self._explain,
            "measurements": lambda: self.marks.show_all(self.action("measurements").isChecked()),
            **self._tools.handlers(),
        }

    def _toggle_key_image(self) -> None:
        if self.active_pane is not None and not self.active_pane.prior:
            self.key_images.toggle(self.active_pane.radiograph.image_id)
