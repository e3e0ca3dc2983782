"""DECIDE-AI: 17 AI-specific items in Arabic numbers and 10 generic ones in Roman."""

from __future__ import annotations

from typing import Final

from app.reading.exports import answers as say
from app.reading.exports.checklists import Checklist, Facts, Item
from app.reading.preparation import GIVEN

SOURCE: Final = (
    "Vasey B, Nagendran M, Campbell B, et al. Reporting guideline for the early-stage clinical "
    "evaluation of decision support systems driven by artificial intelligence: DECIDE-AI. Nat Med "
    "2022;28:924-933; BMJ 2022;377:e070904."
)
NOTE: Final = (
    "It is made for the first use in live care. A blinded reader study comes before that: no "
    "patient's care follows from it, and items on care can be answered only by what comes after."
)
NO_CARE: Final = "Nobody's care depended on the machine: the readers scored reports, off line."


def decide_ai(facts: Facts) -> Checklist:
    """The 27 items in the guideline's order, filled from ``facts`` where they answer."""
    parts = (_front(facts), _methods(facts), _results(facts), _end(facts))
    items = [item for part in parts for item in part]
    return Checklist("DECIDE-AI checklist", SOURCE, NOTE, tuple(items))


def _front(facts: Facts) -> list[Item]:
    return [
        Item(
            "Title and abstract", "1", "Title", "an early evaluation of an AI system, and of what"
        ),
        Item("Title and abstract", "I", "Abstract", "a structured summary"),
        Item("Introduction", "2", "Intended use", "conditions, patients, users, place in care"),
        Item("Introduction", "II", "Objectives", "what is to be found out", say.aim(facts)),
    ]


def _methods(facts: Facts) -> list[Item]:
    section = "Methods"
    people = f"{say.source(facts)} {say.drawn(facts)} {say.readers(facts)}"
    outcomes = f"{say.metrics(facts)} {_rubric(facts)}"
    return [
        Item(
            section,
            "III",
            "Research governance",
            "protocol, registration, ethics",
            say.protocol(facts),
            rest="The rest",
        ),
        Item(section, "3", "Participants", "patients and users, how chosen",
             people, rest="The rest"),
        Item(section, "4", "AI system", "version, algorithm, input, output",
             say.model(facts), rest="The rest"),
        Item(section, "5", "Implementation", "setting and place in the workflow",
             f"{say.reading(facts)} {say.no_explanation(facts)}", rest="The rest"),
        Item(section, "IV", "Outcomes", "primary and secondary", outcomes),
        Item(section, "6", "Safety and errors", "what counts, how it is found",
             say.errors_asked(facts), rest="The rest"),
        Item(section, "7", "Human factors", "methods and users involved"),
        Item(section, "V", "Analysis", "the statistics", say.uncertainty(facts)),
        Item(section, "8", "Ethics", "methods for a goal such as fairness"),
        Item(section, "VI", "Patient involvement", "in any part of the study"),
    ]  # fmt: skip


def _results(facts: Facts) -> list[Item]:
    section = "Results"
    asked = f"{say.times(facts)} {say.blinding(facts)}".strip()
    changed = "The machine's reports were all made before the freeze, by one version."
    one = len(facts.models) == 1 and GIVEN not in facts.models
    return [
        Item(section, "9", "Participants", "patients, users, missing data",
             f"{say.flow(facts)} {say.missing(facts)}", rest="The rest"),
        Item(section, "10", "Implementation", "how it was used; change of the workflow", NO_CARE),
        Item(section, "VII", "Main results", "of each outcome", say.result(facts)),
        Item(section, "VIII", "Subgroups", "differences between parts of the sample"),
        Item(section, "11", "Modifications", "of system or hardware during the study",
             changed if one else ""),
        Item(section, "12", "Human-computer agreement", "when users disagree with the system",
             "Readers gave no report of their own, so there is no agreement to count; scores per "
             "report are in ratings.csv."),
        Item(section, "13", "Safety and errors", "what went wrong and what it did", rest="The rest",
             answer=f"{NO_CARE} {say.errors_asked(facts)}".strip()),
        Item(section, "14", "Human factors", "usability and learning", asked, rest="The rest"),
    ]  # fmt: skip


def _end(facts: Facts) -> list[Item]:
    return [
        Item("Discussion", "15", "Support for intended use", "do the results bear it out"),
        Item(
            "Discussion",
            "IX",
            "Strengths and limitations",
            "of the study",
            say.limits(facts),
            rest="The rest",
        ),
        Item("Discussion", "16", "Safety and errors", "what the errors mean for wider use"),
        Item("Statements", "17", "Data availability", "data and code, and on what terms"),
        Item("Statements", "X", "Conflicts of interest", "of everybody involved"),
    ]


def _rubric(facts: Facts) -> str:
    return "; ".join(f"{score}: {text}" for score, text in facts.protocol.rubric.items()) + "."
