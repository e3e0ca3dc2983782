"""How a study is called in the worklist, the top bar and the window's title.

Plain functions, so that "hide identity" is tested on the words themselves: with it, nothing that
names a patient (name, id, file name, free-text description) is ever returned.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date

from app.imaging.radiograph import View
from app.reporting.record import StudyRecord
from app.ui.viewer.overlay import display_date, display_name

PRODUCT = "Reading Room"

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U, which read like others
_VIEWS = {View.PA: "PA", View.AP: "AP", View.LATERAL: "lateral", View.OTHER: "other view"}
_QUOTED = re.compile(r"“[^”]*”")
_UNITS = {"Y": "y", "M": "mo", "W": "wk", "D": "d"}


def study_code(study_id: str) -> str:
    """Four characters that stand for a study, the same on every day: ``K7QF``."""
    number = int.from_bytes(hashlib.sha256(study_id.encode()).digest()[:4], "big")
    return "".join(_LETTERS[number >> shift & 31] for shift in (15, 10, 5, 0))


def name(record: StudyRecord, hidden: bool) -> str:
    """What a reader calls the study: the patient, else the file; a code when identity is hidden."""
    if not hidden:
        known = display_name(record.patient) or record.patient.patient_id
        if known:
            return known
        if record.description and not record.study_date:
            return record.description  # a picture's: its name, or that of its group
        if record.paths:
            return record.paths[0].stem or record.paths[0].name
    return f"Study {study_code(record.study_id)}"


def title(record: StudyRecord, hidden: bool) -> str:
    """``Study K7QF · DX chest PA · 20 Nov 2026``."""
    called = name(record, hidden)
    described = "" if hidden or record.description == called else record.description
    seen = view(record.view)
    if seen.casefold() in described.casefold().split():
        seen = ""
    kind = " ".join(part for part in (record.modality, described, seen) if part)
    return " · ".join(part for part in (called, kind, when(record)) if part)


def masked(text: str) -> str:
    """A sentence about a file without the file's name, which may be a patient's."""
    return _QUOTED.sub("“…”", text)


def details(record: StudyRecord) -> str:
    """``PA · 41 y M · 20 Nov``, another year's as ``Nov 2025``; nothing that names the patient."""
    who = " ".join(part for part in (age(record), record.patient.sex) if part)
    parts = [part for part in (view(record.view), who, _short_date(record)) if part]
    return " · ".join(parts) or record.modality or "no details in the file"


def _short_date(record: StudyRecord) -> str:
    day, _, rest = when(record).partition(" ")
    month, _, year = rest.partition(" ")
    if not year:
        return day
    return f"{day} {month}" if year == str(date.today().year) else rest


def view(text: str) -> str:
    return _VIEWS.get(View(text), "") if text in set(View) else ""


def when(record: StudyRecord) -> str:
    return display_date(record.study_date)


def age(record: StudyRecord) -> str:
    """The age as the file has it (VR AS), else from birth and study date."""
    text = record.patient.age.strip().upper()
    if len(text) >= 2 and text[:-1].isdigit() and text[-1] in _UNITS:
        return f"{int(text[:-1])} {_UNITS[text[-1]]}"
    born, taken = record.patient.birth_date, record.study_date
    if len(born) == len(taken) == 8 and (born + taken).isdigit() and born <= taken:
        return f"{int(taken[:4]) - int(born[:4]) - (taken[4:] < born[4:])} y"
    return ""
