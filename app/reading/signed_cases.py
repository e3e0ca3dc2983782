"""Cases out of the program's own database: studies whose report was signed.

A report that holds sentences of the machine is no human report, so such a study is never a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import StudyError
from app.imaging.radiograph import View
from app.imaging.study import Study, found_again, is_archive
from app.reading.cases import Case
from app.reporting.provenance import sentences
from app.reporting.record import SignedStudy
from app.reporting.report import Provenance

MACHINE: Final = "the signed report holds sentences of the machine's drafts"
EMPTY: Final = "the signed report is empty"
GONE: Final = "the image is missing or can't be read"
PACKED: Final = "the image lies in a ZIP archive: unpack it and open the folder"
NO_FRONTAL: Final = "there is no frontal image"

NOBODY: Final = ""
"""The code of somebody who reads nothing in this study."""


@dataclass(frozen=True)
class Gathered:
    """The cases, and of the studies that are none how many there are by reason.

    ``drafted_before`` counts the cases whose author may have seen the machine's drafts before
    signing.
    """

    cases: tuple[Case, ...]
    left_out: Mapping[str, int]
    drafted_before: int

    def sentences(self) -> tuple[str, ...]:
        """What the coordinator should know about them, a sentence each."""
        said = [f"{len(self.cases)} studies of the database can be cases."]
        said += [f"{count} left out: {why}." for why, count in self.left_out.items()]
        if self.drafted_before:
            said.append(
                f"Of {self.drafted_before} cases the machine's drafts stood in the window before "
                "the report was signed: they may have led its author."
            )
        return tuple(said)


def people_of(studies: Iterable[SignedStudy]) -> tuple[str, ...]:
    """The names of everybody who had one of ``studies`` before them."""
    return tuple(sorted({name for study in studies for name in study.people}))


def codes(
    names: Sequence[str], readers: Sequence[str], told: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """Every name's code in the study, :data:`NOBODY` for people who read nothing in it.

    ``told`` are pairs of a name and a code; a name that is a code needs no telling. Raises
    :class:`StudyError` for a name that isn't there, a code that isn't in the study and a name whose
    code isn't told: a reader must not be shown a case of their own.
    """
    by_name = {_plain(name): name for name in names}
    made = {name: code for name in names for code in readers if _plain(code) == _plain(name)}
    for name, code in told:
        if _plain(name) not in by_name:
            raise StudyError(
                f"Nobody called {name} signed or opened one of these studies.",
                f"These did: {', '.join(names)}.",
            )
        if code not in (*readers, NOBODY):
            raise StudyError(
                f"There is no reader {code} in the protocol.", f"Its readers: {', '.join(readers)}."
            )
        made[by_name[_plain(name)]] = code
    if unknown := [name for name in names if name not in made]:
        raise StudyError(
            f"Which readers are {', '.join(unknown)}? They signed or opened studies that could "
            "become cases, and a reader is never shown a case they know.",
            f'Say so with --person "{unknown[0]}={readers[0]}", or with --person "{unknown[0]}=" '
            "for somebody who reads nothing in this study.",
        )
    return made


def gather(
    studies: Sequence[SignedStudy],
    people: Mapping[str, str],
    progress: Callable[[int], None] = lambda done: None,
) -> Gathered:
    """``studies`` as cases S0001, S0002, …; ``people`` maps names to codes (see :func:`codes`).

    The image is the study's first frontal one. ``progress`` hears how many studies are behind.
    Raises :class:`StudyError` when not one of them can be a case.
    """
    known: dict[str, Study] = {}
    why_not: Counter[str] = Counter()
    made = []
    drafted = 0
    for number, study in enumerate(studies, 1):
        found = _image(study, known) if (why := _no_report(study)) is None else why
        if isinstance(found, Path):
            made.append(_case(f"S{number:04}", study, found, people))
            drafted += study.drafted_before
        else:
            why_not[found] += 1
        progress(number)
    if not studies:
        raise StudyError(
            "No study in the database has a signed report.",
            "Sign reports in the window first, or give a list of cases.",
        )
    if not made:
        reasons = "; ".join(f"{count}: {why}" for why, count in why_not.items())
        raise StudyError(
            f"None of the {len(studies)} studies with a signed report can be a case ({reasons}).",
            "Mend that, or give a list of cases.",
        )
    return Gathered(tuple(made), dict(why_not), drafted)


def _no_report(study: SignedStudy) -> str | None:
    text = study.report.text
    if not text.strip():
        return EMPTY
    written = [
        one.provenance is Provenance.WRITTEN for one in sentences(text, study.report.sources)
    ]
    return None if all(written) else MACHINE


def _image(study: SignedStudy, known: dict[str, Study]) -> Path | str:
    """The file of the first frontal image, or why there is none."""
    record = study.study
    try:
        if record.paths and is_archive(record.paths[0]):
            return PACKED
        images = found_again(record.study_id, record.paths, known).images
    except StudyError:
        return GONE
    frontal = [one for one in images if one.view not in (View.LATERAL, View.OTHER)]
    if not frontal:
        return NO_FRONTAL
    return frontal[0].path if frontal[0].path.is_file() else GONE


def _case(name: str, study: SignedStudy, image: Path, people: Mapping[str, str]) -> Case:
    author, patient = study.report.author, study.study.patient
    return Case(
        case=name,
        image=image,
        report=study.report.text,
        patient=patient.patient_id,
        author=people.get(author) or author,
        drafted_by=tuple(sorted({people.get(one, NOBODY) for one in study.people} - {NOBODY})),
        names=tuple(sorted({patient.name, author, *study.people} - {""})),
    )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
