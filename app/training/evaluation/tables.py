"""The evaluation as tables in Markdown, to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.training.evaluation.rows import LABELS, TEXT
from app.training.evaluation.verdicts import verdicts

NONE = "–"


def number(figure: Mapping[str, Any] | None, digits: int = 3) -> str:
    """``0.212 (0.167–0.257)``; a dash where there is no number."""
    if not figure or figure["value"] is None:
        return NONE
    # Adding 0 turns a −0 that rounding left into 0.
    value, low, high = (
        None if figure[name] is None else round(figure[name], digits) + 0.0
        for name in ("value", "low", "high")
    )
    if low is None:
        return f"{value:.{digits}f}"
    until = " to " if low < 0 else "–"
    return f"{value:.{digits}f} ({low:.{digits}f}{until}{high:.{digits}f})"


def grid(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = [_line(header), _line(["---"] * len(header))]
    return [*lines, *(_line(row) for row in rows)]


def _line(cells: Sequence[object]) -> str:
    told = (" ".join(str(cell).split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(told)} |"


def rows_table(source: Mapping[str, Any], metrics: Sequence[str]) -> list[str]:
    """Every row against ``metrics``; metrics that no row has are left out."""
    rows = source.get("rows", [])
    shown = [name for name in metrics if any(name in row["metrics"] for row in rows)]
    if not shown:
        return []
    cells = [
        [row["row"], *(number(row["metrics"].get(name)) for name in shown)]
        for row in rows
        if any(name in row["metrics"] for name in shown)
    ]
    return grid(["", *shown], cells)


def markdown(evaluation: Mapping[str, Any]) -> str:
    """The whole evaluation for a reader."""
    model = evaluation["model"]
    draws = evaluation["bootstrap"]["draws"]
    lines = [
        f"# Evaluation of {model['id']}",
        "",
        f"Weights sha256 `{model['weights_sha256']}`, measured with {evaluation['program']} on "
        f"{evaluation['made']}.",
        f"In brackets: 95 % intervals by bootstrap over patients ({draws} resamples).",
        *evaluation["notes"],
    ]
    for name, source in evaluation["sources"].items():
        lines += ["", f"## {name}, {source['split']}", "", *facts(source), *_source(source)]
    lines += ["", "## Attention", "", *attention_lines(evaluation["attention"])]
    return "\n".join(lines) + "\n"


def size_line(source: Mapping[str, Any]) -> str:
    """``510 images of 452 patients``; where patients are unknown, that is said."""
    if source["patients_known"]:
        return f"{source['images']} images of {source['patients']} patients"
    return (
        f"{source['images']} images in {source['patients']} groups of one picture each (some or "
        "all patients are unknown)"
    )


def facts(source: Mapping[str, Any]) -> Iterator[str]:
    """What the figures of a collection are about."""
    yield (
        f"{size_line(source)}, {source['reports']} with a report; {source['training_reports']} "
        "training reports for the rows without an image."
    )
    if source["patients_in_training_too"]:
        yield f"**{source['patients_in_training_too']} of the patients stand in training too.**"
    for reason, count in source["left_out"].items():
        yield f"Left out: {count} ({reason})."
    if source.get("refused_by_gate"):
        yield f"The gate would refuse {source['refused_by_gate']} of the images; they count here."


def _source(source: Mapping[str, Any]) -> Iterator[str]:
    for title, metrics in (("Words shared with the report", TEXT), ("Findings named", LABELS)):
        table = rows_table(source, metrics)
        if table:
            yield from ("", f"### {title}", "", *table)
    if source.get("rows"):
        yield ""
        yield from (f"- *{row['row']}*: {row['about']}." for row in source["rows"])
        yield f"- Truth: the {source['truth']}. Macro F1 over: {', '.join(source['macro_over'])}."
        if source.get("checked"):
            checked = source["checked"]
            yield (
                f"- BLEU, ROUGE-L and CIDEr of rank 1 computed again with {checked['with']}: "
                f"largest difference of an image {checked['largest_difference']:.0e}."
            )
    against = _against(source)
    if against:
        yield from ("", "### Rank 1 minus each row without an image (paired)", "", *against)
        yield from ("", *(f"- {sentence}" for sentence in verdicts(source)))
    if source.get("findings"):
        header = ["finding", "cases", "named in rank 1", "F1", "precision", "recall"]
        cells = [
            [
                *(one[key] for key in ("name", "cases", "named")),
                *(number(one[key], 2) for key in ("f1", "precision", "recall")),
            ]
            for one in source["findings"]
        ]
        yield from ("", "### Each finding in the drafts", "", *grid(header, cells))
    if source.get("habits"):
        yield from ("", "### Manners of the first drafts", "", *_habits(source))
    if source.get("head"):
        yield from ("", "### The findings head", "", *head_lines(source["head"]))
    if source.get("subgroups"):
        yield from ("", "### By age group, sex and view", "", *subgroup_lines(source["subgroups"]))


def _against(source: Mapping[str, Any]) -> list[str]:
    kinds = {row["row"]: row["kind"] for row in source.get("rows", [])}
    shown = ("micro F1", "macro F1", "CIDEr", "ROUGE-L", "BLEU-4")
    by_row: dict[str, dict[str, Any]] = {}
    for one in source.get("differences", []):
        if kinds[one["minus"]] in ("no image", "constant"):
            by_row.setdefault(one["minus"], {})[one["metric"]] = one
    metrics = [name for name in shown if any(name in row for row in by_row.values())]
    if not metrics:
        return []
    cells = [[row, *(number(told.get(name)) for name in metrics)] for row, told in by_row.items()]
    return grid(["", *metrics], cells)


def _habits(source: Mapping[str, Any]) -> Iterator[str]:
    habits = source["habits"]
    yield (
        f"- {habits['distinct']} different drafts ÷ {source['images']} images = "
        f"{number(habits['distinct_share'])}; the commonest, “{habits['commonest']['text']}”, "
        f"stands for {habits['commonest']['images']} images."
    )
    yield f"- Mean length {number(habits['mean_length'], 1)} words, punctuation included."
    yield (
        f"- {habits['empty']} empty, {habits['nou']} with `<nou>`, {habits['at_cap']} closed at "
        f"the cap of {habits['cap']} words, {habits['over_cap']} over it."
    )
    sides = source.get("sides")
    if sides:
        yield (
            f"- Of {sides['both_name_one']} images whose report and draft both name one side, "
            f"{sides['opposite']} drafts name the opposite one."
        )
    normal = source.get("normal")
    if normal:
        yield (
            f"- Of {normal['normal']['images']} normal studies "
            f"{normal['normal']['drafted_normal']} are called normal by their first draft, of "
            f"{normal['abnormal']['images']} others {normal['abnormal']['drafted_normal']}."
        )


def head_lines(head: Mapping[str, Any]) -> Iterator[str]:
    """The findings head's figures; its truth is said."""
    yield (
        f"Truth: the {head['truth']}. Mean AUC over {head['auc_over']} findings "
        f"{number(head['mean_auc'])}; calibration error (ECE) {number(head['ece'])}."
    )
    yield ""
    cells = [
        [one["name"], one["cases"], one["known"], number(one["auc"]), number(one["ece"])]
        for one in head["findings"]
    ]
    yield from grid(["finding", "cases", "images", "AUC", "ECE"], cells)


def subgroup_lines(subgroups: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line per subgroup."""
    metrics = [
        name
        for name in ("mean AUC", "ECE", "micro F1", "CIDEr")
        if any(name in group for group in subgroups)
    ]
    cells = [
        [group["by"], group["group"], group["images"], group.get("auc_over", NONE)]
        + [number(group.get(name)) for name in metrics]
        for group in subgroups
    ]
    return grid(["by", "group", "images", "findings in the AUC", *metrics], cells)


def attention_lines(attention: Mapping[str, Any]) -> Iterator[str]:
    """What :mod:`app.training.attention_checks` measured, in sentences."""
    if not attention:
        yield "The maps of attention were not checked in this evaluation."
        return
    pointing, deletion = attention["pointing"]["all"], attention["deletion"]
    yield f"Attention “{attention['attention']}”."
    if pointing["cases"]:
        better = pointing["gain_interval"][0] > 0
        yield (
            f"Planted findings ({pointing['cases']} phantoms): the map of the finding's word is "
            f"largest on the finding in {_spread(pointing, 'hit_rate', 'interval')}, by chance in "
            f"{pointing['chance']:.2f}, with the finding taken away in "
            f"{pointing['hit_rate_bare']:.2f}; "
            + ("more than chance." if better else "**not more than chance.**")
        )
    if deletion["images"]:
        better = deletion["over_random_interval"][0] > 0
        yield (
            f"Deletion ({deletion['images']} real images): painting over the "
            f"{deletion['regions']} of {deletion['cells']} regions that a finding's word attended "
            f"to most lowers its log probability by {deletion['attended']:.2f} nat, random ones by "
            f"{deletion['random']:.2f}, the usual ones by {deletion['usual']:.2f}. Over random: "
            f"{_spread(deletion, 'over_random', 'over_random_interval')}, over the usual: "
            f"{_spread(deletion, 'over_usual', 'over_usual_interval')}; "
            + ("more than random." if better else "**not more than random.**")
        )


def _spread(told: Mapping[str, Any], value: str, interval: str) -> str:
    low, high = told[interval]
    return number({"value": told[value], "low": low, "high": high}, 2)
