"""Ratings as a CSV file that a spreadsheet and a statistics program both read rightly.

A spreadsheet runs a cell that begins like a formula. Such text gets an apostrophe in front (OWASP,
"CSV Injection"), so that a report starting with ``=`` or ``-`` stays text.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.files import replacing
from app.reporting.difference import word_edit_distance

COLUMNS = (
    "study_id",
    "image_id",
    "patient_id",
    "rater",
    "score",
    "comment",
    "seconds",
    "rank",
    "model",
    "weights_sha256",
    "draft_text",
    "final_text",
    "edited",
    "word_edit_distance",
    "rated_at",
    "drafted_at",
    "measurements",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_INVISIBLE = "\ufeff\u200b\u2060\0"


@dataclass(frozen=True)
class RatedDraft:
    """A rating with the draft it is about, as one row of the export. Times are aware, in UTC.

    ``measurements`` are the sentences of what was measured on the study's images.
    """

    study_id: str
    image_id: str
    patient_id: str
    rater: str
    score: int
    comment: str
    seconds: float
    rank: int
    model: str
    weights_sha256: str
    draft_text: str
    final_text: str
    rated_at: datetime
    drafted_at: datetime
    measurements: tuple[str, ...] = ()


def export_ratings(
    rows: Iterable[RatedDraft],
    file: Path,
    *,
    pseudonymise: bool = False,
    secret: bytes = b"",
    bom: bool = False,
) -> int:
    """Write one row per rating to ``file`` (UTF-8, CRLF) and return how many there were.

    ``pseudonymise`` replaces patient, study and image ids by keyed pseudonyms (a StudyInstanceUID
    names a patient as surely as a number does); the same ``secret`` always gives the same
    pseudonyms, and without it nobody can compute them. **Reports, drafts, comments and the words of
    arrows are written as they are and the rater keeps the name: free text can still name a
    patient.** ``bom`` puts a
    byte order mark first, by which Excel knows UTF-8.

    Raises :class:`app.errors.StoreError` when the file can't be written; an existing file is then
    intact.
    """
    if pseudonymise and not secret:
        raise ValueError("pseudonyms need a secret")
    count = 0
    with replacing(file, encoding="utf-8-sig" if bom else "utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow(_cells(row, secret if pseudonymise else b""))
            count += 1
    return count


def pseudonym(secret: bytes, kind: str, identifier: str) -> str:
    """A stable stand-in for ``identifier``: HMAC-SHA256 (RFC 2104) with ``secret``, 64 bits in hex.

    ``kind`` (``patient``, ``study`` or ``image``) keeps equal ids of different things apart. An
    empty identifier stays empty.
    """
    if not identifier:
        return ""
    message = f"{kind}\0{identifier}".encode()
    return f"{kind}-{hmac.new(secret, message, hashlib.sha256).hexdigest()[:16]}"


def escaped(text: str) -> str:
    """``text`` with an apostrophe in front if a spreadsheet would take it for a formula."""
    visible = text.lstrip(_INVISIBLE + " \t\r\n\v\f\u00a0\u3000")
    if text.startswith(("\t", "\r")) or visible.startswith(_FORMULA_STARTS):
        return "'" + text
    return text


def iso_utc(moment: datetime) -> str:
    """An aware datetime as ISO 8601 in UTC, to the millisecond: ``2025-01-31T08:15:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cells(row: RatedDraft, secret: bytes) -> tuple[str | int | float, ...]:
    study_id, image_id, patient_id = row.study_id, row.image_id, row.patient_id
    if secret:
        study_id = pseudonym(secret, "study", study_id)
        image_id = pseudonym(secret, "image", image_id)
        patient_id = pseudonym(secret, "patient", patient_id)
    distance = word_edit_distance(row.draft_text, row.final_text)
    return (
        escaped(study_id),
        escaped(image_id),
        escaped(patient_id),
        escaped(row.rater),
        row.score,
        escaped(row.comment),
        round(row.seconds, 3),
        row.rank,
        escaped(row.model),
        escaped(row.weights_sha256),
        escaped(row.draft_text),
        escaped(row.final_text),
        "yes" if row.draft_text.strip() != row.final_text.strip() else "no",
        distance,
        iso_utc(row.rated_at),
        iso_utc(row.drafted_at),
        escaped("; ".join(row.measurements)),
    )
