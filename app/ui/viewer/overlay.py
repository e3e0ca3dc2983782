"""The words over the image: who, when, how it is shown.

The lines are made by a plain function, so that "hide identity" can be tested on what would be
written and not on pixels; painting them is a separate step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.imaging.appearance import badges
from app.imaging.person_name import as_written
from app.imaging.radiograph import Patient, Radiograph, View

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_VIEWS = {View.PA: "PA", View.AP: "AP", View.LATERAL: "Lateral", View.OTHER: "Other view"}
_AGE_UNITS = {"Y": "y", "M": "months", "W": "weeks", "D": "days"}
_LONGEST_CAPTION = 56
_MOST_BADGES = 3
KEY_IMAGE = "Key image"
LEAD = "where the model looked"
"""What a map of attention is called; others bring words of their own."""


@dataclass(frozen=True)
class Corners:
    """Lines per corner of a pane, top line first. The map's caption is (lead, quoted, rest).

    A key image says so under the lines at the top right, an image of a prior study above all else.
    ``odd`` is one quiet line under those at the bottom left: what limits or contradicts the image.
    """

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    key_image: bool = False
    attention: tuple[str, str, str] | None = None
    prior: str = ""
    odd: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line that is written anywhere in the pane."""
        caption = ("".join(self.attention),) if self.attention else ()
        marked = (KEY_IMAGE,) if self.key_image else ()
        prior = (self.prior,) if self.prior else ()
        odd = (self.odd,) if self.odd else ()
        return prior + self.top_left + self.top_right + marked + self.bottom_left + odd + caption


def patient_lines(radiograph: Radiograph, identity_hidden: bool) -> tuple[str, ...]:
    """Name, id, sex and age; with ``identity_hidden`` only sex and age, and that it is hidden."""
    patient = radiograph.patient
    about = " ".join(part for part in (patient.sex, age_of(radiograph)) if part)
    lines: tuple[str, ...] = (about, "identity hidden")
    if not identity_hidden:
        lines = (display_name(patient), patient.patient_id, about)
    return tuple(dict.fromkeys(line for line in lines if line))


def study_lines(radiograph: Radiograph, identity_hidden: bool) -> tuple[str, ...]:
    """View, date and time, description (free text, which may name the patient: not when hidden)."""
    header = radiograph.header
    when = f"{display_date(header.study_date)} {display_time(header.study_time)}".strip()
    described = header.study_description or header.series_description
    description = "" if identity_hidden else described
    return tuple(line for line in (_VIEWS.get(radiograph.view, ""), when, description) if line)


def blinded(words: tuple[str, ...], turned: Sequence[str], window: str) -> Corners:
    """``words``, how the reader has turned it, the window: size, badges and file tell a source."""
    return Corners(
        top_left=words, bottom_left=tuple(line for line in (" · ".join(turned), window) if line)
    )


def prior_title(prior_date: str, current_date: str) -> str:
    """``PRIOR · 12 Mar 2024 · 8 months before``; dates as in DICOM."""
    parts = ("PRIOR", display_date(prior_date), time_before(prior_date, current_date))
    return " · ".join(part for part in parts if part)


def time_before(earlier: str, later: str) -> str:
    """How long before: ``3 days before``, ``8 months before``; empty where a date is missing."""
    first, second = _date(earlier), _date(later)
    if first is None or second is None or second <= first:
        return ""
    days = (second - first).days
    months = 12 * (second.year - first.year) + second.month - first.month
    months -= second.day < first.day
    for count, unit in ((months // 12, "year"), (months, "month"), (days // 7, "week")):
        if count >= 2:
            return f"{count} {unit}s before"
    return f"{days} days before" if days > 1 else "1 day before"


def odd_line(radiograph: Radiograph) -> str:
    """The first few badges by their labels; their sentences stand in the box that explains."""
    return " · ".join(badge.label for badge in badges(radiograph)[:_MOST_BADGES])


def caption(subject: str, opacity: float, lead: str = LEAD) -> tuple[str, str, str]:
    """``where the model looked for “effusion” · opacity 60 %`` as lead, quoted and rest.

    ``lead`` says what the map is; a map that isn't attention has another one.
    """
    words = subject.strip()
    if len(words) > _LONGEST_CAPTION:
        words = words[: _LONGEST_CAPTION - 1].rstrip() + "…"
    rest = f" · opacity {opacity * 100:.0f} %"
    if not words:
        return lead, "", rest
    return f"{lead} for ", f"“{words}”", rest


def display_name(patient: Patient) -> str:
    """The patient's name as people write it, whichever form it was kept in."""
    return as_written(patient.name)


def age_of(radiograph: Radiograph) -> str:
    """The patient's age from the file (VR AS), else from birth and study date; may be empty."""
    age = radiograph.patient.age.strip().upper()
    if len(age) >= 2 and age[:-1].isdigit() and age[-1] in _AGE_UNITS:
        return f"{int(age[:-1])} {_AGE_UNITS[age[-1]]}"
    if age.isdigit():
        return f"{int(age)} y"
    born, taken = _date(radiograph.patient.birth_date), _date(radiograph.header.study_date)
    if born is None or taken is None or taken < born:
        return ""
    return f"{taken.year - born.year - ((taken.month, taken.day) < (born.month, born.day))} y"


def display_date(text: str) -> str:
    """``20261120`` → ``20 Nov 2026``; anything else unchanged, never a failure."""
    day = _date(text)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day else text.strip()


def display_time(text: str) -> str:
    """``104207.5`` → ``10:42``; empty when it is not a time."""
    digits = text.strip()[:4]
    return f"{digits[:2]}:{digits[2:]}" if len(digits) == 4 and digits.isdigit() else ""


def _date(text: str) -> date | None:
    digits = text.strip().replace(".", "").replace("-", "")
    if len(digits) != 8 or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
