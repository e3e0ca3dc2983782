"""What would tell the arms apart is found; what doesn't is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.reading.allocation import Planned
from app.reading.leakage import leak_test, length_gap
from app.reading.normalise import normalised, rewritten, tells
from app.reading.power import power
from app.reading.preflight import preflight
from app.reading.protocol import Protocol

PROTOCOL = Protocol("t", "unpaired", 5, 0.5, ("R1", "R2", "R3"), 60)
WORDS = (
    *("heart", "normal", "size", "lungs", "clear", "effusion", "right", "left", "base", "opacity"),
    *("nodule", "apex", "mild", "small", "large", "pleural", "line", "tube", "tip", "seen"),
    *("without", "sign", "of", "failure", "hilum", "aorta", "calcified", "scoliosis"),
)


def text(rng: np.random.Generator, words: int | None = None) -> str:
    count = int(rng.integers(6, 20)) if words is None else words
    return normalised(" ".join(rng.choice(WORDS, count)))


def arms(seed: int, count: int = 60) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    return [text(rng) for _ in range(count)], [text(rng) for _ in range(count)]


def items(human: list[str], machine: list[str]) -> list[Planned]:
    made = [Planned(f"H{n}", f"h{n}", "human", report) for n, report in enumerate(human)]
    return made + [Planned(f"M{n}", f"m{n}", "machine", t) for n, t in enumerate(machine)]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("FINDINGS: The heart is NORMAL .  No effusion", "The heart is normal. No effusion."),
        ("heart normal . lungs clear .", "Heart normal. Lungs clear."),
        ("1. Opacity, 2.5 cm.\n2. “Old” fracture;", 'Opacity, 2.5 cm. "old" fracture.'),
        ("IMPRESSION:\nct recommended,", "CT recommended."),
        ("", ""),
    ],
)
def test_every_text_gets_one_look(raw: str, shown: str) -> None:
    assert normalised(raw) == shown
    assert normalised(shown) == shown


def test_a_machine_and_a_human_text_of_the_same_words_become_equal() -> None:
    human = "IMPRESSION:  Mild Cardiomegaly.\nNo pneumothorax"
    assert normalised(human) == normalised("mild cardiomegaly . no pneumothorax .")


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ("Compared with XXXX.", "blank"),
        ("Seen by ___ today.", "blank"),
        ("Taken on 12/03/2019.", "date"),
        ("Film of 3 March 2019.", "date"),
        ("Dictated by A. Smith.", "signature"),
        ("Discussed with Dr. Smith.", "name"),
        ("Larger compared to the prior film.", "comparison"),
        ("Small <nou> on the left.", "unknown word"),
        ("Effusion in a 45-year-old man.", "age or sex"),
        ("Nodule (white arrow).", "figure"),
        ("Chest X-ray showing an effusion.", "film"),
        ("Impression: effusion.", "heading"),
    ],
)
def test_what_gives_an_origin_away_is_found(report: str, kind: str) -> None:
    assert kind in {tell.kind for tell in tells(report)}
    place = next(tell for tell in tells(report) if tell.kind == kind)
    assert place.text in report[place.start : place.end]


def test_an_ordinary_report_has_no_tells() -> None:
    assert tells("The heart is of normal size. Opacity at the right base. No effusion.") == ()


def test_rewriting_takes_tells_out_tells_what_it_took_and_repairs_no_machine() -> None:
    raw = "Chest X-ray showing a <nou> effusion (arrow) compared to the prior film of 12/03/2019."
    new, changes = rewritten(raw)
    assert new == "A <nou> effusion."
    assert {change.kind for change in changes} == {"film", "figure", "comparison", "date"}


def test_texts_without_signal_are_told_apart_no_better_than_by_chance() -> None:
    found = [leak_test(*arms(seed), seed) for seed in range(5)]
    assert np.mean([leak.auc for leak in found]) == pytest.approx(0.5, abs=0.08)
    assert sum(leak.flagged for leak in found) <= 1


def test_a_planted_word_is_found_and_named() -> None:
    human, machine = arms(1)
    machine = [report.replace(".", " overall.") for report in machine]
    leak = leak_test(human, machine, 0)
    assert leak.flagged
    assert leak.auc > 0.95
    assert leak.words[0] == ("overall", "machine") or ("overall .", "machine") in leak.words


def test_few_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="ten texts"):
        leak_test(["a"] * 9, ["b"] * 20, 0)


def test_a_length_gap_is_flagged_and_equal_lengths_are_not() -> None:
    human, machine = arms(2)
    assert not length_gap(human, machine).flagged
    rng = np.random.default_rng(3)
    assert length_gap(human, [text(rng, 5) for _ in range(60)]).flagged


def test_a_clean_study_passes() -> None:
    found = preflight(PROTOCOL, items(*arms(4)))
    assert found.flags == ()
    assert "Nothing was found" in found.markdown()


@pytest.mark.parametrize("planted", ["length", "XXXX", "casing", "<nou>"])
def test_a_planted_tell_is_flagged(planted: str) -> None:
    human, machine = arms(4)
    rng = np.random.default_rng(9)
    if planted == "length":
        machine = [text(rng, 6) for _ in machine]
    elif planted == "XXXX":
        human = [report.replace(".", " XXXX.") for report in human]
    elif planted == "casing":
        machine = [report.lower() for report in machine]
    else:
        machine[0] = "Small <nou> at the base."
    said = " ".join(preflight(PROTOCOL, items(human, machine)).flags)
    expected = {"length": "length:", "XXXX": "blank", "casing": "look:", "<nou>": "unknown word"}
    assert expected[planted] in said


def test_training_items_and_repeats_don_t_count_for_the_words() -> None:
    plan = items(*arms(4))
    training = [
        replace(plan[-1], code=f"T{n}", report="Overall " * 40, training=True) for n in range(20)
    ]
    repeats = [replace(plan[0], code=f"R{n}", repeat_of=plan[0].code) for n in range(20)]
    assert preflight(PROTOCOL, [*plan, *training, *repeats]).flags == ()


def test_power_grows_with_cases_and_margin() -> None:
    small = power(replace(PROTOCOL, per_arm=20, margin=0.3), simulations=400)
    large = power(replace(PROTOCOL, per_arm=200, margin=0.3), simulations=400)
    wide = power(replace(PROTOCOL, per_arm=20, margin=1.0), simulations=400)
    assert small < large
    assert small < wide
    paired = replace(PROTOCOL, per_arm=20, margin=0.3, design="paired")
    assert power(paired, simulations=400) > small
