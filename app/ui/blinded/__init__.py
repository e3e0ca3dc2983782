"""The reader's window of a blinded study: an image, a report, a rubric, and nothing else."""

from __future__ import annotations

from pathlib import Path

from app.paths import Paths


def open_reading(folder: Path, reader: str, places: Paths) -> int:
    """Open the reading window full screen and return the exit code when it is closed.

    Raises :class:`app.errors.StudyError` for a study that was altered or locked, and for a reader
    who isn't in it, was withdrawn, or is reading in another window.
    """
    from app import log
    from app.store.reader_study import ReaderStudy
    from app.ui.application import catch_bugs, make_application
    from app.ui.blinded.window import ReadingWindow

    places.create()
    handler = log.set_up(places.logs)
    try:
        with ReaderStudy.open(folder) as study:
            application = make_application()
            window = ReadingWindow(study, reader, places.home)
            give_back = catch_bugs(window.escaped.emit)
            try:
                window.showFullScreen()
                return application.exec()
            finally:
                give_back()
    finally:
        log.tear_down(handler)
