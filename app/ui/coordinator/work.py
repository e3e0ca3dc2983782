"""What the coordinator's window asks for, done in threads: one deed at a time, without a widget.

Everything is decided in :mod:`app.reading` and :mod:`app.store`, as for the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.errors import Cancelled, ModelError, StudyError
from app.inference.batch import Outcome, draft_batch
from app.reading.allocation import Planned
from app.reading.beginning import begin_or_go_on, frozen_studies
from app.reading.cases import Case
from app.reading.machine_arm import Draft, Made, drafting
from app.reading.preparation import Preparation, Source, discard
from app.reading.protocol import Protocol
from app.ui.controller import Controller
from app.ui.coordinator.looking import entries, image, read, status
from app.ui.coordinator.told import Entry, FreezeOrder, Listed, Prepared, Running, Signed
from app.ui.lanes import Lane, Token
from app.ui.message_bar import Message, about

STOP_MS = 120_000  # a deed ends at its next step only, and a thread must end before its object
BEHIND = 3
"""The drafting of a study comes after what a reader asks for in the main window."""

Cases = Callable[[Callable[[int], None]], Sequence[Case]]
"""Makes the cases of a new study; tells how many are behind."""


class Coordinator(QObject):
    """One deed at a time; ``busy(what)`` when one begins and ``busy("")`` when it has ended.

    Signals: ``listed(tuple[Entry])``; ``cases(Listed)``; ``signed(Signed)``; ``prepared(Prepared)``
    and ``running(Running)`` when a study is open or has changed; ``looked(Running)`` after
    :meth:`look`; ``seen(Seen)``; ``progress(done, total)``; ``exported(list[Path])``;
    ``discarded(name)``; ``said(Message)``.
    """

    listed = Signal(object)
    cases = Signal(object)
    signed = Signal(object)
    prepared = Signal(object)
    running = Signal(object)
    looked = Signal(object)
    progress = Signal(int, int)
    seen = Signal(object)
    exported = Signal(object)
    discarded = Signal(str)
    busy = Signal(str)
    said = Signal(object)

    def __init__(self, controller: Controller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.places = controller.places
        self.others: list[Path] = []  # frozen studies that lie elsewhere
        self.what = ""
        self._token = Token()
        self._after_cancel: Callable[[], object] | None = None
        self._lane = Lane("coordinator", self)
        self._lane.crashed.connect(self._failed)
        self._lane.start()

    def stop(self) -> bool:
        """Give up what runs, saved as far as it is, and end the thread."""
        self._token.cancel()
        return self._lane.stop(STOP_MS)

    @property
    def idle(self) -> bool:
        return not self.what

    @property
    def can_cancel(self) -> bool:
        return self._after_cancel is not None

    def cancel(self) -> None:
        """Give up the running deed. What is drafted stays; a freeze or an export leaves nothing."""
        after, self._after_cancel = self._after_cancel, None
        if after is not None:
            self._token.cancel()
            self._begin("Stopping…")
            after()

    # studies

    def refresh(self) -> None:
        """List the studies again."""
        others = tuple(self.others)
        self._lane.call(
            lambda: entries(self.places, others), self.listed.emit, self._quietly_failed
        )

    def look(self, folder: Path) -> None:
        """Tell again how far a frozen study is; nobody waits for it."""
        if self.idle:
            self._lane.call(lambda: status(folder), self.looked.emit, self._quietly_failed)

    def open(self, entry: Entry) -> None:
        if entry.state == "damaged":
            self.said.emit(Message(entry.trouble, key="study"))
        elif entry.state == "in preparation":
            self._do("Opening the study…", lambda: read(entry.folder), self.prepared.emit)
        else:
            self._do("Opening the study…", lambda: status(entry.folder), self.running.emit)

    def open_folder(self, folder: Path) -> None:
        """Open a frozen study that lies somewhere else."""

        self._do("Opening the study…", lambda: status(folder), self._frozen)

    # creating

    def read_cases(self, file: Path) -> None:
        def work() -> Listed:
            from app.reading.cases import from_csv

            return Listed(file, from_csv(file))

        self._do("Reading the list of cases…", work, self.cases.emit)

    def read_signed(self) -> None:
        """Which signed reports the program's own database has."""
        from app.reading.signed_cases import people_of

        self._begin("Looking for signed reports…")
        self._controller.report.flush()
        self._controller.store.ask(
            lambda repository: tuple(repository.signed_studies()),
            lambda studies: self._ended(self.signed.emit, Signed(studies, people_of(studies))),
            self._failed,
        )

    def create(self, protocol: Protocol, source: Source, cases: Cases) -> None:
        """Draw the cases of a new study, or go on with the one of this name."""

        shelf, device = self._controller.shelf, self._controller.settings.device

        def work() -> Prepared:
            _, folder = begin_or_go_on(
                self.places,
                protocol,
                source,
                lambda: cases(self._told),
                lambda model: shelf.for_study(model, device),
            )
            return read(folder)

        self._do("Drawing the cases…", work, self._created)

    def gather(self, signed: Signed, people: Mapping[str, str]) -> Cases:
        """The cases of :meth:`create` out of signed reports; says what was left out."""

        def cases(progress: Callable[[int], None]) -> Sequence[Case]:
            from app.reading.signed_cases import gather

            found = gather(signed.studies, people, progress)
            text, *more = found.sentences()
            self.said.emit(Message(text, " ".join(more), kind="info", key="gathered"))
            return found.cases

        return cases

    # preparing

    def draft(self, study: Prepared, *, force: bool, replace_refused: bool) -> None:
        """Draft what waits; goes on where it was stopped."""
        try:
            choice = self._controller.shelf.for_study(
                study.preparation.protocol.model, self._controller.settings.device
            )
        except ModelError as error:
            self.said.emit(about(error, key="coordinator"))
            return
        # In the model's thread: behind the batch that may just be saved.
        after = self._controller.model
        self._begin("Drafting…", after=lambda: self._stop(after, lambda: read(study.folder)))
        token = self._token

        def model() -> Draft:
            drafter = self._controller.new_drafter(choice)

            def draft(images: Sequence[Path]) -> list[Outcome]:
                return draft_batch(drafter, images, force=force, cancelled=token.cancelled)

            return draft

        def steps() -> Iterator[Made]:
            yield from drafting(
                study.preparation,
                study.folder,
                model,
                force=force,
                replace_refused=replace_refused,
            )

        def failed(error: Exception) -> None:
            self._end()
            self.said.emit(about(error, key="drafting"))  # stays while the study is read again
            self._reread(study)

        def finished() -> None:
            self._end()
            self._reread(study)

        self._controller.model.submit(
            steps(),
            lambda made: self.progress.emit(made.done, made.total),
            failed,
            finished=finished,
            priority=BEHIND,
            token=token,
        )

    def see(self, study: Prepared, item: Planned) -> None:
        """Read an item's image."""
        self._do("Reading the image…", lambda: image(study, item), self.seen.emit)

    def rewrite(self, study: Prepared, code: str = "") -> None:
        """Take the tells out of one item, or of all; says how many that changed."""

        def told(now: Prepared) -> None:
            count = len(now.preparation.log) - len(study.preparation.log)
            text = f"{count} text{'' if count == 1 else 's'} changed; the log has each."
            if not count:
                text = "Nothing was left to take out by the rules; reword by hand what is found."
            self.said.emit(Message(text, kind="info", key="coordinator"))
            self.prepared.emit(now)

        self._change(study, lambda old: old.rewrite_neutrally(code), told)

    def reword(self, study: Prepared, code: str, text: str, why: str) -> None:
        self._change(study, lambda old: old.reword(code, text, why))

    def exclude(self, study: Prepared, case: str, why: str) -> None:
        """Take a case out; the one in its place may have to be drafted."""
        self._change(study, lambda old: old.exclude(case, why))

    def discard(self, study: Prepared) -> None:
        self._do("Removing the preparation…", lambda: discard(study.folder), self._discarded)

    def freeze(self, study: Prepared, order: FreezeOrder) -> None:
        token = Token()

        def work() -> Running:
            from app.store.reader_study_freeze import freeze

            if study.found is None or not (study.found.ok or order.accept):
                raise StudyError(
                    "The preflight found what would tell the arms apart or is too little.",
                    "Mend it, or freeze in spite of it.",
                )
            freeze(
                study.preparation,
                study.folder,
                order.folder,
                order.passphrase,
                key=order.key,
                accepted=study.found.flags,
                progress=self._watched(token),
            )
            return status(order.folder)

        def left() -> Prepared | Running:
            return read(study.folder) if study.folder.exists() else status(order.folder)

        self._begin("Freezing…", token, after=lambda: self._stop(self._lane, left))
        self._lane.call(
            work, lambda value: self._ended(self._frozen, value), self._failed, token=token
        )

    # running

    def withdraw(self, study: Running, reader: str, why: str) -> None:
        self._deed(study, lambda opened: opened.withdraw(reader, why))

    def lock(self, study: Running, why: str = "") -> None:
        self._deed(study, lambda opened: opened.lock(why))

    def unblind(self, study: Running, passphrase: str, key: Path | None) -> None:
        def work() -> Running:
            from app.store.reader_study_results import unblind

            unblind(study.folder, key, passphrase)
            return status(study.folder)

        self._do("Opening the key…", work, self._ran)

    def export(self, study: Running, out: Path) -> None:
        """Write the results; given up, they leave ``out`` as it was."""
        token = Token()
        written: list[Path] = []

        def work() -> list[Path]:
            from app.store.reader_study_results import export

            written.extend(export(study.folder, out, progress=self._watched(token)))
            return written

        def stopped(_none: None) -> None:
            self._end()
            if written:  # just before
                self.exported.emit(written)
            else:
                text = "Stopped; nothing was written."
                self.said.emit(Message(text, kind="info", key="coordinator"))

        def stop() -> None:
            self._lane.call(lambda: None, stopped, self._failed, priority=0, token=self._token)

        self._begin("Writing the results…", token, after=stop)
        self._lane.call(
            work, lambda files: self._ended(self.exported.emit, files), self._failed, token=token
        )

    # inside

    def _watched(self, token: Token) -> Callable[[int, int], None]:
        """The progress of a deed that stops once ``token`` is cancelled."""

        def progress(done: int, total: int) -> None:
            if token.cancelled():
                raise Cancelled
            self.progress.emit(done, total)

        return progress

    def _change(
        self,
        study: Prepared,
        change: Callable[[Preparation], Preparation],
        success: Callable[[Prepared], None] | None = None,
    ) -> None:
        def work() -> Prepared:
            change(study.preparation).save(study.folder)
            return read(study.folder)

        done = success or self.prepared.emit
        self._do("Looking for what tells the arms apart…", work, done)

    def _deed(self, study: Running, deed: Callable[[Any], None]) -> None:
        def work() -> Running:
            from app.store.reader_study import ReaderStudy

            with ReaderStudy.open(study.folder) as opened:
                deed(opened)
            return status(study.folder)

        self._do("Writing…", work, self._ran)

    def _do(self, what: str, work: Callable[[], Any], success: Callable[[Any], None]) -> None:
        if self.idle:
            self._begin(what)
            self._lane.call(
                work, lambda value: self._ended(success, value), self._failed, token=self._token
            )

    def _begin(
        self,
        what: str,
        token: Token | None = None,
        after: Callable[[], object] | None = None,
    ) -> None:
        """``after`` is what a cancelling does, for a deed that can be cancelled."""
        self.what, self._token, self._after_cancel = what, token or Token(), after
        self.busy.emit(what)

    def _end(self) -> None:
        self.what, self._after_cancel = "", None
        self.busy.emit("")

    def _stop(self, lane: Lane, left: Callable[[], Prepared | Running]) -> None:
        """After a cancelling: say what is left, once the thread has let go."""
        lane.call(left, self._stopped, self._failed, priority=0, token=self._token)

    def _ended(self, success: Callable[[Any], None], value: Any) -> None:
        self._end()
        success(value)

    def _failed(self, error: Exception) -> None:
        self._end()
        self.said.emit(about(error, key="coordinator"))

    def _quietly_failed(self, error: Exception) -> None:
        self.said.emit(about(error, key="look"))

    def _told(self, done: int) -> None:
        self.progress.emit(done, 0)

    def _created(self, study: Prepared) -> None:
        self.prepared.emit(study)
        self.refresh()

    def _discarded(self, name: str) -> None:
        self.discarded.emit(name)
        self.refresh()

    def _ran(self, study: Running) -> None:
        self.running.emit(study)
        self.refresh()

    def _stopped(self, study: Prepared | Running) -> None:
        self._end()
        if isinstance(study, Running):
            self._frozen(study)
            return
        left = len(study.waiting(force=False))
        images = "1 image is" if left == 1 else f"{left} images are"
        text = f"Stopped; what is drafted is kept. {images} left." if left else "Stopped."
        self.said.emit(Message(text, kind="info", key="coordinator"))
        self.prepared.emit(study)

    def _frozen(self, study: Running) -> None:
        if study.folder not in frozen_studies(self.places) and study.folder not in self.others:
            self.others.append(study.folder)
        self._ran(study)

    def _reread(self, study: Prepared) -> None:
        self._do(
            "Looking for what tells the arms apart…",
            lambda: read(study.folder),
            self.prepared.emit,
        )
