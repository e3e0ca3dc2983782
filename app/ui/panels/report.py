"""The report: writing it from drafts and by hand, seeing what was changed, signing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.inference.drafts import Draft
from app.reporting.difference import word_diff, word_edit_distance
from app.reporting.insertion import Insertion, appended, at_cursor
from app.reporting.provenance import split_sentences
from app.reporting.report import Provenance, Source
from app.reporting.templates import Template
from app.ui.keys.shown import follow, with_key
from app.ui.panels.difference_view import DifferenceView
from app.ui.panels.heading import ElidedLabel, Heading
from app.ui.panels.keycap import KeyButton
from app.ui.panels.report_editor import ReportEditor, paint_edge
from app.ui.theme import ACCENT, LINE, PANEL, SECOND, WRITTEN, pixmap

_REVISIONS = "See every revision of this report"


class ReportPanel(QWidget):
    """One study's report.

    changed()           after every change of the text by the reader; the caller saves it
    sign_requested()    the reader signs what stands there
    amend_requested()   the reader wants to change a signed report
    history_requested() the reader wants to see every revision
    """

    changed = Signal()
    sign_requested = Signal()
    amend_requested = Signal()
    history_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drafts: dict[tuple[int, int], str] = {}
        self._models: dict[int, str] = {}
        self._signed = False
        self._read_only = False
        self.editor = ReportEditor()
        self.difference = DifferenceView()
        self._heading = Heading("Report")
        self._status = KeyButton("", "")
        self._status.setToolTip(_REVISIONS)
        self._status.clicked.connect(self.history_requested)
        self._heading.add(self._status)
        self._frame = _Frame(self.editor, self.difference)
        self._frame.legend = _PROVENANCE
        self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addWidget(self._frame, 1)
        column.addSpacing(4)
        column.addWidget(self._signature_line)
        column.addLayout(self._footer())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Report")
        self.editor.changed.connect(self._text_changed)
        self._update_state()

    def set_history_action(self, action: QAction) -> None:
        """Whose key shows every revision."""
        follow(action, lambda key: self._status.setToolTip(with_key(_REVISIONS, key)))

    # The report

    def set_report(self, text: str, sources: Sequence[Source] = ()) -> None:
        """Show a study's report; forgets undo, keeps quiet (no ``changed``)."""
        self.editor.set_report(text, sources)
        self._refresh_difference()
        self._update_state()

    def text(self) -> str:
        """The report as it stands."""
        return self.editor.text()

    def sources(self) -> tuple[Source, ...]:
        """Every draft sentence that was ever put into this report."""
        return self.editor.sources()

    def insert_source(self, source: Source) -> None:
        """Put a draft or one of its sentences into the report, as one step of undo.

        A single sentence goes to the cursor, behind the sentence that it stands in. Several
        sentences (a whole draft) replace a blank report, or go on a new line at its end. A signed
        report stays as it is.
        """
        if self.is_read_only() or not source.text.strip():
            return
        spans = split_sentences(source.text)
        parts = [Source(source.analysis_id, source.rank, source.text[a:b]) for a, b in spans]
        self.editor.add_sources(parts)
        text = self.editor.text()
        if len(parts) > 1:
            self.editor.apply(appended(text, source.text.strip()))
        else:
            self.editor.apply(at_cursor(text, self.editor.cursor_offset(), source.text.strip()))

    def insert_text(self, text: str) -> None:
        """Put a person's own sentence at the cursor, as one step of undo."""
        if not self.is_read_only():
            self.editor.apply(at_cursor(self.editor.text(), self.editor.cursor_offset(), text))

    def bring_back(self, text: str, sources: Sequence[Source]) -> None:
        """Replace the report by an earlier state of it, as one step of undo."""
        if not self.is_read_only():
            self.editor.add_sources(sources)
            self.editor.apply(Insertion(0, len(self.editor.text()), text))

    def set_drafts(self, analysis_id: int, drafts: Sequence[Draft]) -> None:
        """The drafts that the difference view may compare with."""
        self._drafts = {}
        self.add_drafts(analysis_id, drafts)

    def add_drafts(self, analysis_id: int, drafts: Sequence[Draft]) -> None:
        """Drafts of another model as well, to compare with."""
        self._drafts |= {(analysis_id, draft.rank): draft.text for draft in drafts}
        self._refresh_difference()
        self._update_state()

    def set_models(self, names: Mapping[int, str]) -> None:
        """Which model each analysis is by; said where a sentence comes from."""
        self._models = dict(names)
        self.editor.set_models(names)
        self._refresh_difference()

    def set_templates(self, templates: Sequence[Template]) -> None:
        """The templates of the menu and of typed shortcuts."""
        self.editor.set_templates(templates)
        menu = self.templates_menu
        menu.clear()
        for template in templates:
            action = menu.addAction(f"{template.title}\t{template.shortcut}")
            action.setToolTip(template.text)
            action.triggered.connect(lambda _=False, text=template.text: self.insert_text(text))
        self._update_state()

    # State

    def set_status(self, text: str) -> None:
        """The quiet words at the right of the title: ``revision 4 · saved``."""
        self._status.setText(text)
        self._status.setVisible(bool(text))
        self._status.updateGeometry()
        self._status.setAccessibleName(f"Report: {text}")

    def status(self) -> str:
        """The quiet words at the right of the title."""
        return self._status.text()

    def set_signed(self, reader: str | None, at: datetime | None = None) -> None:
        """Show that ``reader`` signed (the text is locked then), or with None that nobody did."""
        self._signed = reader is not None
        when = f" · {at.astimezone():%d %b %Y %H:%M}" if at is not None else ""
        self._signature.setText(f"Signed by {reader}{when}" if reader is not None else "")
        self._update_state()

    def is_signed(self) -> bool:
        """Whether the report is signed."""
        return self._signed

    def set_read_only(self, on: bool) -> None:
        """Lock the text for another reason than a signature: no study, a read-only database."""
        self._read_only = on
        self._update_state()

    def is_read_only(self) -> bool:
        """Whether the text is locked, for whatever reason."""
        return self._signed or self._read_only

    def set_font_size(self, pixels: int) -> None:
        """The report's text size in pixels, 14–17."""
        self.editor.set_font_size(pixels)
        self.difference.set_font_size(pixels)

    def show_difference(self, on: bool) -> None:
        """Show what was changed against the draft that the report is most like, or the editor."""
        self.difference_action.setChecked(on and self.difference_action.isEnabled())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus goes to the text. (A focus proxy would take the panel out of the tab chain.)"""
        shown = self.difference if self.difference_action.isChecked() else self.editor
        shown.setFocus(event.reason())

    # Within

    def _make_buttons(self) -> None:
        self.difference_action = QAction("Difference to the draft", self)
        self.difference_action.setObjectName("show_difference")
        self.difference_action.setShortcut(QKeySequence("Ctrl+D"))
        self.difference_action.setCheckable(True)
        self.difference_action.toggled.connect(self._toggle_difference)
        self.addAction(self.difference_action)
        self.sign_action = QAction("Sign report", self)
        self.sign_action.setObjectName("sign_report")
        self.sign_action.setShortcut(QKeySequence("Ctrl+Return"))
        self.sign_action.triggered.connect(self.sign_requested)
        self.addAction(self.sign_action)

        self._difference = KeyButton("difference", "")
        self._difference.follow(self.difference_action)
        self._difference.setCheckable(True)
        self._difference.setToolTip(
            "What was changed against the draft that the report is most like"
        )
        self._difference.clicked.connect(self.difference_action.setChecked)
        self._templates = KeyButton("templates", "")
        self._templates.setToolTip("Insert a template, or type its shortcut and a space")
        self._templates.clicked.connect(self._open_templates)
        self.templates_menu = QMenu("Insert template", self)
        self.templates_menu.setToolTipsVisible(True)
        self.sign_button = QPushButton("Sign report")
        self.sign_button.setProperty("role", "primary")
        follow(
            self.sign_action,
            lambda key: self.sign_button.setToolTip(with_key("Sign the report as it stands", key)),
        )
        self.sign_button.clicked.connect(self.sign_action.trigger)
        self.amend_button = QPushButton("Amend")
        self.amend_button.setToolTip("Change the signed report; the signed version is kept")
        self.amend_button.clicked.connect(self.amend_requested)
        self._signature = ElidedLabel(color=WRITTEN)
        check = QLabel()
        check.setPixmap(pixmap("check", WRITTEN, 16, 3.0))
        self._signature_line = QWidget()
        line = QHBoxLayout(self._signature_line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(check)
        line.addWidget(self._signature, 1)

    def _open_templates(self) -> None:
        self.templates_menu.popup(self._templates.mapToGlobal(QPoint(0, -4)))

    def _footer(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._templates)
        row.addWidget(self._difference)
        row.addStretch(1)
        row.addWidget(self.amend_button)
        row.addWidget(self.sign_button)
        return row

    def _text_changed(self) -> None:
        self._refresh_difference()
        self._update_state()
        self.changed.emit()

    def _update_state(self) -> None:
        self.editor.setReadOnly(self.is_read_only())
        has_text = bool(self.editor.text().strip())
        self.sign_action.setEnabled(has_text and not self.is_read_only())
        self.sign_button.setEnabled(self.sign_action.isEnabled())
        self.sign_button.setVisible(not self._signed)
        self.amend_button.setVisible(self._signed)
        self._signature_line.setVisible(self._signed)
        self._templates.setEnabled(not self.is_read_only())
        self.templates_menu.setEnabled(not self.is_read_only())
        self._templates.setVisible(not self._signed and not self.templates_menu.isEmpty())
        comparable = has_text and bool(self._candidates())
        if not comparable:
            self.difference_action.setChecked(False)
        self.difference_action.setEnabled(comparable)
        self._difference.setEnabled(comparable)

    def _candidates(self) -> dict[tuple[int, int], str]:
        """The texts to compare with: drafts of which something was taken, else all that are known.

        Of drafts that are no longer at hand (an older analysis) the taken sentences stand in.
        """
        taken: dict[tuple[int, int], str] = {}
        for source in self.editor.sources():
            key = (source.analysis_id, source.rank)
            if key in self._drafts:
                taken[key] = self._drafts[key]
            else:
                taken[key] = f"{taken.get(key, '')} {source.text}".strip()
        return taken or self._drafts

    def _toggle_difference(self, on: bool) -> None:
        self._difference.setChecked(on)
        self._refresh_difference()
        self._frame.show_second(on)
        self._frame.legend = _CHANGES if on else _PROVENANCE
        if not on:
            self._heading.set_aside("")

    def _refresh_difference(self) -> None:
        candidates = self._candidates()
        if not self.difference_action.isChecked() or not candidates:
            return
        text = self.editor.text()
        key = min(candidates, key=lambda one: word_edit_distance(candidates[one], text))
        self.difference.show_pieces(word_diff(candidates[key], text))
        model = self._models.get(key[0], "")
        self._heading.set_aside(f"compared with draft Pd{key[1]}{f' of {model}' if model else ''}")


_PROVENANCE = tuple(Provenance)
_CHANGES = ("removed", "added")


class _Frame(QWidget):
    """The border around the text, with the legend of what its marks mean in the lower edge."""

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self._legend: Sequence[str] = ()
        self._first, self._second = first, second
        self._stack = QStackedLayout()
        self._stack.addWidget(first)
        self._stack.addWidget(second)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 4, 1, 30)
        column.addLayout(self._stack)
        self.setMinimumHeight(140)
        for widget in (first, second):
            widget.installEventFilter(self)

    @property
    def legend(self) -> Sequence[str]:
        """What the legend names: members of Provenance, or ``removed`` and ``added``."""
        return self._legend

    @legend.setter
    def legend(self, names: Sequence[str]) -> None:
        self._legend = names
        self.update()

    def show_second(self, on: bool) -> None:
        """Show the second widget in place of the first; the focus goes along."""
        before, after = (self._first, self._second) if on else (self._second, self._first)
        focused = before.hasFocus()
        self._stack.setCurrentWidget(after)
        if focused:
            after.setFocus()

    def sizeHint(self) -> QSize:
        return QSize(380, 172)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self._first.hasFocus() or self._second.hasFocus()
        painter.setPen(QPen(QColor(ACCENT if focused else LINE), 1))
        painter.setBrush(QColor(PANEL).darker(125))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        metrics = QFontMetrics(self.font())
        x, top = 13.0, self.height() - 25.0
        for name in self._legend:
            x = self._entry(painter, metrics, name, x, top)

    def _entry(
        self, painter: QPainter, metrics: QFontMetrics, name: str, x: float, top: float
    ) -> float:
        font = self.font()
        if isinstance(name, Provenance):
            paint_edge(painter, QRectF(x, top + 1, 3, 14), name)
            x += 9
        else:
            font.setStrikeOut(name == "removed")
            font.setUnderline(name == "added")
        painter.setFont(font)
        painter.setPen(QColor(SECOND))
        width = metrics.horizontalAdvance(str(name))
        box = QRectF(x, top, width + 2, 16)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), str(name))
        return x + width + 16
