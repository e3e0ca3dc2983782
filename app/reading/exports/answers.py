"""What a finished study can say for a reporting checklist, a sentence or two each."""

from __future__ import annotations

from typing import Final

from app.reading.analysis.comparison import Interval
from app.reading.analysis.wording import difference_method, interval, shares_method, verdict
from app.reading.exports.checklists import Facts
from app.reading.exports.methods import DESIGN, STRATA, TESTS, made_by
from app.reading.power import AGREEMENT, power
from app.reading.preparation import GIVEN

_SOURCES: Final = {
    "list": "Cases came from a list that the coordinator prepared",
    "database": "Cases came from the reading program's own database: studies with a signed report, "
    "without those whose report held sentences of the machine",
}


def aim(facts: Facts) -> str:
    return (
        "A blinded reader study: are the machine's reports non-inferior to the radiologists' own, "
        f"with a margin of {facts.protocol.margin:g} points on a scale of 1 to 5?"
    )


def design(facts: Facts) -> str:
    return f"{DESIGN[facts.protocol.design]}{STRATA[facts.protocol.stratify]}."


def when(facts: Facts) -> str:
    return (
        f"The protocol was frozen on {facts.frozen:%Y-%m-%d} before the first rating; the reading "
        f"was locked on {facts.locked:%Y-%m-%d}."
    )


def source(facts: Facts) -> str:
    return f"{_SOURCES[facts.source]}: {facts.listed}."


def drawn(facts: Facts) -> str:
    cases = facts.protocol.per_arm * (1 if facts.protocol.design == "paired" else 2)
    training = facts.protocol.training
    more = f", and {training} for training" if training else ""
    return (
        f"{cases} cases were drawn at random (seed {facts.protocol.seed} and the secret in the key"
        f"{STRATA[facts.protocol.stratify]}) from {facts.listed}{more}; {facts.excluded} were "
        "taken out before the freeze and replaced, each with a reason in the study's log."
    )


def deidentified(_: Facts) -> str:
    return (
        "Readers saw copies of the images under random codes without metadata; what is burned into "
        "an image stays there."
    )


def readers(facts: Facts) -> str:
    count = len(facts.protocol.readers)
    withdrawn = facts.complete.withdrawn
    gone = f", {len(withdrawn)} withdrawn" if withdrawn else ""
    return (
        f"{count} reader{'' if count == 1 else 's'}{gone}; nobody was shown a case that they had "
        "reported or drafted before, as far as the cases name their people."
    )


def reading(facts: Facts) -> str:
    training = facts.protocol.training
    first = f" after {facts.before.items(training)} training items" if training else ""
    return (
        f"Reports were scored from 1 to 5 by the protocol's rubric{first}, in Reading Room "
        f"{facts.version}, without knowing their origin."
    )


def variability(facts: Facts) -> str:
    alpha = facts.results.alpha
    said = ["Quadratic-weighted kappa for every two readers (results.md)"]
    if alpha.readers > 1:
        found = interval(Interval(alpha.value, alpha.low, alpha.high))
        said.append(f"Krippendorff's ordinal alpha {found}")
    if facts.results.repeats:
        repeats = facts.before.items(facts.protocol.repeats)
        said.append(f"{repeats} hidden repeats for each reader's constancy")
    return "; ".join(said) + "."


def size(facts: Facts) -> str:
    return (
        f"{facts.protocol.per_arm} items per arm and {len(facts.protocol.readers)} readers: a "
        f"simulated power of {power(facts.protocol):.0%} for the margin if both arms are equal "
        f"(distribution of scores as in arXiv 2006.10347, readers' correlation {AGREEMENT:g} "
        "assumed)."
    )


def model(facts: Facts) -> str:
    made = made_by(facts.protocol, facts.models)
    return f"Machine reports ({made}), all made before the reading."


def software(facts: Facts) -> str:
    drafting = "" if GIVEN in facts.models else "drafting, "
    return f"Reading Room {facts.version} for {drafting}reading and analysis."


def metrics(_: Facts) -> str:
    return "Mean score, its difference between the arms, and the share of scores of at least 4."


def uncertainty(facts: Facts) -> str:
    return (
        "Bootstrap interval clustered by case for the difference of means; "
        f"{TESTS[facts.protocol.design]}; shares of scores of at least 4 have "
        f"{shares_method(facts.results)}; their difference has "
        f"{difference_method(facts.results)}."
    )


def no_explanation(_: Facts) -> str:
    return "None was shown: no heat map, no confidence, no other draft, in either arm."


def flow(facts: Facts) -> str:
    human, machine = facts.results.pooled.comparison.cases
    complete = facts.complete
    return (
        f"{facts.listed} cases listed, {facts.excluded} excluded after being drawn; {human} human "
        f"and {machine} machine cases rated by {len(facts.results.readers)} readers, "
        f"{complete.made} of {complete.due} ratings due in the analysis."
    )


def missing(facts: Facts) -> str:
    complete = facts.complete
    gone = ", ".join(complete.withdrawn)
    out = f" Ratings of withdrawn readers ({gone}) are left out." if gone else ""
    if complete.whole:
        return f"Every rating that was due was made ({complete.each}).{out}"
    return (
        f"{complete.due - complete.made} of {complete.due} ratings due were not made (made: "
        f"{complete.each}); nothing is put in their place.{out}"
    )


def result(facts: Facts) -> str:
    return verdict(facts.results.pooled.comparison)


def precision(facts: Facts) -> str:
    found = facts.results.pooled.comparison
    return (
        f"Mean scores {found.means[0]:.2f} (human) and {found.means[1]:.2f} (machine), difference "
        f"{interval(found.difference)}; figures per reader in results.md. This study measures the "
        "quality of reports, not diagnostic accuracy."
    )


def errors_asked(facts: Facts) -> str:
    """What was asked about errors; "" when nothing was."""
    wanted = ("error_category", "error_severity", "acceptable")
    asked = [one.text for one in facts.protocol.questions if one.key in wanted]
    if not asked:
        return ""
    return f"Asked of every report: {' '.join(asked)} The answers are in ratings.csv."


def protocol(facts: Facts) -> str:
    return f"protocol.toml of the study, sha256 {facts.protocol.sha256}, fixed at the freeze."


def normalised(facts: Facts) -> str:
    reworded = facts.before.rewording or "none was reworded before the freeze"
    return f"Both arms' texts went through one normaliser; {reworded}."


def limits(facts: Facts) -> str:
    """What was known before the freeze to weaken the study; "" for nothing."""
    return facts.before.left if facts.before.accepted else ""


def blinding(facts: Facts) -> str:
    if facts.results.blinding is None:
        return ""
    return "The readers' guesses and the blinding indices of James and Bang are in results.md."


def times(_: Facts) -> str:
    return "Active time per report and arm is in results.md."
