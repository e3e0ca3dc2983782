"""A methods paragraph, filled from the protocol and from what was read; nothing is made up."""

from __future__ import annotations

from collections.abc import Sequence

from app.reading.analysis.results import Results
from app.reading.protocol import Protocol

_DESIGN = {
    "unpaired": "Human and machine reports belonged to different images, drawn at random",
    "paired": "Every image was shown with its human and with its machine report, drawn at random "
    "which came first",
}
_STRATA = {
    "": "",
    "truth": ", stratified by normal and abnormal",
    "length": ", stratified by the length of the human report",
}
_TESTS = {
    "unpaired": "the Mann-Whitney and the Brunner-Munzel test on the cases' means",
    "paired": "the Wilcoxon signed-rank test on the cases' means",
}


def paragraph(protocol: Protocol, results: Results, version: str, models: Sequence[str]) -> str:
    """Plain text; ``version`` is the program's, ``models`` are who made the machine's reports."""
    count = len(results.readers)
    human, machine = results.pooled.comparison.cases
    washout = (
        f" A washout of {protocol.washout_days} days was planned between the two."
        if protocol.design == "paired"
        else ""
    )
    training = (
        f" {protocol.training} training items came first and are in no result."
        if protocol.training
        else ""
    )
    repeats = (
        f" {protocol.repeats} items were shown a second time, unannounced, to measure each "
        "reader's constancy."
        if protocol.repeats
        else ""
    )
    asked = ", ".join(question.text.rstrip("?") for question in protocol.questions)
    questions = f" Beside the score was asked: {asked}." if asked else ""
    back = "could" if protocol.going_back else "could not"
    return (
        f"{_DESIGN[protocol.design]} (seed {protocol.seed}{_STRATA[protocol.stratify]}): {human} "
        f"human and {machine} machine cases were read.{washout} Machine reports were made "
        f"before the study ({'; '.join(models)}; {protocol.choice}). All texts went through one "
        f"normaliser; images were copied without metadata under random codes.{training}{repeats} "
        f"{count} reader{'' if count == 1 else 's'} scored every report from 1 to 5 without "
        f"knowing its origin, each in an order of their own; they {back} go back to a settled "
        f"item.{questions} The key was sealed until the reading was locked. The margin of "
        f"non-inferiority, {protocol.margin:g} points, was fixed beforehand. The difference of "
        f"means has a bootstrap interval clustered by case; the arms were compared by "
        f"{_TESTS[protocol.design]}; shares of scores of at least 4 have Wilson's intervals, "
        "their difference Newcombe's; agreement is quadratic-weighted kappa and Krippendorff's "
        f"ordinal alpha. Reading Room {version}; protocol sha256 {protocol.sha256}."
    )
