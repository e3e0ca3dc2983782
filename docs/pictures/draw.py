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

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent

from app.imaging.measuring.measurement import Kind, measured
from app.imaging.opaque import write_opaque
from app.imaging.phantom import study as phantom
from app.imaging.radiograph import View
from app.imaging.study import open_study
from app.paths import Paths, resources
from app.reading.beginning import begin_or_go_on
from app.reading.cases import Case
from app.reading.item import Item
from app.reading.protocol import OFFERED, Protocol
from app.settings import Settings
from app.store.reader_study import IMAGES, ReaderStudy
from app.store.repository import Repository
from app.ui.application import begin, make_application
from app.ui.blinded.window import ReadingWindow
from app.ui.controller import Controller
from app.ui.coordinator.window import CoordinatorWindow
from app.ui.library import record_of
from app.ui.main_window import MainWindow

SIZES = ((1280, 800), (2560, 1440))
BESIDE = "inception-merge"
"""The model whose drafts are shown beside the default one's, where it is installed."""
RATIO = ((0.343, 0.62), (0.783, 0.65), (0.140, 0.70), (0.868, 0.70))
"""Sides of the phantom's heart and of its chest, in shares of width and height."""


TITLE = "Chest radiographs, spring"
SENTENCES = (
    *("The heart is of normal size", "The lungs are clear", "No pleural effusion is seen"),
    *("There is no pneumothorax", "The mediastinum is unremarkable", "The bones are intact"),
    *("The right base shows an opacity", "The left costophrenic angle is blunted"),
)
"""Invented, for both arms alike."""


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


def similar(window: MainWindow) -> None:
    """Similar cases among phantoms of other invented patients, with invented reports."""
    window.actions_of.commands["similar"].trigger()
    panel = window.similar.panel
    wait(lambda: panel.model.rowCount() == len(OTHERS))
    pause(1.0)  # their thumbnails


SCENES: dict[str, Callable[[MainWindow], None]] = {
    "two-views": two_views,
    "cardiothoracic-ratio": ratio,
    "why-it-looks-like-this": appearance,
    "with-a-prior": with_prior,
    "similar-cases": similar,
}

OTHERS = (
    ("20241105", "F", "061Y", False, 1.0, "Small right pleural effusion. Nodule in the left lung."),
    ("20240820", "M", "047Y", True, 1.0, "No effusion. Small nodule in the left lung."),
    ("20240611", "F", "035Y", True, 0.93, "Normal heart. Clear lungs."),
    ("20231218", "M", "072Y", False, 0.9, "Right basal effusion with blunted angle."),
)
"""Signed studies of invented patients: day, sex, age, whether the phantom is drawn as it was
earlier, the share of the detector that is kept, and the report.
"""


def signed_phantoms(home: Path) -> None:
    """Put :data:`OTHERS` on the list of the data folder ``home``, each signed."""
    drawn = {earlier: phantom.pixels(View.PA, earlier=earlier) for earlier in (False, True)}
    with Repository.open(Paths(home).create().database) as repository:
        for number, (day, sex, age, earlier, share, report) in enumerate(OTHERS, start=2):
            rows, columns = (round(share * side) for side in drawn[earlier].shape)
            data = phantom.data_set(View.PA, 10 + number, drawn[earlier][:rows, :columns].copy())
            data.StudyInstanceUID = f"2.25.{number}"
            data.StudyDate = day
            data.PatientID, data.PatientSex, data.PatientAge = f"SYNTHETIC-{number}", sex, age
            file = home / f"phantom-{number}.dcm"
            data.save_as(file, enforce_file_format=True)
            [study] = open_study(file)
            repository.remember_study(record_of(study))
            repository.save_revision(study.study_id, report, (), "Reader", "signed")


def main(folder: Path) -> None:
    make_application()
    for name, scene in SCENES.items():
        for width, height in SIZES:
            with opened(width, height, others=scene is similar) as window:
                scene(window)
                pause(0.8)
                window.grab().save(str(folder / f"{name}-{width}x{height}.png"))
    with opened(*SIZES[0]) as window:
        models(window, folder)
    for width, height in SIZES:
        reading(width, height, folder / f"reading-session-{width}x{height}.png")
        coordinating(width, height, folder / f"coordinator-{width}x{height}.png")


def models(window: MainWindow, folder: Path) -> None:
    """The window of the installed models; with a second model, both models' drafts as well."""
    window.actions_of.desk.show()
    pause(0.8)
    box = window.actions_of.side_window("models")
    if box is not None:
        box.grab().save(str(folder / "models.png"))
        box.close()
    drafting = window.controller.drafting.choice
    others = [one.model_id for one in window.controller.models if one.sha256 != drafting.sha256]
    other = BESIDE if BESIDE in others else next(iter(others), "")
    for width, height in SIZES if other else ():
        window.resize(width, height)
        window.controller.compare_with(other)
        wait(lambda: window.column.compared.second.analysis() is not None)
        pause(0.8)
        window.grab().save(str(folder / f"two-models-{width}x{height}.png"))


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


def coordinating(width: int, height: int, file: Path) -> None:
    """The coordinator's window before a freeze: invented reports on copies of the phantom."""
    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as home, opened(1280, 800) as main:
        places = Paths(Path(home))
        cases = []
        for number in range(36):
            human, machine = (". ".join(rng.permutation(SENTENCES)[:3]) + "." for _ in range(2))
            human += " No change as compared to the prior study." if number % 5 == 0 else ""
            image = resources() / "synthetic" / "frontal.dcm"
            case = Case(f"C{number:03}", image, human, f"P{number}", machine_report=machine)
            cases.append(case)
        protocol = Protocol("spring", "unpaired", 7, 0.5, ("R1", "R2", "R3"), 14, TITLE, 2)
        begin_or_go_on(places, protocol, "list", lambda: cases)
        main.controller.places = places
        window = CoordinatorWindow(main.controller)
        window.resize(width, height)
        window.show()
        wait(lambda: window.list.count() == 1)
        window.list.setCurrentRow(0)
        wait(lambda: window.preparing.items.table.rowCount() > 0)
        pause(0.8)
        window.grab().save(str(file))
        window.close()


@contextmanager
def opened(width: int, height: int, *, others: bool = False) -> Iterator[MainWindow]:
    """A window of that size with the newer synthetic study open and drafted."""
    with tempfile.TemporaryDirectory() as home:
        if others:
            signed_phantoms(Path(home))
        listed = 2 + len(OTHERS) * others
        controller = Controller(Paths(Path(home)).create(), Settings(user_name="Reader"))
        window = MainWindow(controller)
        window.resize(width, height)
        window.show()
        begin(window, [resources() / "synthetic"])
        wait(lambda: len(controller.library.model.records()) == listed)
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
