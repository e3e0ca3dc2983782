"""The evaluation of a joint space as Markdown, and its ``MODEL_CARD.md``.

Every figure comes from the evaluation; the sentences between are the same for every space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.training.evaluation.licences import licence
from app.training.evaluation.tables import grid


def markdown(evaluation: Mapping[str, Any]) -> str:
    """What was measured."""
    return "\n".join(_measured(evaluation)) + "\n"


def card(evaluation: Mapping[str, Any]) -> str:
    """The whole card."""
    space = evaluation["space"]
    lines = [
        "# similar",
        "",
        "The space of images and words in which similar cases are found, for research and "
        "teaching. **Similarity is no diagnosis.** This card was made by `readingroom similar "
        f"evaluate --card` ({evaluation['program']}, {evaluation['made']}); its figures were "
        "measured, none was typed.",
        *("", "## What it is", ""),
        *grid(
            ("", ""),
            [
                ("reads", f"the frozen encoder of `{space['model']}`, weights sha256 "
                 f"`{space['model_sha256']}`, and words ({space['words']:,} known)"),
                ("gives", f"a vector of {space['dimension']} numbers and length 1, for an image "
                 "or for a phrase"),
                ("file", f"`similar.safetensors`, {space['bytes'] / 1e6:.1f} MB, sha256 "
                 f"`{space['sha256']}`"),
            ],
        ),
        *("", "## What it learned from", "", *_data(space["training"])),
        *("", "## What was measured", "", *_measured(evaluation)),
        *("", "## What it is for, and what not", "", *_USE),
        *("", "## How to make it again", "", *_AGAIN),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


_USE = (
    "To bring a reader's own signed studies to mind that look alike, or that words describe. It "
    "gives an order, no probability: two images may be near because of a projection, a device, an "
    "exposure or a marker. It was learned on captions of published figures, where rare diseases "
    "are common and normal studies hardly occur; in a hospital it will do worse. It knows English "
    "words only. What it finds says nothing about the patient whose image was asked with, and "
    "what it doesn't find may still be there.",
)

_AGAIN = (
    "    readingroom similar train resources/training/similar.toml --data DIR",
    "    readingroom similar evaluate resources/training/similar.toml --data DIR --card",
)


def _data(training: Mapping[str, Any]) -> Iterator[str]:
    pairs = training.get("pairs", {})
    yield (
        f"{pairs.get('learned', 0):,} pairs of image and text; the epoch was chosen on "
        f"{pairs.get('chosen_on', 0):,} others of the same training split, of other groups."
    )
    conditions = []
    for name, entry in training.get("data", {}).items():
        known = licence(str(entry.get("kind", name)))
        yield ""
        yield f"{name}: {known.collection}; {entry.get('licence') or known.terms}."
        conditions.append(known.condition)
    for condition in dict.fromkeys(filter(None, conditions)):
        yield ""
        yield condition


def _measured(evaluation: Mapping[str, Any]) -> Iterator[str]:
    sources = ", ".join(evaluation["sources"])
    yield (
        f"{evaluation['pairs']} pairs of {sources}, split {evaluation['split']}, which the space "
        "never saw; the encoder beneath it did not learn from them either, but its best epoch was "
        "chosen by them. In parentheses 95 % intervals by bootstrap over "
        f"{evaluation['groups']} groups of images (patients, where known)."
    )
    yield ""
    yield from grid(
        ("", "recall@1", "recall@5", "recall@10"),
        [
            *(
                (way, *(_share(row) for row in evaluation["recall"] if row["way"] == way))
                for way in dict.fromkeys(row["way"] for row in evaluation["recall"])
            ),
            (
                "chance",
                *(
                    f"{row['chance']:.1%}"
                    for row in evaluation["recall"]
                    if row["way"] == evaluation["recall"][0]["way"]
                ),
            ),
        ],
    )
    found = evaluation["neighbours"]
    if found["rows"]:
        yield ""
        yield (
            f"Of the ten images nearest to an image, the share whose report names one of its "
            f"findings ({found['images']} images whose report names any):"
        )
        yield ""
        yield from grid(
            ("", "share of ten"), [(row["space"], _share(row)) for row in found["rows"]]
        )
        for name, figure in found["joint space minus"].items():
            yield ""
            yield f"Joint space minus {name}, paired: {_points(figure)}."
    told = evaluation["sides"]
    if "value" in told:
        yield ""
        yield (
            f"Sides: {_share(told)} of {told['images']} images whose text names one side are "
            "nearer to it than to the same text with left and right exchanged; chance is 50 %."
        )


def _share(figure: Mapping[str, Any]) -> str:
    if figure["low"] is None:
        return f"{figure['value']:.1%}"
    return f"{figure['value']:.1%} ({figure['low']:.1%}–{figure['high']:.1%})"


def _points(figure: Mapping[str, Any]) -> str:
    value, low, high = (100 * figure[name] for name in ("value", "low", "high"))
    return f"{value:+.1f} points ({low:+.1f} to {high:+.1f})"
