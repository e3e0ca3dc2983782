"""A methods paragraph, filled from the protocol and from what was read; nothing is made up."""

from __future__ import annotations

from collections.abc import Sequence

from app.reading.analysis import wording
from app.reading.analysis.results import Results
from app.reading.exports.beforehand import Beforehand
from app.reading.exports.completeness import Completeness
from app.reading.preparation import GIVEN
from app.reading.protocol import Protocol

DESIGN = {
    "unpaired": "Human and machine reports belonged to different images, drawn at random",
    "paired": "Every image was shown with its human and with its machine report, drawn at random "
    "which came first",
}
STRATA = {
    "": "",
    "truth": ", stratified by normal and abnormal",
    "length": ", stratified by the length of the human report",
}
DRAFTS = {"rank 1": "the first-ranked draft", "best": "the most probable draft per word"}
TESTS = {
    "unpaired": "the Mann-Whitney and the Brunner-Munzel test on the cases' means",
    "paired": "the Wilcoxon signed-rank test (zeros ranked after Pratt) on the cases' means",
}


def paragraph(
    protocol: Protocol,
    results: Results,
    version: str,
    models: Sequence[str],
    complete: Completeness,
    before: Beforehand,
) -> str:
    """Plain text; ``version`` is the program's, ``models`` are who made the machine's reports."""
    human, machine = results.pooled.comparison.cases
    washout = (
        f" A washout of {protocol.washout_days} day{'' if protocol.washout_days == 1 else 's'} was "
        "planned between the two."
        if protocol.design == "paired"
        else ""
    )
    training = (
        f" First came {before.items(protocol.training)} training "
        f"item{'' if protocol.training == 1 else 's'}, in no result."
        if protocol.training
        else ""
    )
    repeats = (
        f" To measure each reader's constancy, {before.items(protocol.repeats)} of the others came "
        "a second time, unannounced."
        if protocol.repeats
        else ""
    )
    asked = ", ".join(question.text.rstrip("?") for question in protocol.questions)
    questions = f" Beside the score was asked: {asked}." if asked else ""
    reworded = f", and {before.rewording}" if before.rewording else ""
    left = f" {before.left}" if before.left else ""
    back = "could" if protocol.going_back else "could not"
    return (
        f"{DESIGN[protocol.design]} (seed {protocol.seed} and the secret in the key"
        f"{STRATA[protocol.stratify]}): {human} human and {machine} machine cases were "
        f"read.{washout} Machine reports were made before the study ({made_by(protocol, models)}). "
        f"All texts went through one normaliser{reworded}; images were copied "
        f"without metadata under random codes.{left}{training}{repeats} "
        f"{_scored(complete)} without knowing their origin, each reader in an order of their own; "
        f"they {back} go back to a settled item.{_missing(complete)}{questions} The key was sealed "
        f"until the reading was locked. The margin of non-inferiority, {protocol.margin:g} points, "
        "was fixed beforehand. The difference of means and the probability that a machine's "
        "score is at least a human one have bootstrap intervals clustered by case; "
        f"the arms were compared by {TESTS[protocol.design]}; shares of scores of at least 4 have "
        f"{wording.shares_method(results)}; their difference has "
        f"{wording.difference_method(results)}; agreement is quadratic-weighted kappa and "
        f"Krippendorff's ordinal alpha. {wording.AGREEMENT}. Reading Room {version}; protocol "
        f"sha256 {protocol.sha256}."
    )


def made_by(protocol: Protocol, models: Sequence[str]) -> str:
    """Who made the machine's reports, and which of the drafts is used where they were drafted."""
    drafted = set(models) - {GIVEN}
    return "; ".join([*models, *([DRAFTS[protocol.choice]] if drafted else [])])


def _scored(complete: Completeness) -> str:
    """Who scored how much: "every report" only where nobody was to be shown fewer."""
    count = len(complete.readers)
    readers = f"{count} reader{'' if count == 1 else 's'} scored"
    if not complete.whole:
        return (
            f"{readers} reports from 1 to 5 ({complete.made} of {complete.due} ratings due: "
            f"{complete.each})"
        )
    if len({due for _, _, due in complete.readers}) > 1:
        return f"{readers} every report that they were to be shown from 1 to 5 ({complete.each})"
    return f"{readers} every report from 1 to 5"


def _missing(complete: Completeness) -> str:
    """What became of ratings that aren't there; "" when none is missing."""
    said = "" if complete.whole else " Nothing is put in the place of a rating that wasn't made."
    if complete.withdrawn:
        said += f" Ratings of withdrawn readers ({', '.join(complete.withdrawn)}) are left out."
    return said
