"""METEOR, computed by its authors' Java program.

METEOR 1.5 (Denkowski and Lavie 2014) lies in pycocoevalcap as a Java archive. It counts matching
words, stems, synonyms and paraphrases of each pair; the score is made of these counts here, as the
program itself makes it, so that intervals can be had. Where Java or the package is missing, METEOR
is left out with the reason.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np

from app.errors import AppError
from app.training.evaluation.bootstrap import Additive, FloatArray
from app.training.evaluation.overlap import Words

ALPHA, BETA, GAMMA, DELTA = 0.85, 0.2, 0.6, 0.75
"""The program's parameters for English (its README, "Language: en")."""

STAGES = (1.0, 0.6, 0.8, 0.6)
"""Weights of a match by the word itself, its stem, a synonym, a paraphrase."""

COUNTS = 23


class MeteorError(AppError):
    """METEOR can't be computed here; ``message`` says why."""


def archive() -> Path:
    """Where the Java archive lies. Raises :class:`MeteorError` when Java or the package is
    missing.
    """
    if shutil.which("java") is None:
        raise MeteorError(
            "METEOR is left out, because Java is not installed.",
            "Install a Java runtime (version 8 or later).",
        )
    found = importlib.util.find_spec("pycocoevalcap")
    for folder in found.submodule_search_locations or () if found else ():
        file = Path(folder) / "meteor" / "meteor-1.5.jar"
        if file.is_file():
            return file
    raise MeteorError(
        "METEOR is left out, because pycocoevalcap is not installed.",
        "Install it with: pip install 'readingroom[evaluate]'.",
    )


def started(stack: ExitStack, language: str, notes: list[str]) -> Meteor | None:
    """The program, ended with ``stack``; None with a sentence in ``notes`` where there is none."""
    if language != "en":
        notes.append("METEOR and findings are left out: their rules are for English.")
        return None
    try:
        return stack.enter_context(Meteor())
    except MeteorError as error:
        notes.append(error.message)
        return None


class Meteor:
    """The running program; a context manager. Starting takes seconds, a pair a millisecond."""

    def __init__(self) -> None:
        file = archive()
        command = ["java", "-Xmx2G", "-jar", file.name, "-", "-", "-stdio", "-l", "en", "-norm"]
        self._process = subprocess.Popen(
            command,
            cwd=file.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def __enter__(self) -> Meteor:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.communicate()

    def measure(self, drafts: Sequence[Words], reports: Sequence[Words]) -> Additive:
        """METEOR of a corpus. Raises :class:`MeteorError` when the program has ended."""
        rows = [self._counts(draft, report) for draft, report in zip(drafts, reports, strict=True)]
        return additive(np.array(rows, np.float64).reshape(-1, COUNTS))

    def _counts(self, draft: Words, report: Words) -> list[float]:
        line = self._ask(f"SCORE ||| {' '.join(report)} ||| {' '.join(draft)}")
        try:
            counts = [float(number) for number in line.split()]
        except ValueError:
            counts = []
        if len(counts) != COUNTS:
            raise MeteorError(
                "METEOR is left out, because its Java program ended or answered otherwise than "
                "expected.",
                "Check `java -version`.",
            )
        return counts

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            return self._process.stdout.readline()
        except OSError:
            return ""


def additive(counts: FloatArray) -> Additive:
    """METEOR of the pairs' counts (n, 23), as the program adds them up: a draft that is its report,
    word for word, is not broken at all and adds no chunk.
    """
    counts = counts.copy()
    whole = (counts[:, 21:23] == counts[:, 0:2]).all(axis=1) & (counts[:, 20] == 1)
    counts[whole, 20] = 0.0
    return Additive(counts, score)


def score(totals: FloatArray) -> FloatArray:
    """(b, 23) summed counts → (b,) METEOR (Denkowski and Lavie 2014, equations 1 to 5).

    The counts: words of draft and report, function words of each; for each of the four stages
    content words matched in draft and report, function words matched in each; chunks, matched words
    of draft and report.
    """
    weights = np.array(STAGES)
    draft, report, draft_function, report_function = totals[:, :4].T
    stages = totals[:, 4:20].reshape(-1, 4, 4)
    content, function = stages[:, :, 0:2], stages[:, :, 2:4]
    matched = np.einsum("s,bsd->bd", weights, DELTA * content + (1 - DELTA) * function)
    lengths = [
        DELTA * (words - functional) + (1 - DELTA) * functional
        for words, functional in ((draft, draft_function), (report, report_function))
    ]
    chunks, matches = totals[:, 20], totals[:, 21:23].mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall = (matched / np.stack(lengths, axis=1)).T
        mean = precision * recall / (ALPHA * precision + (1 - ALPHA) * recall)
        figure: FloatArray = (1 - GAMMA * (chunks / matches) ** BETA) * mean
    return np.nan_to_num(figure, nan=0.0)
