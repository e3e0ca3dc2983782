"""What the worklist knows of a study: enough to list it and to open it again, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.imaging.radiograph import Patient
from app.reporting.report import Revision, Status


@dataclass(frozen=True)
class StudyRecord:
    """One study that was opened at least once.

    ``study_date`` and ``study_time`` as in DICOM (``YYYYMMDD``, ``HHMMSS``); ``view`` is the view
    of the image that is drafted; ``path`` is what to open it from again: its folder, or its
    files, one per line (see :attr:`paths`);
    ``opened_at`` (aware, UTC) is when it was last opened.
    """

    study_id: str
    patient: Patient
    study_date: str
    study_time: str
    description: str
    modality: str
    view: str
    status: Status
    path: str
    opened_at: datetime

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, or the one folder, to open the study from again; frontal images first."""
        return tuple(Path(line) for line in self.path.splitlines())


@dataclass(frozen=True)
class SignedStudy:
    """A listed study with the newest signed state of its report.

    ``people`` are the names of everybody who had it before them: opened it, wrote, measured or
    rated. ``drafted_before``: the machine's drafts stood there before the signature.
    """

    study: StudyRecord
    report: Revision
    people: tuple[str, ...]
    drafted_before: bool


@dataclass(frozen=True)
class Action:
    """One line of the append-only log: who did what to which study. ``at`` is aware, in UTC."""

    at: datetime
    who: str
    action: str
    study_id: str
    detail: str
