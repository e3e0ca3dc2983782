"""The results in words and tables (Markdown), for the screen, the report and the command line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from app.reading.analysis.agreement import ENOUGH, Kappa
from app.reading.analysis.blinding import GUESSES, Blinding
from app.reading.analysis.comparison import Comparison, Interval
from app.reading.analysis.distribution import SCORES, Distribution, Proportion
from app.reading.analysis.results import Reading, Results
from app.reading.analysis.share_difference import Difference

Row = tuple[str, ...]
_ABSENT: Final = "–"
AGREEMENT: Final = (
    "The interval of kappa is asymptotic, or a bootstrap over the items where they are fewer than "
    f"{ENOUGH}; it is not given where a reading doesn't vary or both are the same; that "
    "of alpha is a bootstrap over the items"
)


_ACTIVE: Final = "Active seconds: pauses, idle time and the gaps between items are taken out."
_GUESSED: Final = (
    "James' index after Stat Med 1996;15:1421, Bang's after Control Clin Trials 2004;25:143; "
    "intervals by bootstrap over the cases."
)


def verdict(comparison: Comparison) -> str:
    """One sentence: what the study says about the margin, and nothing more."""
    found, margin = comparison.difference, number(comparison.margin)
    if math.isnan(found.value):
        return "One arm has no ratings, so nothing can be compared."
    mean = f"The machine's mean score is {number(found.value, sign=True)} points from the human"
    if math.isnan(found.low):
        return f"{mean} one; too few scores, or none that vary, for an interval and a verdict."
    limits = f"95 % {number(found.low)} to {number(found.high)}"
    if comparison.non_inferior:
        return f"{mean} one ({limits}), above −{margin}: non-inferior by the protocol's margin."
    if found.high < -comparison.margin:
        return f"{mean} one ({limits}), below −{margin}: inferior by the protocol's margin."
    return f"{mean} one ({limits}), which reaches −{margin}: non-inferiority is not shown."


def shares_table(results: Results) -> tuple[Row, list[Row]]:
    """Header and rows: per reader and arm the share of each score, and of 4 or 5."""
    scores = (str(score) for score in reversed(SCORES))
    header: Row = ("readers", "arm", "n", *scores, "acceptable (≥ 4)")
    rows = []
    for reading in (results.pooled, *results.readers):
        for arm in (reading.human, reading.machine):
            rows.append(_share_row(reading.reader or "all", arm))
    return header, rows


def main_table(results: Results) -> tuple[Row, list[Row]]:
    """Header and rows: pooled and per reader, what is compared."""
    header = ("figure", "all", *(reading.reader for reading in results.readers))
    readings = (results.pooled, *results.readers)
    rows: list[Row] = [
        ("cases, human and machine", *(_cases(one) for one in readings)),
        ("mean score, human", *(number(one.comparison.means[0]) for one in readings)),
        ("mean score, machine", *(number(one.comparison.means[1]) for one in readings)),
        ("difference of means", *(interval(one.comparison.difference) for one in readings)),
        ("non-inferior", *(_yes(one.comparison.non_inferior) for one in readings)),
        ("P(machine ≥ human)", *(interval(one.comparison.at_least) for one in readings)),
        ("P(machine > human) + ½ P(equal)", *(_superior(one) for one in readings)),
        ("difference of acceptable shares", *(_points(one.difference) for one in readings)),
    ]  # fmt: skip
    for place, test in enumerate(results.pooled.comparison.tests):
        found = [
            one.comparison.tests[place].p if one.comparison.tests else math.nan for one in readings
        ]
        rows.append((f"{test.name}, p", *(p_value(p) for p in found)))
    return header, rows


def agreement_table(results: Results) -> tuple[Row, list[Row]]:
    """Header and rows: κ per pair of readers and per reader with repeats, and α."""
    header = ("readers", "items", "quadratic-weighted κ or α", "identical scores")
    rows = [_kappa_row(f"{one.first} and {one.second}", one) for one in results.pairs]
    rows += [_kappa_row(f"{one.first}, hidden repeats", one) for one in results.repeats]
    alpha = results.alpha
    if alpha.readers > 1:
        found = interval(Interval(alpha.value, alpha.low, alpha.high))
        name = f"all {alpha.readers} (Krippendorff's ordinal α)"
        rows.append((name, str(alpha.items), found, _ABSENT))
    return header, rows


def times_table(results: Results) -> tuple[Row, list[Row]]:
    """Header and rows: active seconds per item and arm."""
    header = ("arm", "ratings", "median seconds (quartiles)", "median seconds to first input")
    rows: list[Row] = [
        (
            one.arm,
            str(one.items),
            f"{one.quartiles[1]:.1f} ({one.quartiles[0]:.1f} to {one.quartiles[2]:.1f})",
            f"{one.to_first:.1f}",
        )
        for one in results.times
    ]
    return header, rows


def blinding_table(blinding: Blinding) -> tuple[Row, list[Row]]:
    """Header and rows: guesses by arm, mean score by guess, and the indexes."""
    header = ("guess", "human reports", "machine reports", "mean score so guessed")
    by_guess = {guess: mean for guess, _, mean in blinding.score_by_guess}
    rows: list[Row] = [
        (guess, str(counts[0]), str(counts[1]), number(by_guess.get(guess, math.nan)))
        for guess, counts in zip(GUESSES, blinding.counts, strict=True)
    ]
    rows += [
        ("right among those who guessed", "", "", _percent(blinding.correct)),
        ("James' index (0.5: random)", "", "", interval(blinding.james)),
        ("Bang's index (0: random)", interval(blinding.bang[0]), interval(blinding.bang[1]), ""),
    ]
    return header, rows


def shares_method(results: Results) -> str:
    """What the intervals of acceptable shares are, as the end of "they have …"."""
    pooled = (
        ", which take every rating as independent and are somewhat too narrow for all readers "
        "together, who rate the same cases"
    )
    return f"Wilson's intervals{pooled if len(results.readers) > 1 else ''}"


def difference_method(results: Results) -> str:
    """What the interval of the difference of acceptable shares is, as the end of "it has …"."""
    shares, page = {
        "unpaired": ("two independent shares", 873),
        "paired": ("paired shares", 2635),
    }[results.design]
    one = f"Newcombe's interval for {shares} (Stat Med 1998;17:{page}, method 10)"
    if len(results.readers) < 2:
        return one
    return f"a bootstrap interval clustered by case, and for each reader alone {one}"


def tables(results: Results) -> list[tuple[str, Row, list[Row], str]]:
    """Heading, header, rows and a note on the method ("" for none) of every table, in order."""
    paired = (
        " A reader counts for a case with both scores or not at all."
        if results.design == "paired"
        else ""
    )
    shares = f"Acceptable shares have {shares_method(results)}."
    gap = f"The difference of acceptable shares has {difference_method(results)}.{paired}"
    made = [
        ("Scores, % of ratings", *shares_table(results), shares),
        ("Machine against human", *main_table(results), gap),
        ("Agreement of the readers", *agreement_table(results), f"{AGREEMENT}."),
        ("Time", *times_table(results), _ACTIVE),
    ]
    if results.blinding is not None:
        made.append(("Was it blind?", *blinding_table(results.blinding), _GUESSED))
    return made


def markdown(results: Results) -> str:
    """All of it as one Markdown text."""
    parts = [verdict(results.pooled.comparison)]
    for heading, header, rows, note in tables(results):
        parts += [f"## {heading}", _table(header, rows), *([note] if note else [])]
    return "\n\n".join(parts) + "\n"


def number(value: float, *, sign: bool = False) -> str:
    """Two decimals with a real minus; a dash for what is not known."""
    if math.isnan(value):
        return _ABSENT
    rounded = round(value, 2) + 0.0  # no minus before a zero
    return f"{rounded:{'+' if sign else ''}.2f}".replace("-", "−")


def interval(found: Interval) -> str:
    """Two decimals, with a dash for an interval that can't be given."""
    if math.isnan(found.value):
        return _ABSENT
    if math.isnan(found.low):
        return f"{number(found.value)} ({_ABSENT})"
    return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"


def p_value(p: float) -> str:
    if math.isnan(p):
        return _ABSENT
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _share_row(name: str, arm: Distribution) -> Row:
    shares = (arm.share(score) for score in reversed(SCORES))
    cells = tuple(_ABSENT if math.isnan(share) else f"{100 * share:.0f}" for share in shares)
    return (name, arm.arm, str(arm.total), *cells, _proportion(arm.acceptable))


def _proportion(found: Proportion) -> str:
    if not found.of:
        return _ABSENT
    return f"{100 * found.share:.0f} ({100 * found.low:.0f} to {100 * found.high:.0f})"


def _points(found: Difference) -> str:
    if math.isnan(found.value):
        return _ABSENT
    points = f"{number(100 * found.value)} points"
    if math.isnan(found.low):
        return f"{points} ({_ABSENT})"
    return f"{points} ({number(100 * found.low)} to {number(100 * found.high)})"


def _percent(found: Interval) -> str:
    if math.isnan(found.value):
        return _ABSENT
    return f"{100 * found.value:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"


def _cases(reading: Reading) -> str:
    human, machine = reading.comparison.cases
    return f"{human} and {machine}"


def _kappa_row(name: str, found: Kappa) -> Row:
    value = interval(Interval(found.value, found.low, found.high))
    same = _ABSENT if math.isnan(found.identical) else f"{100 * found.identical:.0f} %"
    return (name, str(found.items), value, same)


def _superior(reading: Reading) -> str:
    return interval(reading.comparison.superiority)


def _yes(value: bool) -> str:
    return "yes" if value else "not shown"


def _table(header: Row, rows: Sequence[Row]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
