"""How long a reader waits for the viewer, measured with the real widgets on this machine.

A step is an event and the paint that follows it. What it is compared with is the straightforward
way, in the same run and in turn with ours: window every pixel of the image in floating point, make
a picture of it, and scale that to the pane.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.errors import AppError
from app.imaging.phantom import large
from app.imaging.pyramid import Pyramid
from app.imaging.radiograph import Radiograph
from app.imaging.reading import read_image
from app.memory import peak_mib
from app.paths import Paths
from app.settings import Settings
from app.ui.application import make_application
from app.ui.controller import Controller, Parts
from app.ui.main_window import MainWindow
from app.ui.viewer.pane import ViewPane

VIEWPORT: Final = (1600, 1200)
WINDOW: Final = (2160, 1300)
BROWSED: Final = 50
_PATIENCE: Final = 60.0
_STEPS: Final = 25

Figures = dict[str, float | str | None]


class BenchmarkError(AppError):
    """Something that was to be measured didn't happen."""


def run(image: Path | None, runs: int) -> Figures:
    """Measure on a generated 15-megapixel radiograph, or on ``image``. Milliseconds are medians."""
    make_application()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        drawn = large.pixels() if image is None else None
        first = image or large.write(folder / "first.dcm", drawn)  # type: ignore[arg-type]
        figures = _steps(read_image(first), runs)
        figures["first_paint_ms"] = _median(_first_paints(first, folder / "paints", runs))
        if drawn is not None:
            second = large.write(folder / "second.dcm", drawn, 2)
            small = large.write(folder / "compressed.dcm", drawn, 3, compress=True)
            figures["switch_ms"] = _median(_switches([first, second], folder / "switches", runs))
            preview, whole = _previews(small, folder / "previews", runs)
            figures["jpeg2000_preview_ms"], figures["jpeg2000_whole_ms"] = preview, whole
            many = [large.write(folder / f"{n}.dcm", drawn, 10 + n) for n in range(BROWSED)]
            figures["browse50_peak_mib"] = _browsed(many, folder / "browsed")
        figures["file"] = "generated, 4,248 × 3,480, 14 bits" if image is None else image.name
    return figures


def _steps(radiograph: Radiograph, runs: int) -> Figures:
    """Drag, zoom and pan on one pane of 1,600 × 1,200, and the straightforward drag in turn."""
    pane = ViewPane(radiograph, Pyramid.of(radiograph))
    pane.resize(*VIEWPORT)
    pane.show()
    QCoreApplication.processEvents()
    plain = QImage(*VIEWPORT, QImage.Format.Format_RGB32)
    ours: list[float] = []
    reference: list[float] = []
    for step in range(_STEPS * max(1, runs // 2)):
        way = 3 if step % 2 else -3
        ours.append(_painted(pane, lambda way=way: pane.adjust_window(way, way)))  # type: ignore[misc]
        if step < 2 * runs:  # it takes long
            reference.append(_timed(lambda: _plainly(radiograph, pane, plain)))
    zooms = [_painted(pane, lambda f=f: pane.zoom_by(f)) for f in _to_and_fro(1.2, runs)]  # type: ignore[misc]
    pane.zoom_by(2.5)
    pans = [_painted(pane, lambda s=s: pane.pan(9 * s, 7 * s)) for s in _to_and_fro(-1, runs)]  # type: ignore[misc]
    pane.close()
    drag, plainly = _median(ours[2:]), _median(reference)
    return {
        "drag_ms": drag,
        "reference_drag_ms": plainly,
        "ratio": round(plainly / drag, 1),
        "zoom_ms": _median(zooms[2:]),
        "pan_ms": _median(pans[2:]),
    }


def _to_and_fro(step: float, runs: int) -> list[float]:
    back = 1 / step if step > 0 else -step
    return [step if turn % 10 < 5 else back for turn in range(10 * max(2, runs // 2))]


def _painted(pane: ViewPane, change: Callable[[], None]) -> float:
    def step() -> None:
        change()
        pane.repaint()

    return _timed(step)


def _plainly(radiograph: Radiograph, pane: ViewPane, target: QImage) -> None:
    """Every pixel in floating point (PS3.3 C.11.2.1.2.1), then scaled to the pane."""
    window = pane.windowing.window
    center, width = (window.center, window.width) if window else (8192.0, 16384.0)
    values = radiograph.pixels.astype(np.float64) * radiograph.slope + radiograph.intercept
    gray = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0) * 255.0
    bytes_ = np.ascontiguousarray(gray.astype(np.uint8))
    height, across = bytes_.shape[:2]
    picture = QImage(bytes_.data, across, height, across, QImage.Format.Format_Grayscale8)
    painter = QPainter(target)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(*pane.view_geometry.image_rect), picture)
    painter.end()


def _first_paints(file: Path, home: Path, runs: int) -> list[float]:
    """From opening a file that is not kept yet to its image on the screen, gate included."""
    found = []
    for number in range(runs + 1):
        with _window(home / str(number)) as window:
            _wait(lambda window=window: window.controller.shelf.known)  # type: ignore[misc]
            begun = time.perf_counter()
            window.controller.open_paths([file])
            _wait(lambda window=window: _shows(window, file))  # type: ignore[misc]
            found.append(_since(begun))
    return found[1:]


def _switches(files: list[Path], home: Path, runs: int) -> list[float]:
    """From the key for the next study, which was read ahead, to its image on the screen."""
    found = []
    with _window(home) as window:
        window.controller.open_paths(files)
        _wait(lambda: len(window.controller.library.model.records()) == len(files))
        _wait(lambda: bool(window.viewer.panes) and window.controller.loader.idle)
        for _ in range(2 * runs):
            here = window.viewer.panes[0].radiograph.path
            there = next(file for file in files if file != here)
            step = "next" if files.index(there) > files.index(here) else "previous"
            begun = time.perf_counter()
            window.actions_of.commands[step].trigger()
            _wait(lambda there=there: _shows(window, there))  # type: ignore[misc]
            found.append(_since(begun))
            _wait(lambda: window.controller.loader.idle)
    return found[2:]


def _previews(file: Path, home: Path, runs: int) -> tuple[float, float]:
    """Milliseconds from opening to the preview, and to the whole image, of a compressed file."""
    small, whole = [], []
    for number in range(min(runs, 3)):
        with _window(home / str(number)) as window:
            begun = time.perf_counter()
            window.controller.open_paths([file])
            _wait(lambda window=window: _shows(window, file))  # type: ignore[misc]
            small.append(_since(begun))
            _wait(lambda window=window: _shows(window, file, whole=True))  # type: ignore[misc]
            whole.append(_since(begun))
    return _median(small), _median(whole)


def _browsed(files: list[Path], home: Path) -> float | None:
    """Most memory of a fresh process that looks at one study after the other."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(_browse, files, home).result()


def _browse(files: list[Path], home: Path) -> float | None:
    make_application()
    with _window(home) as window:
        window.controller.open_paths(files)
        _wait(lambda: len(window.controller.library.model.records()) == len(files))
        for record in window.controller.library.model.records():
            window.controller.open(record)
            _wait(lambda file=record.paths[0]: _shows(window, file))  # type: ignore[misc]
    peak = peak_mib()
    return None if peak is None else round(peak)


@contextmanager
def _window(home: Path) -> Iterator[MainWindow]:
    """A window without a model over an empty data folder."""
    home.mkdir(parents=True)
    parts = Parts(models=lambda _: [])
    controller = Controller(Paths(home).create(), Settings(user_name="bench"), parts)
    window = MainWindow(controller)
    window.resize(*WINDOW)
    window.show()
    controller.start()
    QCoreApplication.processEvents()
    try:
        yield window
    finally:
        window.close()
        QApplication.processEvents()


def _shows(window: MainWindow, file: Path, *, whole: bool = False) -> bool:
    """Whether the image of ``file`` stands on the screen; paints it then."""
    pane = window.viewer.active_pane
    if pane is None or pane.radiograph.path != file or not pane.isVisible():
        return False
    if whole and pane.radiograph.reduction > 1:
        return False
    pane.repaint()
    return True


def _wait(happened: Callable[[], bool]) -> None:
    """Let events come until it has; sleeping, so that the other threads run."""
    end = time.perf_counter() + _PATIENCE
    while not happened():
        QCoreApplication.processEvents()
        # Outside of exec() Qt keeps what is to be deleted later.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.0005)
        if time.perf_counter() > end:
            raise BenchmarkError(
                f"The viewer did not answer within {_PATIENCE:.0f} seconds.",
                "Close other programs and measure again.",
            )


def _timed(act: Callable[[], None]) -> float:
    begun = time.perf_counter()
    act()
    return _since(begun)


def _since(begun: float) -> float:
    return 1000 * (time.perf_counter() - begun)


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 2)
