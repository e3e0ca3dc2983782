"""How long a study was really in front of its reader: time with the window in the background
doesn't count.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Stopwatch:
    """Seconds between :meth:`start` and now, less the pauses. ``clock`` is monotonic, in
    seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted = 0.0
        self._since: float | None = None

    def start(self) -> None:
        """Begin again at zero."""
        self._counted, self._since = 0.0, self._clock()

    def pause(self) -> None:
        self._counted = self.seconds
        self._since = None

    def go_on(self) -> None:
        if self._since is None:
            self._since = self._clock()

    @property
    def seconds(self) -> float:
        running = 0.0 if self._since is None else self._clock() - self._since
        return self._counted + running
