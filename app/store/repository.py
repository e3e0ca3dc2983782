"""The one door to the database: domain objects in, domain objects out.

Everything that people made is only ever added. Each method is one transaction; what it saved when
it returns is on the disk. In the application one thread writes; a second process may read and write
too.
"""

from __future__ import annotations

import dataclasses
import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, false, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.errors import StoreError
from app.inference.drafts import Analysis, Speed
from app.reporting import rescue
from app.reporting.csv_export import RatedDraft, export_ratings
from app.reporting.measurement_export import MeasuredOnImage, export_measurements
from app.reporting.measurements import MeasurementRevision, newest
from app.reporting.record import Action, SignedStudy, StudyRecord
from app.reporting.report import Rating, Revision, Source, Status, storable
from app.reporting.similar import SignedCase
from app.store import analyses, measurements, ratings, reports, salvage, signed, studies, vectors
from app.store.connection import BUSY_SECONDS, connect, writing
from app.store.errors import sentences
from app.store.migrate import migrate
from app.store.schema import SecretRow

_PSEUDONYMS = "pseudonyms"
_log = logging.getLogger(__name__)


class Repository:
    """An open database. Raises :class:`StoreError` for what a user can mend, in every method.

    Open it with :meth:`open` and use it as a context manager or :meth:`close` it.
    """

    def __init__(self, engine: Engine, path: Path, rescue_files: tuple[Path, ...]) -> None:
        self.path = path
        self._engine = engine
        self._rescue_files = rescue_files

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Repository:
        """Open or create the database at ``path``, migrate it and take in rescued text.

        Raises :class:`StoreError` when it is locked, read-only, corrupt, no database, of another
        program or of a newer version, or when the disk is full.
        ``busy_seconds``: how long any method waits for another program that is writing.
        """
        path = Path(path)
        with sentences(path):
            engine = connect(path, busy_seconds)
            try:
                migrate(engine, path)
                repository = cls(engine, path, rescue.places(path))
                repository._settle_in()
            except BaseException:
                engine.dispose()
                raise
        return repository

    def close(self) -> None:
        """Close the file. The repository can't be used afterwards."""
        with sentences(self.path):
            self._engine.dispose()

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # Studies

    def remember_study(self, study: StudyRecord) -> None:
        """Insert the study or bring it up to date, and list it. Its status never goes back."""
        with self._write() as session:
            studies.remember(session, [study])

    def remember_studies(self, records: Sequence[StudyRecord]) -> None:
        """The same for many studies in one transaction: much faster for a whole folder."""
        with self._write() as session:
            studies.remember(session, records)

    def hide_study(self, study_id: str, who: str = "") -> None:
        """Take a study off the list until it is remembered again; what was written stays."""
        with self._write() as session:
            studies.hide(session, study_id)
            studies.note(session, who, "took off the list", study_id, "")

    def studies(self) -> list[StudyRecord]:
        """All studies on the list, last opened first."""
        with self._read() as session:
            return studies.newest(session)

    def recent(self, limit: int = 12) -> list[StudyRecord]:
        """The last opened studies, newest first."""
        with self._read() as session:
            return studies.newest(session, limit)

    def study(self, study_id: str) -> StudyRecord | None:
        with self._read() as session:
            return studies.find(session, study_id)

    def note_opening(self, study_id: str, who: str) -> None:
        """Note in the log, once per person, who has had a study open."""
        with self._write() as session:
            signed.note_opening(session, study_id, who)

    def signed_studies(self) -> list[SignedStudy]:
        """The studies on the list whose report is signed, with whom they were open to."""
        with self._read() as session:
            return signed.listed(session)

    # Analyses

    def save_analysis(self, study_id: str, analysis: Analysis) -> int:
        """Keep an analysis with its drafts and attention; returns its id. The study must be
        known."""
        with self._write() as session:
            number = analyses.add(session, study_id, analysis)
            if analysis.drafts:
                studies.advance(session, study_id, Status.DRAFTED)
            done = "drafted" if analysis.drafts else "refused"
            studies.note(session, analysis.model, done, study_id, f"analysis {number}")
            return number

    def analysis(
        self, study_id: str, image_id: str, model: str, weights_sha256: str
    ) -> tuple[int, Analysis] | None:
        """The newest analysis of one image by exactly these weights, with its id."""
        with self._read() as session:
            return analyses.newest(session, study_id, image_id, model, weights_sha256)

    def analyses(self, study_id: str) -> list[tuple[int, Analysis]]:
        """All analyses of a study with their ids, oldest first."""
        with self._read() as session:
            return analyses.of_study(session, study_id)

    def drafted_by(self, study_id: str) -> dict[int, str]:
        """The model of each analysis of a study, by the analysis' id."""
        with self._read() as session:
            return analyses.models(session, study_id)

    def drafting_speeds(self) -> dict[str, Speed]:
        """How fast each model drafted, by the sha256 of its weights."""
        with self._read() as session:
            return analyses.speeds(session)

    # Reports

    def save_revision(
        self,
        study_id: str,
        text: str,
        sources: Sequence[Source],
        author: str,
        kind: str = "draft",
    ) -> Revision:
        """Keep a state of the report; returns the newest revision.

        Saving what the newest revision says already adds nothing. When the database can't be
        written, the text goes to a rescue file, which the next :meth:`open` takes in, and the error
        is raised.
        """
        text = storable(text)
        try:
            with self._write() as session:
                revision, new = reports.add(session, study_id, text, sources, author, kind)
                if new:
                    studies.advance(session, study_id, Status.EDITED)
                if new and (revision.number == 1 or kind != "draft"):
                    what = "started a report" if kind == "draft" else kind
                    studies.note(session, author, what, study_id, f"revision {revision.number}")
                return revision
        except (StoreError, SQLAlchemyError) as error:
            lost = Revision(study_id, 0, text, tuple(sources), author, datetime.now(UTC), kind)
            raise self._rescued(lost, error) from error

    def revisions(self, study_id: str) -> list[Revision]:
        """All revisions of a study's report in the order in which they were written."""
        with self._read() as session:
            return reports.of_study(session, study_id)

    def latest_revision(self, study_id: str) -> Revision | None:
        with self._read() as session:
            return reports.latest(session, study_id)

    # Ratings

    def save_rating(self, rating: Rating) -> None:
        """Add a rating; the newest of a rater on a draft counts. The draft must be kept here.

        A rating that can't be written is rescued like a revision.
        """
        rating = dataclasses.replace(
            rating, comment=storable(rating.comment), final_text=storable(rating.final_text)
        )
        try:
            with self._write() as session:
                ratings.add(session, rating)
                studies.advance(session, rating.study_id, Status.RATED)
                what = f"analysis {rating.analysis_id}, draft {rating.rank}: {rating.score}"
                studies.note(session, rating.rater, "rated", rating.study_id, what)
        except (StoreError, SQLAlchemyError) as error:
            raise self._rescued(rating, error) from error

    def ratings(self, study_id: str) -> list[Rating]:
        """All ratings of a study, those a rater thought better of included, oldest first."""
        with self._read() as session:
            return ratings.of_study(session, study_id)

    def all_ratings(self, *, superseded: bool = False) -> list[RatedDraft]:
        """The ratings that count, one row each for the export; with ``superseded`` also the earlier
        ones."""
        with self._read() as session:
            return ratings.with_drafts(session, superseded=superseded)

    def export_ratings(
        self, file: Path, *, pseudonymise: bool = False, bom: bool = False, who: str = ""
    ) -> int:
        """Write the ratings that count to a CSV file and note that in the log; returns how many.

        See :func:`app.reporting.csv_export.export_ratings` for what pseudonyms do and don't hide.
        """
        secret = self.pseudonym_secret() if pseudonymise else b""
        rows = self.all_ratings()
        count = export_ratings(rows, file, pseudonymise=pseudonymise, secret=secret, bom=bom)
        self.log(who, "exported ratings", detail=f"{count}{' pseudonymised' * pseudonymise}")
        return count

    # Measurements and key images

    def save_measurement(self, revision: MeasurementRevision) -> MeasurementRevision:
        """Keep a state of a measurement (its number is given here); returns the newest one.

        Saving what the newest state says already adds nothing. One that can't be written is
        rescued like a revision of the report.
        """
        measurement = revision.measurement
        revision = dataclasses.replace(
            revision,
            measurement=measurement.with_text(storable(measurement.text)),
            sentence=storable(revision.sentence),
        )
        try:
            with self._write() as session:
                kept, new = measurements.add(session, revision)
                if new and (kept.number == 1 or kept.deleted):
                    what = "removed from the image" if kept.deleted else "put on the image"
                    kind = str(measurement.kind)
                    studies.note(session, kept.author, what, kept.study_id, kind)
                return kept
        except (StoreError, SQLAlchemyError) as error:
            raise self._rescued(revision, error) from error

    def measurements(self, study_id: str) -> list[MeasurementRevision]:
        """The measurements and key images of a study that stand, in the order they were made."""
        return newest(self.measurement_revisions(study_id))

    def measurement_revisions(self, study_id: str) -> list[MeasurementRevision]:
        """Every state of them, removed ones included, in the order in which they were made."""
        with self._read() as session:
            return measurements.of_study(session, study_id)

    def all_measurements(self) -> list[MeasuredOnImage]:
        """The measurements of all studies that stand, one row each for the export."""
        with self._read() as session:
            return measurements.with_patients(session)

    def export_measurements(
        self, file: Path, *, pseudonymise: bool = False, bom: bool = False, who: str = ""
    ) -> int:
        """Write the measurements to a CSV file and note that in the log; returns how many.

        See :func:`app.reporting.measurement_export.export_measurements`.
        """
        secret = self.pseudonym_secret() if pseudonymise else b""
        count = export_measurements(self.all_measurements(), file, secret=secret, bom=bom)
        done = f"{count}{' pseudonymised' * pseudonymise}"
        self.log(who, "exported measurements", detail=done)
        return count

    def pseudonym_secret(self) -> bytes:
        """The random key of this database's pseudonyms, the same for as long as the database
        lives."""
        with self._read() as session:
            return session.scalars(
                select(SecretRow.value).where(SecretRow.name == _PSEUDONYMS)
            ).one()

    # Similar cases

    def save_vector(
        self, study_id: str, image_id: str, space: str, vector: NDArray[np.float32]
    ) -> None:
        """Keep what an image (d,) looks like in ``space``, in place of the study's earlier one."""
        with self._write() as session:
            vectors.keep(session, study_id, image_id, space, vector)

    def forget_vectors(self, space: str) -> int:
        """Remove the vectors of every space but this one; returns how many there were."""
        with self._write() as session:
            return vectors.forget(session, space)

    def signed_cases(self, space: str) -> list[SignedCase]:
        """The listed studies with a signed report, each with its vector of ``space``, if any."""
        with self._read() as session:
            return vectors.signed(session, space)

    # The log

    def log(self, who: str, action: str, study_id: str = "", detail: str = "") -> None:
        """Add a line to the append-only log. ``detail`` holds no names of patients.

        Drafting, the first edit, signing, amending, rating and exporting are noted by their own
        methods.
        """
        with self._write() as session:
            studies.note(session, who, action, study_id, detail)

    def history(self, study_id: str = "") -> list[Action]:
        """Who did what to a study, oldest first; the whole log without an id."""
        with self._read() as session:
            return studies.history(session, study_id)

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with sentences(self.path), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with (
            sentences(self.path),
            writing(self._engine) as connection,
            Session(connection) as session,
        ):
            yield session
            session.flush()

    def _settle_in(self) -> None:
        """Prove that the file can be written, make its secret, take in what a rescue file holds."""
        rescued = rescue.read(self._rescue_files)
        with self._write() as session:
            # BEGIN IMMEDIATE alone succeeds on a read-only file; a write, even of no row, does not.
            session.execute(delete(SecretRow).where(false()))
            if session.get(SecretRow, _PSEUDONYMS) is None:
                session.add(SecretRow(name=_PSEUDONYMS, value=secrets.token_bytes(32)))
            fits = [[salvage.take_in(session, item) for item in file.items] for file in rescued]
        for file, fitted in zip(rescued, fits, strict=True):
            rescue.settle(file, complete=all(fitted))

    def _rescued(self, item: rescue.Rescued, error: StoreError | SQLAlchemyError) -> Exception:
        """Keep ``item`` in a rescue file; the error to raise then, which says where it is."""
        kept = rescue.keep(item, self._rescue_files)
        _log.error("Saving failed (%s); rescued: %s.", type(error).__name__, kept is not None)
        if not isinstance(error, StoreError) or kept is None:
            return error
        return StoreError(error.message, f"{error.hint} Meanwhile it is kept in {kept}.".strip())
