"""``MODEL_CARD.md``, made of an evaluation.

Every figure comes from the evaluation's JSON, everything about training from ``model.json``; the
sentences in between are the same for every model (after Mitchell et al., arXiv 1810.03993).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.inference.looks import ATTENTION, GRADIENTS
from app.training.config import ANNOTATION
from app.training.evaluation.findings import ENOUGH
from app.training.evaluation.licences import OTHER, licence
from app.training.evaluation.rows import LABELS
from app.training.evaluation.tables import (
    attention_lines,
    grid,
    head_lines,
    number,
    rows_table,
    size_line,
    subgroup_lines,
)
from app.training.evaluation.verdicts import uneven, verdicts

WORDS = ("BLEU-1", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr")
"""Of the words' measures those that stand in the card; the evaluation has all."""

CHANCE = 0.5


def card(evaluation: Mapping[str, Any]) -> str:
    """The whole card in Markdown."""
    model = evaluation["model"]
    lines = [
        f"# {model['id']}",
        "",
        f"{model['title']}: drafts of reports for frontal chest radiographs, for research and "
        "teaching. **No decision about a patient may rest on it.** This card was made by "
        f"`readingroom evaluate --card` ({evaluation['program']}, {evaluation['made']}); its "
        "figures were measured, none was typed.",
        *("", "## What it is", "", *_about(model, evaluation["options"])),
        *("", "## What it learned from", "", *_data(model["training"])),
        *("", "## What it is for, and what not", "", *_use(model)),
        *("", "## What was measured", "", *_measured(evaluation)),
        *("", "## Where it fails", "", *_failures(evaluation)),
        *("", "## How to make it again", "", *_again(model, evaluation)),
    ]
    return "\n".join(lines) + "\n"


_MAPS = {ATTENTION: "a map of attention", GRADIENTS: "a Grad-CAM map, not attention,"}
_WORTH = {
    ATTENTION: "Where it looked (the maps of attention) is a weighting inside the model and no "
    "evidence.",
    GRADIENTS: "Its maps (Grad-CAM) tell which regions a word's number is sensitive to; they are "
    "no attention and no evidence.",
}


def _looks(model: Mapping[str, Any]) -> str:
    return str(model.get("looks", ATTENTION))


def _about(model: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    size = model["image_size"]
    language = {"en": "English", "zh": "Chinese"}.get(model["language"], model["language"])
    rows = [
        ("system", f"{model['title']} (`{model['system']}`)"),
        (
            "input",
            f"the whole radiograph, {size} × {size}, prepared as `{model['preprocessing']}`",
        ),
        (
            "output",
            f"{options['beams']} drafts in {language} (vocabulary of {model['vocabulary_size']:,} "
            f"words), {_MAPS[_looks(model)]} for each word, a number for each of "
            f"{len(model['findings'])} findings",
        ),
        (
            "file",
            f"`model.safetensors`, {model['size_bytes'] / 1e6:.1f} MB, sha256 "
            f"`{model['weights_sha256']}`",
        ),
    ]
    return grid(("", ""), rows)


def _data(training: Mapping[str, Any]) -> Iterator[str]:
    config = training.get("config", {})
    roles = _roles(config)
    told = training.get("data") or {name: {} for name in roles}
    if not told:
        yield "`model.json` does not say."
        return
    rows, conditions = [], []
    for name, entry in told.items():
        known = licence(str(entry.get("kind", name)))
        own = str(entry.get("licence", ""))
        counts = entry.get("split", entry)
        used = [f"{counts[side]:,} {why}" for side, why in _SIDES.items() if counts.get(side)]
        if not used and entry.get("taken"):
            used = [f"{entry['taken']:,} reports without images"]
        purpose = ", ".join(roles.get(name, ())) or "–"
        rows.append(
            (
                f"{name}: {known.collection}",
                purpose,
                ", ".join(used) or "number not told",
                own or known.terms,
            )
        )
        if known is not OTHER or not own:
            conditions.append(known.condition)
    yield from grid(("collection", "what for", "cases", "licence"), rows)
    yield ""
    yield from dict.fromkeys(condition for condition in conditions if condition)
    yield from _borrowed_sight(config)
    if config.get("writer", {}).get("target") == ANNOTATION:
        yield ""
        yield (
            "It learned **short annotations**, a finding and its place in at most five words, not "
            "whole reports: those that a collection brings, elsewhere those that the labeller's "
            "rules read off the reports. Below its annotations are compared with the whole "
            "reports, so the words' measures are low by nature."
        )
    for entry, what in (("words", "the words"), ("decoder", "the decoder")):
        if config.get("start", {}).get(entry):
            yield ""
            name = Path(config["start"][entry]).name
            yield f"What {what} began with was a file of the trainer's own: `{name}`."


def _roles(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """By collection what training took it for."""
    stages: list[tuple[str, str, str]] = [
        ("writer", "sources", "images with their reports"),
        ("writer", "borrowed", "reports lent to images of other collections with the same labels"),
        ("writer", "borrowers", "images that borrow a report with the same labels"),
        ("classifier", "sources", "findings"),
    ]
    if config.get("imitation", {}).get("epochs"):
        stages.append(("imitation", "sources", "images alone"))
    roles: dict[str, list[str]] = {}
    for section, entry, purpose in stages:
        for name in config.get(section, {}).get(entry, ()):
            roles.setdefault(str(name), []).append(purpose)
    return roles


def _borrowed_sight(config: Mapping[str, Any]) -> Iterator[str]:
    """Where the encoder comes from, when not from random numbers."""
    if config.get("imitation", {}).get("epochs") or config.get("classifier", {}).get("imitate"):
        yield ""
        yield (
            "The encoder first learned to predict the feature maps of EfficientNet-Lite0, which "
            "was trained on ImageNet (weights under Apache-2.0)."
        )
    if config.get("encoder"):
        yield ""
        yield f"The encoder began with the pretrained file `{Path(config['encoder']).name}`."


_SIDES = {"train": "to learn from", "val": "to choose by", "test": "kept back"}


def _use(model: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "For research on reports drafted by machines, for teaching, and for trying out the "
        "program. A radiologist reads every draft against the image and corrects it."
    )
    yield ""
    yield (
        "Not for diagnosis, triage or screening, not for any report that a patient's treatment "
        "depends on, and not for lateral views, other body parts or other modalities. It is not a "
        f"medical device. {_WORTH[_looks(model)]} It never compares with earlier images and knows "
        "no history; sizes and numbers in a draft are not to be trusted."
    )


def _measured(evaluation: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "In brackets: 95 % intervals by bootstrap over patients "
        f"({evaluation['bootstrap']['draws']} resamples). Rows without an image show what "
        "language alone is worth; oracles choose with the truth at hand, as no model can."
    )
    yield from evaluation["notes"]
    for name, source in evaluation["sources"].items():
        yield from ("", f"### {name}, split {source['split']}", "", f"{size_line(source)}.")
        if source["split"] == "val":
            yield "These images also chose when training ended, which flatters the model."
        if source["patients_in_training_too"]:
            yield (
                f"**{source['patients_in_training_too']} of the patients stand in training too.**"
            )
        for metrics in (LABELS[:3], WORDS):
            table = rows_table(source, metrics)
            if table:
                yield from ("", *table)
        if source.get("rows") and source["macro_over"]:
            yield from ("", f"Macro F1 is over: {', '.join(source['macro_over'])}.")
        yield from ("", *verdicts(source))
        if source.get("habits"):
            yield from ("", *_manners(source))
        if source.get("head"):
            yield from ("", "Findings head.", *head_lines(source["head"]))
        if source.get("subgroups"):
            yield from ("", *subgroup_lines(source["subgroups"]))
    yield from ("", "### Attention", "", *attention_lines(evaluation["attention"]))


def _manners(source: Mapping[str, Any]) -> Iterator[str]:
    habits = source["habits"]
    yield (
        f"First drafts: {habits['distinct']} different ones ÷ {source['images']} images = "
        f"{number(habits['distinct_share'], 2)}; {number(habits['mean_length'], 1)} words on "
        f"average; {habits['empty']} empty, {habits['nou']} with `<nou>`, {habits['over_cap']} "
        f"over the cap of {habits['cap']} words."
    )


def _failures(evaluation: Mapping[str, Any]) -> Iterator[str]:
    for name, source in evaluation["sources"].items():
        for sentence in _weak_points(source):
            yield f"- {name}: {sentence}"
    training = evaluation["model"]["training"]
    kinds = [str(told.get("kind", name)) for name, told in training.get("data", {}).items()]
    for kind in kinds or _roles(training.get("config", {})):
        if licence(kind).weakness:
            yield f"- {licence(kind).weakness}"
    every = [group for one in evaluation["sources"].values() for group in one.get("subgroups", [])]
    if not every:
        yield "- Age, sex and view were not known: differences by them were not measured."


def _weak_points(source: Mapping[str, Any]) -> Iterator[str]:
    head = source.get("head")
    if head:
        known = [one for one in head["findings"] if one["auc"]["value"] is not None]
        enough = [one for one in known if ENOUGH <= one["cases"] <= one["known"] - ENOUGH]
        chance = [one for one in enough if (one["auc"]["low"] or 0.0) <= CHANCE]
        if chance:
            names = ", ".join(f"{one['name']} {number(one['auc'], 2)}" for one in chance)
            yield f"the head's AUC cannot be told from chance for {names}."
        poor = sorted(
            (one for one in known if one["ece"]["value"] is not None),
            key=lambda one: -one["ece"]["value"],
        )[:3]
        if poor:
            names = ", ".join(f"{one['name']} {number(one['ece'], 2)}" for one in poor)
            yield f"the head's numbers are furthest from the observed share for {names}."
    found = [one for one in source.get("findings", []) if one["cases"] >= 1]
    missed = [one for one in found if not one["f1"]["value"]]
    if missed:
        names = ", ".join(f"{one['name']} ({one['cases']} cases)" for one in missed)
        yield f"first drafts never rightly name {names}."
    invented = [one for one in found if one["named"] > 2 * one["cases"]]
    if invented:
        names = ", ".join(f"{one['name']} ({one['named']} for {one['cases']})" for one in invented)
        yield f"first drafts name more than twice as often as it is there: {names}."
    sides = source.get("sides")
    if sides and sides["both_name_one"]:
        yield (
            f"of {sides['both_name_one']} images whose report and first draft both name one side, "
            f"{sides['opposite']} drafts name the opposite side."
        )
    normal = source.get("normal")
    if normal and normal["normal"]["images"]:
        yield (
            f"of {normal['normal']['images']} normal studies {normal['normal']['drafted_normal']} "
            "are called normal by their first draft; of "
            f"{normal['abnormal']['images']} others {normal['abnormal']['drafted_normal']} are, "
            "wrongly."
        )
    subgroups = source.get("subgroups", [])
    yield from uneven(subgroups)
    if subgroups and not list(uneven(subgroups)):
        yield "no subgroup differs from another of its kind with intervals apart."
    if source.get("refused_by_gate"):
        yield (
            f"{source['refused_by_gate']} of {source['images']} images would be refused by the "
            "application; they are counted above."
        )


def _again(model: Mapping[str, Any], evaluation: Mapping[str, Any]) -> Iterator[str]:
    training = model["training"]
    name = f"{model['id']}.toml"
    # Only here: the trainer's machine may have no platformdirs, which app.paths asks for folders.
    from app.paths import resources

    shipped = (resources() / "training" / name).is_file()
    config = f"resources/training/{name}" if shipped else name
    yield f"    readingroom train {config} --data DIR"
    yield f"    readingroom evaluate {model['id']} --config {config} --data DIR --out OUT --card"
    yield ""
    seed = training.get("seed", training.get("config", {}).get("seed"))
    told = f" (seed {seed})" if seed is not None else ""
    options = ", ".join(f"{name} {value}" for name, value in evaluation["options"].items())
    yield (
        f"`model.json` holds the configuration{told}: everything that determined the run but the "
        f"data. The drafts above were searched with: {options}."
    )
