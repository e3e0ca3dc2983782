"""Raw report or its parts → the sentences to learn, by the options ``sections`` and ``words``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.training.cleaning import CAPTIONS, REPORTS
from app.training.cleaning.sections import split
from app.training.corpora.cases import ImportReport

SECTIONS = ("findings", "impression")


def learned(parts: Mapping[str, str], report: ImportReport, options: Mapping[str, Any]) -> str:
    """The cleaned sentences of the wanted sections of ``parts``, in the order of ``sections``."""
    rules = CAPTIONS if options.get("cleaning") == "captions" else REPORTS
    wanted = options.get("sections") or SECTIONS
    # A line break ends no sentence, but an empty part between two sections must.
    bodies = [" ".join(parts.get(name, "").split()).rstrip(". ") for name in wanted]
    text = ". ".join(body for body in bodies if body)
    return rules.clean(text, report.rules, options.get("words"))


def of_report(text: str, report: ImportReport, options: Mapping[str, Any]) -> str:
    """The same for one raw text with its headings; a caption has none."""
    if options.get("cleaning") == "captions":
        text = " ".join(text.split())
        return CAPTIONS.clean(text, report.rules, options.get("words"))
    return learned(split(text), report, options)
