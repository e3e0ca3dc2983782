"""The menu bar: the window's commands, the viewer's and the panels' actions, each in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from app.inference.heatmap import COLOUR_MAPS
from app.ui import theme
from app.ui.panels.column import ReadingColumn
from app.ui.viewer.actions import MEASURE, TOOLS
from app.ui.viewer.area import ViewerArea


class Menus:
    """Fills a menu bar; :meth:`actions` lists everything in it for the sheet and the palette."""

    def __init__(
        self,
        bar: QMenuBar,
        commands: dict[str, QAction],
        viewer: ViewerArea,
        column: ReadingColumn,
        choose_colour_map: Callable[[str], None],
    ) -> None:
        self._bar = bar
        self._commands = commands
        self._menus: list[QMenu] = []
        self.recent = QMenu("Open recent", bar)
        self.recent.setIcon(theme.icon("folder"))
        self.maps = QMenu("Colours of the map", bar)
        self.priors = QMenu("Prior", bar)
        self.priors.setIcon(theme.icon("compare"))
        self._choose_colour_map = choose_colour_map
        self._fill_maps()
        self._file()
        self._edit(column)
        self._view(viewer)
        self._add(
            "Draft", "draft", "cancel_draft", "draft_anyway", "", "models", "", "compare_models",
            "other_drafts", "end_comparison",
        )  # fmt: skip
        self._report(column)
        self._rate(column)
        self._add(
            "Go", "next", "previous", "next_unrated", "", "similar", "similar_words",
            "similar_back", "", "focus_worklist", "focus_filter", "focus_drafts", "focus_editor",
            "command",
        )  # fmt: skip
        self._tools(viewer)
        self._add("Help", "shortcuts", "change_keys", "guide", "", "about")

    def actions(self) -> list[tuple[str, QAction]]:
        """(menu or submenu, action) of every action in the menus, in their order."""
        return [leaf for menu in self._menus for leaf in _leaves(menu, menu.title())]

    def refresh(self) -> None:
        """Let menus that are filled as they open be filled now."""
        self._voi.aboutToShow.emit()

    def set_recent(self, files: Sequence[str], choose: Callable[[Path], None]) -> None:
        """What was opened last; entries that are gone stay, so that an unplugged disk loses
        nothing.
        """
        self.recent.clear()
        for file in files:
            action = self.recent.addAction(file)
            action.triggered.connect(lambda _=False, file=file: choose(Path(file)))
        self.recent.setEnabled(bool(files))

    def set_colour_map(self, name: str) -> None:
        for action in self.maps.actions():
            action.setChecked(action.text() == name)

    def _add(self, title: str, *names: str) -> QMenu:
        menu = self._bar.addMenu(title)
        self._menus.append(menu)
        for name in names:
            if name:
                menu.addAction(self._commands[name])
            else:
                menu.addSeparator()
        return menu

    def _file(self) -> None:
        menu = self._add("File", "open_file", "open_folder")
        menu.addMenu(self.recent)
        menu.addActions([self._commands["stop_search"], self._commands["synthetic"]])
        menu.addSeparator()
        for name in ("reveal_study", "remove_study"):
            menu.addAction(self._commands[name])
        menu.addSeparator()
        for name in ("save_picture", "copy_picture", "print"):
            menu.addAction(self._commands[name])
        menu.addSeparator()
        for name in ("export", "screenshot"):
            menu.addAction(self._commands[name])
        menu.addSeparator()
        for name in ("settings", "quit"):
            menu.addAction(self._commands[name])

    def _edit(self, column: ReadingColumn) -> None:
        menu = self._add("Edit", "undo", "redo", "")
        for action in column.drafts.actions():
            action.setIcon(theme.icon("plus" if "take" in action.objectName() else "template"))
            menu.addAction(action)

    def _view(self, viewer: ViewerArea) -> None:
        menu = self._add("View")
        self._voi = voi = QMenu("Window presets", menu)
        voi.setIcon(theme.icon("window"))
        voi.aboutToShow.connect(lambda: viewer.fill_voi_menu(voi))
        for group, actions in viewer.action_groups().items():
            if group in (TOOLS, MEASURE):
                continue
            if group == "Attention":
                menu.addActions(actions)
                menu.addActions([self._commands["stronger"], self._commands["fainter"]])
                menu.addMenu(self.maps)
                menu.addSeparator()
                continue
            part = menu.addMenu(group)
            part.addActions(actions)
            if group == "Layout":
                part.addMenu(self.priors)
            if group == "Gray values":
                part.addMenu(voi)
        menu.addSeparator()
        for name in ("hide_identity", "fold_worklist"):
            menu.addAction(self._commands[name])
        menu.addSeparator()
        for name in ("viewer_window", "viewer_full_screen", "full_screen"):
            menu.addAction(self._commands[name])

    def _tools(self, viewer: ViewerArea) -> None:
        menu = self._add("Tools")
        menu.addActions(viewer.action_groups()[TOOLS])
        measure = menu.addMenu(MEASURE)
        measure.setIcon(theme.icon("length"))
        measure.addActions(viewer.action_groups()[MEASURE])
        measure.addSeparator()
        for name in ("insert_measurements", "export_measurements"):
            measure.addAction(self._commands[name])
        menu.addSeparator()
        menu.addAction(self._commands["test_pattern"])
        menu.addSeparator()
        for name in ("reader_studies", "read_study"):
            menu.addAction(self._commands[name])

    def _report(self, column: ReadingColumn) -> None:
        menu = self._add("Report")
        column.report.sign_action.setIcon(theme.icon("sign"))
        column.report.difference_action.setIcon(theme.icon("diff"))
        menu.addActions([column.report.sign_action, self._commands["amend"]])
        menu.addSeparator()
        menu.addActions([column.report.difference_action, self._commands["history"]])
        menu.addSeparator()
        column.report.templates_menu.setIcon(theme.icon("template"))
        menu.addMenu(column.report.templates_menu)

    def _rate(self, column: ReadingColumn) -> None:
        menu = self._add("Rate")
        for action in column.rating.actions():
            score = action.property("score")
            if score:
                # The bare digit writes itself while a text field has the focus; Alt works then too.
                action.setShortcuts([QKeySequence(str(score)), QKeySequence(f"Alt+{score}")])
            action.setIcon(theme.icon("star"))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self._commands["comment"])

    def _fill_maps(self) -> None:
        self.maps.setIcon(theme.icon("attention"))
        group = QActionGroup(self.maps)
        for name in COLOUR_MAPS:
            action = self.maps.addAction(name)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, name=name: self._choose_colour_map(name))


def _leaves(menu: QMenu, title: str) -> list[tuple[str, QAction]]:
    found: list[tuple[str, QAction]] = []
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            found += _leaves(below, below.title())
        elif not action.isSeparator() and action.text():
            found.append((title, action))
    return found
