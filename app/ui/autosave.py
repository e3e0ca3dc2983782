"""When typed text is written: soon after the last key, and at least once a second while keys
come.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

QUIET_MS = 350
LONGEST_MS = 800  # what is left of the second is for the store's thread to write


class Autosave(QObject):
    """Says ``due`` when touched text wants saving; :meth:`flush` says it at once."""

    due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pending = False
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._longest = QTimer(self, singleShot=True, interval=LONGEST_MS)
        self._quiet.timeout.connect(self.flush)
        self._longest.timeout.connect(self.flush)

    @property
    def pending(self) -> bool:
        return self._pending

    def touch(self) -> None:
        """The text has changed."""
        self._quiet.start()
        if not self._pending:
            self._pending = True
            self._longest.start()

    def flush(self) -> None:
        """Save now if anything waits."""
        if self.pending:
            self.drop()
            self.due.emit()

    def drop(self) -> None:
        """Forget what waits: it has been saved, or its study is gone."""
        self._pending = False
        self._quiet.stop()
        self._longest.stop()
