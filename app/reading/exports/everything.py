"""All files of a finished study, one kind after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app import __version__
from app.files import write_text
from app.reading.analysis import pictures, wording
from app.reading.analysis.results import Results, analyse
from app.reading.exports import checklists, imrmc, long_csv, methods, pdf, r_script
from app.reading.exports.beforehand import Beforehand
from app.reading.exports.checklists import Facts
from app.reading.exports.claim import claim
from app.reading.exports.completeness import Completeness
from app.reading.exports.decide_ai import decide_ai
from app.reading.protocol import Protocol, Question
from app.reading.ratings import Score
from app.reading.study import Deed, withdrawn

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Finished:
    """An unblinded study: its scores with their arms, the opened key and the log.

    ``due``: how many ratings each reader of the protocol was to make (without training and hidden
    repeats).
    """

    protocol: Protocol
    scores: Sequence[Score]
    key: dict[str, Any]
    log: Sequence[Deed]
    due: Mapping[str, int]

    @property
    def models(self) -> list[str]:
        """Who made the machine's reports."""
        return sorted({entry["model"] for entry in self.key["items"] if entry["model"]})

    @property
    def title(self) -> str:
        return self.protocol.title or self.protocol.name

    def completeness(self, results: Results) -> Completeness:
        gone = withdrawn(self.log)
        kept = {reader: due for reader, due in self.due.items() if reader not in gone}
        return Completeness.of(results, kept, tuple(sorted(gone)))


def write(study: Finished, folder: Path, progress: Progress) -> list[Path]:
    """Analyse the study and write every file into ``folder``; returns them.

    ``progress(done, total)`` is called before each step and may raise to stop.
    """
    protocol, kinds = study.protocol, len(_KINDS)
    results = analyse(
        study.scores,
        protocol.design,
        protocol.margin,
        seed=protocol.seed,
        progress=lambda done, total: progress(done, total + kinds),
    )
    analysed = 1 + len(results.readers)
    written = []
    for number, kind in enumerate(_KINDS):
        progress(analysed + number, analysed + kinds)
        written += kind(study, results, folder)
    progress(analysed + kinds, analysed + kinds)
    return written


def _tables(study: Finished, _results: Results, folder: Path) -> list[Path]:
    protocol = study.protocol
    files = [
        folder / name
        for name in ("ratings.csv", "ratings-dictionary.csv", "imrmc.csv", "analysis.R")
    ]
    truth = {e["case"]: e["abnormal"] for e in study.key["items"] if e["abnormal"] is not None}
    questions = {question.key: _asked(question) for question in protocol.questions}
    long_csv.write(study.scores, questions, files[0])
    long_csv.write_dictionary(study.scores, questions, files[1])
    imrmc.write(study.scores, truth, files[2])
    r_script.write(protocol.design, protocol.margin, protocol.seed, files[3])
    return files


def _asked(question: Question) -> str:
    """A question with what could be answered."""
    choices = " / ".join(question.choices)
    return f"{question.text} ({choices})" if choices else question.text


def _report(study: Finished, results: Results, folder: Path) -> list[Path]:
    complete = study.completeness(results)
    before = Beforehand.of(study.key, study.protocol.readers)
    how = methods.paragraph(study.protocol, results, __version__, study.models, complete, before)
    text = f"# {study.title}\n\n{wording.markdown(results)}\n## Methods\n\n{how}\n"
    write_text(folder / "results.md", text)
    pdf.write(study.title, results, how, folder / "results.pdf")
    return [folder / "results.md", folder / "results.pdf"]


def _checklists(study: Finished, results: Results, folder: Path) -> list[Path]:
    complete = study.completeness(results)
    facts = Facts.of(study.protocol, results, __version__, study.key, study.log, complete)
    filled = checklists.write(claim(facts), folder, "checklist-claim")
    return filled + checklists.write(decide_ai(facts), folder, "checklist-decide-ai")


def _pictures(_study: Finished, results: Results, folder: Path) -> list[Path]:
    return pictures.draw(results, folder)


_KINDS: Final = (_tables, _report, _checklists, _pictures)
