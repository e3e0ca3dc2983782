"""Starts the window, or opens it just long enough to save a picture of it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app import log
from app.paths import Paths
from app.settings import Settings
from app.ui import theme
from app.ui.controller import Controller, Parts
from app.ui.main_window import FIRST_SIZE, MainWindow
from app.ui.snapshot import Snapshot
from app.ui.wording import PRODUCT

FIRST_PAINT = "READINGROOM_FIRST_PAINT"
"""Names a file: the seconds from the process's start to the first paint go into it, then the
window closes.
"""


def run_window(
    files: list[Path],
    *,
    screenshot: Path | None = None,
    size: tuple[int, int] | None = None,
    parts: Parts | None = None,
    places: Paths | None = None,
) -> int:
    """Open the window with ``files`` and return the exit code.

    With ``screenshot`` it waits until the drafts stand (or can't), shows where the model looked
    for one word, saves a picture of the window and leaves. Raises the :class:`AppError` of a
    study that can't be opened then, and :class:`app.errors.StoreError` when there is no data
    folder to be had.
    """
    places = (places or Paths.find()).create()
    application = make_application()
    settings = Settings.load(places.settings)
    if screenshot is not None:
        settings = settings.changed(window_geometry="", viewer_apart=False)
        size = size or FIRST_SIZE  # a picture doesn't depend on the screen
    controller = Controller(places, settings, parts)
    window = MainWindow(controller)
    if screenshot is not None:
        controller.keeps_settings = False  # a picture is no session
        window.user_bar.hide()
    give_back = catch_bugs(window.controller.escaped.emit)
    if size is not None:
        window.resize(*size)
    window.painted.connect(lambda: _first_paint(window, files))
    snapshot = Snapshot(window, screenshot) if screenshot is not None else None
    try:
        window.show()
        code = application.exec()
    finally:
        give_back()
    if snapshot is not None and snapshot.error is not None:
        raise snapshot.error
    return code


def make_application() -> QApplication:
    """The one QApplication, dressed."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName(PRODUCT)
    application.setApplicationDisplayName("")
    theme.apply(application)
    return application


def _first_paint(window: MainWindow, files: list[Path]) -> None:
    answer = os.environ.get(FIRST_PAINT, "")
    if answer:
        Path(answer).write_text(f"{seconds_since_start():.3f}\n", encoding="ascii")
        window.close()
        return
    begin(window, files)


def begin(window: MainWindow, files: list[Path]) -> None:
    """Start the threads, then show ``files``, else the study read last, else the synthetic one."""
    controller = window.controller
    if files:
        controller.start()
        controller.open_paths(files)
        return

    def listed(records: list[object]) -> None:
        if controller.current is not None:
            return
        if records:
            controller.open(controller.library.model.records()[0])
        else:
            controller.open_synthetic()

    controller.library.loaded.connect(listed)
    controller.start()


def seconds_since_start() -> float:
    """Seconds since this process began; Linux says it to a hundredth, elsewhere since Python
    began to run.
    """
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        began = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, ValueError, IndexError, AttributeError):
        return time.process_time()


def catch_bugs(tell: Callable[[BaseException], None]) -> Callable[[], None]:
    """What escapes from a slot is our bug: logged, said in the window, and the reading goes on.

    ``tell`` is called in the thread of the error. Returns what puts the earlier hooks back.
    """
    before = sys.excepthook, threading.excepthook

    def give_back() -> None:
        sys.excepthook, threading.excepthook = before

    log.catch_unhandled(tell)
    return give_back
