"""Input for the FDA's iMRMC: reader, case, modality, score.

The format is that of iMRMC's user manual ("Study raw data"): a free description, the sizes N0, N1,
NR and NM, ``BEGIN DATA:`` and rows of four fields separated by commas alone. Reader ``-1`` names
each case's truth once: 1 abnormal, 0 normal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from app.files import replacing
from app.reading.analysis.table import ARMS, Table
from app.reading.ratings import Score


def write(scores: Iterable[Score], abnormal: Mapping[str, bool], file: Path) -> None:
    """Write the ratings without training and repeats; ``abnormal`` by case, where known.

    A score here says how good a report is, not how likely a disease is, so iMRMC's area under the
    curve means nothing for it; its analyses of binary performance (score ≥ 4) and of score
    differences do. Cases of unknown truth are written as abnormal, which those two don't use.
    """
    table = Table.of(scores)
    cases = sorted({score.case for score in table.scores})
    truth = {case: int(abnormal.get(case, True)) for case in cases}
    unknown = sum(case not in abnormal for case in cases)
    present = [arm for arm in ARMS if table.of_arm(arm)]
    lines = [
        "Blinded reader study of reports: scores 1 to 5 by the rubric; modality = arm.",
        "The score rates a report. Use the analyses of binary performance and score difference.",
        f"Cases whose truth is not known and is written as 1: {unknown}",
        f"N0: {len(cases) - sum(truth.values())}",
        f"N1: {sum(truth.values())}",
        f"NR: {len(table.readers)}",
        f"NM: {len(present)}",
        "BEGIN DATA:",
    ]
    lines += [f"-1,{_field(case)},0,{truth[case]}" for case in cases]
    lines += [
        f"{_field(score.reader)},{_field(score.case)},{score.arm},{score.score}"
        for score in sorted(table.scores, key=lambda s: (s.reader, s.case, s.arm))
    ]
    with replacing(file, encoding="utf-8", newline="\n") as handle:
        handle.write("\n".join(lines) + "\n")


def _field(text: str) -> str:
    """An id without commas, blanks or a leading -1, which the format would misread."""
    safe = "_".join(text.replace(",", " ").split()) or "_"
    return f"_{safe}" if safe == "-1" else safe
