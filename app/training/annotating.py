"""A report as one short annotation: a finding, where it is, on which side, how much of it.

The recurrent cascade (Shin et al., CVPR 2016) learns sequences like "opacity lung base left mild",
at most five words, the finding first. Indiana University's collection has them as MeSH headings
("Opacity/lung/base/left/mild"). Elsewhere they are read off the report by the labeller's rules: the
first finding that it calls present, with the place, the side and the degree that stand in the same
sentence. A heading of several words is one word here ("pleural-effusion"), so that the finding
stays the first.
"""

from __future__ import annotations

import re
from dataclasses import replace

from app.training.archive import Archive
from app.training.corpora.headings import one_word
from app.training.labels import Certainty, mentions, no_finding
from app.training.labels.mentions import sentences

NORMAL = "normal"

_IN_LUNG = "lung"
_NAMES = {
    "Lung Opacity": ("opacity", _IN_LUNG),
    "Lung Lesion": ("lesion", _IN_LUNG),
    "Edema": ("pulmonary-edema", ""),
    "Atelectasis": ("pulmonary-atelectasis", ""),
    "Pleural Other": ("pleural-abnormality", ""),
    "Fracture": ("fractures-bone", ""),
    "Support Devices": ("implanted-medical-device", ""),
    "Consolidation": ("consolidation", _IN_LUNG),
    "Infiltration": ("infiltrate", _IN_LUNG),
    "Mass": ("mass", _IN_LUNG),
    "Nodule": ("nodule", _IN_LUNG),
    "Fibrosis": ("pulmonary-fibrosis", ""),
}
"""Findings of the labeller → the heading, and the organ that MeSH would name behind it."""

_WIDE = ("Lung Opacity", "Lung Lesion")
"""Findings that take in others of the labeller's."""

_PLACES = {
    "upper-lobe": r"upper (?:lobe|zone|field|lung)",
    "middle-lobe": r"mid(?:dle)? (?:lobe|zone|field|lung)",
    "lower-lobe": r"lower (?:lobe|zone|field|lung)",
    "base": r"bas(?:e|es|al|ilar|ally)\b",
    "apex": r"ap(?:ex|ices|ical)\b",
    "hilum": r"(?:peri)?hil(?:um|ar|i)\b",
    "lingula": r"lingul",
    "retrocardiac": r"retrocardiac",
    "mediastinum": r"mediastin",
}
_SIDES = {
    "bilateral": r"bilateral|both (?:lung|side|hemi)|left and right|right and left",
    "left": r"\bleft\b",
    "right": r"\bright\b",
}
_DEGREES = {
    "mild": r"\bmild|minimal|slight",
    "moderate": r"\bmoderate",
    "severe": r"\bsevere|massive|extensive|marked",
    "small": r"\bsmall|tiny",
    "large": r"\blarge\b|\bhuge",
    "diffuse": r"\bdiffuse",
    "multiple": r"\bmultiple|\bmany\b|numerous",
}


def of_report(report: str) -> str:
    """The annotation that the labeller's rules read off ``report``, "" where it tells nothing.

    A report without anything abnormal is "normal".
    """
    spans = list(sentences(report))
    present = [one for one in mentions(report) if one.certainty is Certainty.PRESENT]
    # A device is no disease: it is named only where nothing else is. "Nodule" is a lesion as well:
    # the narrower name holds.
    present.sort(
        key=lambda one: (one.finding == "Support Devices", one.start, one.finding in _WIDE)
    )
    for mention in present:
        for start, end in spans:
            if start <= mention.start < end:
                return _sequence(mention.finding, report[start:end].lower())
    return NORMAL if no_finding(report) else ""


def annotated(archive: Archive) -> Archive:
    """The archive with annotations for reports; a case that tells nothing keeps none. The labels
    stay those that the whole reports tell.
    """
    cases, texts = (
        [
            replace(case, report=case.annotation or (of_report(case.report) if case.report else ""))
            for case in some
        ]
        for some in (archive.cases, archive.texts)
    )
    return replace(archive, cases=cases, texts=[case for case in texts if case.report])


def _sequence(finding: str, sentence: str) -> str:
    name, organ = _NAMES.get(finding, (one_word(finding), ""))
    place = _first(_PLACES, sentence)
    words = [name, organ, place, _first(_SIDES, sentence), _first(_DEGREES, sentence)]
    return " ".join(word for word in words if word)


def _first(table: dict[str, str], sentence: str) -> str:
    """The entry of ``table`` that is found; of several the first in the table."""
    return next((name for name, told in table.items() if re.search(told, sentence)), "")
