"""Draws the pictures of README and user guide: the real window with the synthetic study.

    make screenshots

Each picture is named for what it shows and how large the window is.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent

from app.imaging.measuring.measurement import Kind, measured
from app.imaging.opaque import write_opaque
from app.paths import Paths, resources
from app.reading.item import Item
from app.reading.protocol import OFFERED, Protocol
from app.settings import Settings
from app.store.reader_study import IMAGES, ReaderStudy
from app.ui.application import begin, make_application
from app.ui.blinded.window import ReadingWindow
from app.ui.controller import Controller
from app.ui.main_window import MainWindow

SIZES = ((1280, 800), (2560, 1440))
RATIO = ((0.343, 0.62), (0.783, 0.65), (0.140, 0.70), (0.868, 0.70))
"""Sides of the phantom's heart and of its chest, in shares of width and height."""


def two_views(window: MainWindow) -> None:
    window.viewer.action("side_by_side").trigger()


def ratio(window: MainWindow) -> None:
    """The cardiothoracic ratio on the frontal image."""
    image = window.viewer.panes[0].radiograph
    points = [(x * image.width, y * image.height) for x, y in RATIO]
    window.viewer.marks.add(image.image_id, measured(Kind.RATIO, points))


def appearance(window: MainWindow) -> None:
    window.viewer.action("appearance").trigger()


def with_prior(window: MainWindow) -> None:
    window.viewer.action("compare").trigger()
    wait(lambda: len(window.viewer.panes_in_sight) >= 3)


SCENES: dict[str, Callable[[MainWindow], None]] = {
    "two-views": two_views,
    "cardiothoracic-ratio": ratio,
    "why-it-looks-like-this": appearance,
    "with-a-prior": with_prior,
}


def main(folder: Path) -> None:
    make_application()
    for name, scene in SCENES.items():
        for width, height in SIZES:
            with opened(width, height) as window:
                scene(window)
                pause(0.8)
                window.grab().save(str(folder / f"{name}-{width}x{height}.png"))
    for width, height in SIZES:
        reading(width, height, folder / f"reading-session-{width}x{height}.png")


def reading(width: int, height: int, file: Path) -> None:
    """The window of a blinded study, with a score given to an invented report."""
    with tempfile.TemporaryDirectory() as home:
        study = Path(home) / "study"
        (study / IMAGES).mkdir(parents=True)
        image = write_opaque(resources() / "synthetic" / "frontal.dcm", study / IMAGES, "K7QFAB")
        report = "The heart is of normal size. No pleural effusion is seen."
        protocol = Protocol("picture", "unpaired", 1, 0.5, ("R2",), 2, questions=OFFERED[1:2])
        items = [Item("K7QFAB", image.name, report)]
        with ReaderStudy.create(study, protocol, items, {"R2": ["K7QFAB"]}) as opened_study:
            window = ReadingWindow(opened_study, "R2")
            window.resize(width, height)
            window.show()
            wait(window.form.isVisible)
            window.form.scored.emit(3)
            window.form.questions["error_category"].chip("omission").click()
            pause(0.8)
            window.grab().save(str(file))
            window.close()


@contextmanager
def opened(width: int, height: int) -> Iterator[MainWindow]:
    """A window of that size with the newer synthetic study open and drafted."""
    with tempfile.TemporaryDirectory() as home:
        controller = Controller(Paths(Path(home)).create(), Settings(user_name="Reader"))
        window = MainWindow(controller)
        window.resize(width, height)
        window.show()
        begin(window, [resources() / "synthetic"])
        wait(lambda: len(controller.library.model.records()) == 2)
        controller.open(max(controller.library.model.records(), key=lambda one: one.study_date))
        wait(lambda: window.column.drafts.analysis() is not None and len(window.viewer.panes) > 1)
        wait(lambda: controller.loader.idle)
        pause(0.5)
        try:
            yield window
        finally:
            window.close()
            pause(0.1)


def wait(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.01)


def pause(seconds: float) -> None:
    wait(lambda: False, seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent))
