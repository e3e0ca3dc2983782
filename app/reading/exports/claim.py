"""CLAIM, 2024 update: the Checklist for Artificial Intelligence in Medical Imaging."""

from __future__ import annotations

from typing import Final

from app.reading.exports import answers as say
from app.reading.exports.checklists import Checklist, Facts, Item

SOURCE: Final = (
    "Tejani AS, Klontzas ME, Gatti AA, et al. Checklist for Artificial Intelligence in Medical "
    "Imaging (CLAIM): 2024 update. Radiol Artif Intell 2024;6(4):e240300."
)
NOTE: Final = (
    "Items are named here in other words under their official numbers; read them in the article. "
    "Items on a model's making ask for its own publication or model card."
)


def claim(facts: Facts) -> Checklist:
    """The 44 items, filled from ``facts`` where they answer."""
    parts = (_front(), _design(facts), _data(facts), _standard(facts), _partitions(facts))
    more = (_model(facts), _evaluation(facts), _results(facts), _end(facts))
    items = [item for part in (*parts, *more) for item in part]
    return Checklist("CLAIM checklist (2024 update)", SOURCE, NOTE, tuple(items))


def _front() -> list[Item]:
    return [
        Item("Title and abstract", "1", "Title", "that it is a study of AI, and of which kind"),
        Item("Title and abstract", "2", "Abstract", "a structured summary"),
        Item("Introduction", "3", "Background", "science, practice and the AI's intended role"),
    ]


def _design(facts: Facts) -> list[Item]:
    images = "Whether the images were collected before or for this study"
    return [
        Item(
            "Introduction",
            "4",
            "Objectives",
            "aims and hypotheses",
            say.aim(facts),
            rest="The rest",
        ),
        Item(
            "Methods: design",
            "5",
            "Study design",
            "prospective or retrospective",
            say.when(facts),
            rest=images,
        ),
        Item("Methods: design", "6", "Study goal", "what the study is to find", say.aim(facts)),
    ]


def _data(facts: Facts) -> list[Item]:
    section = "Methods: data"
    shown = f"{say.normalised(facts)} Images were copied without changing a pixel."
    once = " One case per patient." if facts.patients else ""
    chosen = f"{say.drawn(facts)}{once}"
    return [
        Item(
            section, "7", "Data sources", "where data come from", say.source(facts), rest="The rest"
        ),
        Item(section, "8", "Eligibility", "who and what was let in", chosen, rest="The rest"),
        Item(section, "9", "Preprocessing", "how data were prepared", shown, rest="The rest"),
        Item(section, "10", "Selection of subsets", "how parts were chosen", say.drawn(facts)),
        Item(
            section, "11", "De-identification", "how identity was removed", say.deidentified(facts)
        ),
        Item(section, "12", "Missing data", "how gaps were dealt with", say.missing(facts)),
        Item(section, "13", "Image acquisition", "devices and settings"),
    ]


def _standard(facts: Facts) -> list[Item]:
    section = "Methods: reference standard"
    rubric = "; ".join(f"{score}: {text}" for score, text in facts.protocol.rubric.items())
    truth = " Every case says whether it is abnormal." if facts.truth else ""
    standard = (
        "No diagnostic reference standard enters the comparison: its outcome is the readers' score "
        f"({rubric}).{truth}"
    )
    return [
        Item(section, "14", "Definition", "how the standard is defined", standard),
        Item(section, "15", "Rationale", "why this one"),
        Item(
            section, "16", "Annotators", "who, how qualified", say.readers(facts), rest="The rest"
        ),
        Item(section, "17", "Annotation of test data", "how and with what", say.reading(facts)),
        Item(section, "18", "Variability", "within and between readers", say.variability(facts)),
    ]


def _partitions(facts: Facts) -> list[Item]:
    section = "Methods: partitions and size"
    test = "All cases of this study are test data."
    trained = "Whether the model has been trained on any"
    apart = "Every case names its patient, and a patient has one case."
    return [
        Item(section, "19", "Assignment", "how data were parted", test, rest=trained),
        Item(
            section,
            "20",
            "Level of separation",
            "by patient, study or image",
            apart if facts.patients else "",
            rest="Towards the training data",
        ),
        Item(section, "21", "Intended size", "how many test cases, and why", say.size(facts)),
    ]


def _model(facts: Facts) -> list[Item]:
    return [
        Item(
            "Methods: model",
            "22",
            "Model",
            "its whole description",
            say.model(facts),
            rest="The rest",
        ),
        Item(
            "Methods: model",
            "23",
            "Software",
            "programs and versions",
            say.software(facts),
            rest="The rest",
        ),
        Item("Methods: model", "24", "Initialisation", "how its parameters began"),
        Item("Methods: training", "25", "Training", "procedure and settings"),
        Item("Methods: training", "26", "Selection", "how the final model was chosen"),
        Item("Methods: training", "27", "Ensembles", "how models were combined, if they were"),
    ]


def _evaluation(facts: Facts) -> list[Item]:
    section = "Methods: evaluation"
    return [
        Item(section, "28", "Metrics", "what was measured", say.metrics(facts)),
        Item(section, "29", "Uncertainty", "intervals and tests", say.uncertainty(facts)),
        Item(section, "30", "Robustness", "sensitivity analyses"),
        Item(section, "31", "Explainability", "methods, if any", say.no_explanation(facts)),
        Item(section, "32", "Internal testing", "on data like the training data"),
        Item(section, "33", "External testing", "on data from elsewhere"),
        Item(section, "34", "Registration", "of a clinical trial, if it is one"),
    ]


def _results(facts: Facts) -> list[Item]:
    return [
        Item("Results: data", "35", "Flow", "numbers in and out", say.flow(facts), rest="The rest"),
        Item("Results: data", "36", "Characteristics", "patients and their conditions"),
        Item("Results: performance", "37", "Performance", "of the final model", say.result(facts)),
        Item("Results: performance", "38", "Precision", "estimates with intervals",
             say.precision(facts)),
        Item(
            "Results: performance",
            "39",
            "Failures",
            "wrong cases, looked at",
            say.errors_asked(facts),
            rest="The rest",
        ),
    ]  # fmt: skip


def _end(facts: Facts) -> list[Item]:
    return [
        Item(
            "Discussion",
            "40",
            "Limitations",
            "of methods, data and generalisation",
            say.limits(facts),
            rest="The rest",
        ),
        Item("Discussion", "41", "Implications", "for practice, with intended use"),
        Item("Other information", "42", "Full protocol", "where it is", say.protocol(facts)),
        Item("Other information", "43", "Availability", "of software, model and data"),
        Item("Other information", "44", "Funding", "sources, and the funders' role"),
    ]
