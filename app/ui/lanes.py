"""Background threads behind signals: the shared machinery under :mod:`app.ui.workers`.

A lane is one thread with a queue. Work is handed over as an :class:`Operation` (after Anki's
``QueryOp``): what to run in the thread, and what to do with its result in the window's thread.
Work never touches a widget, and the window never waits for work.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, Signal

from app.errors import AppError, Cancelled

log = logging.getLogger(__name__)

Failure = Callable[[Exception], None]


def _ignore(_value: Any) -> None:
    """For work whose result nobody waits for."""


class Token:
    """Says to work that nobody wants its result any more. Safe from every thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    def cancelled(self) -> bool:
        return self._event.is_set()


@dataclass(order=True)
class Operation:
    """Work for a lane, sorted by ``priority`` (0 is the most urgent) and then by age.

    ``steps`` runs in the lane's thread and yields partial results; between two of them the lane
    may serve something more urgent. ``success`` gets every yielded value, ``finished`` comes after
    the last one, and ``failure`` gets what was raised; all three run in the window's thread and
    are not called any more once ``token`` is cancelled.
    """

    priority: int
    age: int
    steps: Iterator[Any] = field(compare=False)
    success: Callable[[Any], None] = field(compare=False, default=_ignore)
    failure: Failure = field(compare=False, default=_ignore)
    finished: Callable[[], None] = field(compare=False, default=lambda: None)
    token: Token = field(compare=False, default_factory=Token)


class Lane(QThread):
    """One thread that runs operations, the most urgent first, and reports in the window's thread.

    ``crashed`` carries an exception that is a fault of ours and that no ``failure`` was there for.
    """

    crashed = Signal(Exception)
    _report = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._waiting: list[Operation] = []
        self._ages = itertools.count()
        self._wake = threading.Condition()
        self._closing = False
        self._running: list[Operation] = []  # one, or none
        # The lane object lives in the window's thread, its run() does not: reports cross over here.
        self._report.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def submit(
        self,
        steps: Iterator[Any],
        success: Callable[[Any], None] = _ignore,
        failure: Failure | None = None,
        *,
        finished: Callable[[], None] = lambda: None,
        priority: int = 1,
        token: Token | None = None,
    ) -> Token:
        """Queue work; returns the token that cancels it."""
        operation = Operation(
            priority=priority,
            age=next(self._ages),
            steps=steps,
            success=success,
            failure=failure or self.crashed.emit,
            finished=finished,
            token=token or Token(),
        )
        with self._wake:
            heapq.heappush(self._waiting, operation)
            self._wake.notify()
        return operation.token

    def call(
        self,
        function: Callable[[], Any],
        success: Callable[[Any], None] = _ignore,
        failure: Failure | None = None,
        *,
        priority: int = 1,
        token: Token | None = None,
    ) -> Token:
        """Queue one function call."""

        def once() -> Iterator[Any]:
            yield function()

        return self.submit(once(), success, failure, priority=priority, token=token)

    def stop(self, wait_ms: int = 10_000) -> bool:
        """Finish what is queued, then end; False when that took longer than ``wait_ms``.

        Results that came in meanwhile are delivered before this returns.
        """
        with self._wake:
            self._closing = True
            self._wake.notify()
        ended = self.wait(wait_ms) if self.isRunning() else True
        QCoreApplication.sendPostedEvents(self)
        return ended

    def cancel_all(self) -> None:
        """Cancel everything that waits or runs."""
        with self._wake:
            for operation in (*self._waiting, *self._running):
                operation.token.cancel()

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        with self._wake:
            return not self._waiting and not self._running

    def run(self) -> None:
        """The thread. Not to be called: QThread.start() does."""
        self.prepare()
        while (operation := self._next()) is not None:
            self._advance(operation)
        self.release()

    def prepare(self) -> None:
        """Runs in the thread before the first operation."""

    def release(self) -> None:
        """Runs in the thread after the last operation."""

    def _next(self) -> Operation | None:
        with self._wake:
            self._running = []
            while not self._waiting:
                if self._closing:
                    return None
                self._wake.wait()
            self._running = [heapq.heappop(self._waiting)]
            return self._running[0]

    def _advance(self, operation: Operation) -> None:
        if operation.token.cancelled():
            return
        try:
            value = next(operation.steps)
        except StopIteration:
            self._tell(operation, operation.finished)
        except Cancelled:
            operation.token.cancel()
        except AppError as error:
            self._fail(operation, error)
        except Exception as error:  # the thread's border: our bug, shown as such
            log.exception("an operation of the %s lane failed", self.objectName())
            self._fail(operation, error)
        else:
            self._tell(operation, lambda: operation.success(value))
            with self._wake:
                heapq.heappush(self._waiting, operation)

    def _fail(self, operation: Operation, error: Exception) -> None:
        self._tell(operation, lambda: operation.failure(error))

    def _tell(self, operation: Operation, report: Callable[[], None]) -> None:
        self._report.emit((operation.token, report))

    def _deliver(self, item: tuple[Token, Callable[[], None]]) -> None:
        token, report = item
        if not token.cancelled():
            report()
