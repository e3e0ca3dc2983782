"""The thread that decodes files: what is open comes first, what may be opened next after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.errors import AppError
from app.imaging.radiograph import Radiograph
from app.reporting.record import StudyRecord
from app.ui.image_cache import ImageCache
from app.ui.lanes import Failure, Lane, Token

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.imaging.progress import Looked
    from app.imaging.pyramid import Pyramid
    from app.imaging.study import ImageRef, Study

READ, PRIOR, LOOK_UP, PREFETCH, SCAN, THUMBNAIL = range(6)
PREPARED_PX = 700  # levels of at least this length are averaged before the window asks for them
SCREEN_PX = 1400  # and before the first paint only those up to this length


@dataclass(frozen=True, eq=False)
class LoadedStudy:
    """A study's decoded images, frontal views first, as many pyramids, and why each can't be
    drafted.

    One that is not ``finished`` is to be shown, and nothing else, until the rest comes: a preview
    of the first image, or the first image alone.
    """

    images: tuple[Radiograph, ...]
    pyramids: tuple[Pyramid, ...]
    reasons: tuple[tuple[str, ...], ...]
    left_out: int = 0
    finished: bool = True

    @property
    def nbytes(self) -> int:
        """Bytes of pixels that it holds now."""
        return sum(pyramid.nbytes for pyramid in self.pyramids)

    @property
    def drafted(self) -> int:
        """The image that is drafted: the first one that the gate lets pass, else the first."""
        return next((n for n, reasons in enumerate(self.reasons) if not reasons), 0)


class LoaderWorker(Lane):
    """The thread that reads files. Opening a study comes first, then the studies beside it, then a
    running scan, thumbnails last.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("loader", parent)
        # both touched in the thread only
        self._known: dict[str, Study] = {}
        self._cache = ImageCache[LoadedStudy](lambda loaded: loaded.nbytes)
        self._ahead: list[Token] = []

    def prepare(self) -> None:
        import app.imaging.dicom  # noqa: F401 - so that the first study doesn't wait for decoders

    def scan(
        self,
        paths: Sequence[Path],
        found: Callable[[Study | AppError | Looked], None],
        finished: Callable[[], None],
    ) -> Token:
        """Look for studies in files and folders; each is reported as soon as its headers are
        read, and every few files how many there were.

        Cancelling what is returned stops the search: what was found until then still comes, and
        ``finished``.
        """
        stop = Token()

        def steps() -> Iterator[Study | AppError | Looked]:
            from app.imaging.study import Study, scan_with_progress

            for item in scan_with_progress(paths, stop.cancelled):
                yield self._met(item) if isinstance(item, Study) else item

        self.submit(steps(), found, finished=finished, priority=SCAN)
        return stop

    def read(
        self,
        record: StudyRecord,
        success: Callable[[LoadedStudy], None],
        failure: Failure,
    ) -> Token:
        """Decode a study's images; ``success`` may get a part first, the whole comes last."""
        return self.submit(self._reading(record), success, failure, priority=READ)

    def prefetch(self, records: Sequence[StudyRecord]) -> None:
        """Decode studies that may be opened next; given up when others are named."""
        for token in self._ahead:
            token.cancel()
        self._ahead = [
            # what is wrong with a file is said when it is opened
            self.submit(self._reading(record), failure=lambda _: None, priority=PREFETCH)
            for record in records
        ]

    def read_prior(
        self,
        record: StudyRecord,
        found: Callable[[tuple[Radiograph, Pyramid]], None],
        failure: Failure,
        finished: Callable[[], None],
    ) -> Token:
        """Decode an earlier study for comparing, image by image: opening a study comes between."""

        def steps() -> Iterator[tuple[Radiograph, Pyramid]]:
            from app.imaging.drafted import MOST_IMAGES
            from app.imaging.pyramid import Pyramid
            from app.imaging.study import read

            for ref in self._study(record).images[:MOST_IMAGES]:
                image = read(ref)
                yield image, Pyramid.of(image)

        return self.submit(steps(), found, failure, finished=finished, priority=PRIOR)

    def read_drafted(
        self, record: StudyRecord, success: Callable[[Radiograph], None], failure: Failure
    ) -> Token:
        """Decode the image of a study that is drafted; everything that the reader does comes
        first.
        """

        def work() -> Radiograph:
            from app.imaging.drafted import drafted_image

            return drafted_image(self._study(record).images)

        return self.call(work, success, failure, priority=THUMBNAIL)

    def read_frame(
        self,
        path: Path,
        frame: int,
        success: Callable[[tuple[Radiograph, Pyramid]], None],
        failure: Failure,
    ) -> Token:
        """Decode one frame of a file; nothing of the others."""

        def work() -> tuple[Radiograph, Pyramid]:
            from app.imaging.pyramid import Pyramid
            from app.imaging.study import read

            image = read(path, frame)
            return image, Pyramid.of(image)

        return self.call(work, success, failure, priority=READ)

    def _met(self, study: Study) -> Study:
        """Keep a found study; images of it that were opened before, one by one, stay in it."""
        before = self._known.get(study.study_id)
        known = self._known[study.study_id] = study.joined(before) if before else study
        return known

    def thumbnail(
        self, record: StudyRecord, side: int, success: Callable[[QImage], None], failure: Failure
    ) -> Token:
        """A small square picture of a study's first image, ``side`` pixels wide."""

        def work() -> QImage:
            from app.imaging.study import read
            from app.ui.thumbnails import thumbnail

            return thumbnail(read(self._study(record).images[0]), side)

        return self.call(work, success, failure, priority=THUMBNAIL)

    def _reading(self, record: StudyRecord) -> Iterator[LoadedStudy]:
        """A preview where there is one, the first image, then everything; all at once if kept."""
        from app.imaging import gate
        from app.imaging.drafted import MOST_IMAGES
        from app.imaging.pyramid import Pyramid
        from app.imaging.study import preview, read

        refs = self._study(record).images
        chosen = refs[:MOST_IMAGES]
        key = (record.study_id, tuple(_state(ref) for ref in chosen))
        kept = self._cache.get(key)
        if kept is not None:
            yield kept
            return
        small = preview(chosen[0])
        if small is not None:
            yield _part(small)
        images = [read(chosen[0])]
        part = _part(images[0])
        yield part
        images += [read(ref) for ref in chosen[1:]]
        pyramids = (*part.pyramids, *(Pyramid.of(image) for image in images[1:]))
        for pyramid in pyramids:
            pyramid.prepare(PREPARED_PX)
        reasons = tuple(gate.reasons(image) for image in images)
        loaded = LoadedStudy(tuple(images), pyramids, reasons, len(refs) - len(images))
        self._cache.put(key, loaded)
        yield loaded

    def _study(self, record: StudyRecord) -> Study:
        """The study's files. A folder is looked through once, however many studies lie in it."""
        from app.imaging.study import found_again

        return found_again(record.study_id, record.paths, self._known)


def _part(image: Radiograph) -> LoadedStudy:
    """The first image, or its preview, ready to be painted at the size of a screen."""
    from app.imaging.pyramid import Pyramid

    pyramid = Pyramid.of(image)
    pyramid.prepare(PREPARED_PX, SCREEN_PX)
    return LoadedStudy((image,), (pyramid,), ((),), finished=False)


def _state(ref: ImageRef) -> tuple[str, int, int, int]:
    """What changes when an image's file does. Raises StudyError when there is none."""
    from app.imaging.pixels import unreadable

    try:
        found = ref.path.stat()
    except OSError as error:
        raise unreadable(ref.path, error) from error
    return str(ref.path), ref.frame, found.st_mtime_ns, found.st_size
