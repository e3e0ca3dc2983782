"""Where a taken sentence goes in a report, so that it stands there as a sentence of its own."""

from __future__ import annotations

from dataclasses import dataclass

from app.reporting.provenance import split_sentences


@dataclass(frozen=True)
class Insertion:
    """Replace ``report[start:end]`` by ``text``: one step, and one step to undo."""

    start: int
    end: int
    text: str

    def applied_to(self, report: str) -> str:
        """The report after the insertion."""
        return report[: self.start] + self.text + report[self.end :]


def at_cursor(report: str, cursor: int, addition: str) -> Insertion:
    """Insert ``addition`` at the offset ``cursor``, behind the sentence that it stands in.

    Spaces are added where they are missing, and line breaks where a missing full stop would melt
    two sentences into one. A blank report is replaced.
    """
    if not report.strip():
        return Insertion(0, len(report), addition)
    for start, end in split_sentences(report):
        if start < cursor < end:
            cursor = end
    before, after = report[:cursor], report[cursor:]
    return Insertion(
        cursor, cursor, _gap_before(before, addition) + addition + _gap_after(addition, after)
    )


def appended(report: str, addition: str) -> Insertion:
    """Put ``addition`` on a line of its own at the report's end; a blank report is replaced."""
    if not report.strip():
        return Insertion(0, len(report), addition)
    end = len(report.rstrip())
    return Insertion(end, len(report), "\n" + addition)


def _gap_before(before: str, addition: str) -> str:
    if not before or before.endswith("\n"):
        return ""
    gap = "" if before[-1].isspace() else " "
    joined = before + gap + addition
    own = any(start == len(before + gap) for start, _ in split_sentences(joined))
    return gap if own else "\n"


def _gap_after(addition: str, after: str) -> str:
    if not after or after.startswith("\n"):
        return ""
    gap = "" if after[0].isspace() else " "
    own = any(end == len(addition) for _, end in split_sentences(addition + gap + after))
    return gap if own else "\n"
