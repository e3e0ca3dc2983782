"""What would tell the arms apart is found; what doesn't is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.reading.allocation import Planned
from app.reading.leakage import leak_test, length_gap
from app.reading.normalise import named, normalised, rewritten, tells
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


def test_chance_alone_is_no_leak_however_small_the_study() -> None:
    """2.5 % of the studies without a signal are flagged, not every ninth."""
    flagged = [leak_test(*arms(seed, 12), seed).flagged for seed in range(40)]
    assert sum(flagged) <= 3


def test_what_chance_does_is_told_beside_the_area() -> None:
    human, machine = arms(1)
    blind, planted = (
        leak_test(human, texts, 0) for texts in (machine, [f"{text} ab" for text in machine])
    )
    assert blind.low < 0.5 < blind.high
    assert blind.p > 0.025
    assert planted.high < planted.auc
    assert planted.p == 1 / 400
    assert f"{planted.low:.2f} to {planted.high:.2f} with the arms shuffled" in planted.told


def test_texts_that_are_all_the_same_tell_nothing() -> None:
    found = leak_test(["Heart normal."] * 30, ["Heart normal."] * 30, 0)
    assert found.auc == 0.5
    assert not found.flagged


def test_in_pairs_the_arms_are_swapped_within_a_case() -> None:
    """The second words of half the cases tell the case, not the arm; a planted word tells it."""
    human, machine = arms(6, 30)
    groups = [f"c{n}" for n in range(30)] * 2
    own = [f"{one} {'abc' if n % 2 else 'xyz'}" for n, one in enumerate(human)]
    alike = [f"{one} {'abc' if n % 2 else 'xyz'}" for n, one in enumerate(machine)]
    assert not leak_test(own, alike, 0, groups).flagged
    assert leak_test(own, [f"{one} overall" for one in alike], 0, groups).flagged


def test_a_planted_word_is_found_and_named() -> None:
    human, machine = arms(1)
    machine = [report.replace(".", " overall.") for report in machine]
    leak = leak_test(human, machine, 0)
    assert leak.flagged
    assert leak.auc > 0.95
    assert leak.words[0] == ("overall", "machine") or ("overall .", "machine") in leak.words


def test_few_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 10 texts"):
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


@pytest.mark.parametrize("arm", ["human", "machine"])
def test_an_item_without_a_word_is_flagged(arm: str) -> None:
    human, machine = arms(4)
    (human if arm == "human" else machine)[0] = "12."
    found = preflight(PROTOCOL, items(human, machine))
    assert f"no word: in 1 item of the {arm} arm." in found.flags


def test_too_few_texts_for_a_leak_test_are_flagged() -> None:
    human, machine = arms(4)
    said = " ".join(preflight(PROTOCOL, items(human[:9], machine)).flags)
    assert "too few texts for a leak test (9 in an arm; it needs 10)" in said
    assert "too few" not in " ".join(preflight(PROTOCOL, items(human, machine)).flags)


def test_rewritten_texts_are_shown_before_and_after_and_fragments_flagged() -> None:
    human, machine = arms(4)
    raw = items(["Chest film showing the patient (arrow).", *human[1:]], machine)
    shown = [replace(raw[0], report="The patient."), *raw[1:]]
    found = preflight(PROTOCOL, shown, raw)
    assert found.flags == ("fragment: in 1 item of the human arm.",)
    row = "| H0 | human | Chest film showing the patient (arrow). | The patient. |"
    assert row in found.markdown().splitlines()


def test_many_more_rewritten_texts_in_one_arm_are_flagged() -> None:
    human, machine = arms(4)
    raw = items([f"CXR showing {text}" for text in human], machine)
    found = preflight(PROTOCOL, items(human, machine), raw)
    told = "rewritten: 60 of 60 texts of the human arm and 0 of 60 of the machine arm."
    assert told in found.flags


def test_one_arm_that_says_the_same_again_and_again_is_flagged() -> None:
    human, machine = arms(4)
    found = preflight(PROTOCOL, items(human, ["Bilateral edema."] * 9 + machine[9:]))
    told = "equal to another text: 0 of 60 texts of the human arm and 9 of 60 of the machine arm."
    assert told in found.flags
    same = ["No acute finding."] * 9
    found = preflight(PROTOCOL, items(same + human[9:], same + machine[9:]))
    assert found.flags == ()


def test_power_grows_with_cases_and_margin() -> None:
    small = power(replace(PROTOCOL, per_arm=20, margin=0.3), simulations=400)
    large = power(replace(PROTOCOL, per_arm=200, margin=0.3), simulations=400)
    wide = power(replace(PROTOCOL, per_arm=20, margin=1.0), simulations=400)
    assert small < large
    assert small < wide
    paired = replace(PROTOCOL, per_arm=20, margin=0.3, design="paired")
    assert power(paired, simulations=400) > small


@pytest.mark.parametrize(
    ("report", "names", "found"),
    [
        ("Lungs clear. adams", ("Adams^Anna",), ["adams"]),
        ("Seen by Anna; Adamson agrees.", ("Adams^Anna",), ["Anna"]),
        ("Müller: no effusion.", ("Dr. J. Müller",), ["Müller"]),
        ("心影增大，王小明报告", ("王小明",), ["王小明"]),
        ("No effusion on the right.", ("R1", "", "Li"), []),
    ],
)
def test_a_bare_name_that_the_study_knows_is_found(
    report: str, names: tuple[str, ...], found: list[str]
) -> None:
    assert [tell.text for tell in named(report, names)] == found


def test_names_are_looked_for_in_their_own_case_and_told_once() -> None:
    human, machine = arms(4)
    human[0] = "Seen by Dr. Adams."
    human[1] = "Adams reports no effusion."
    human[2] = "Adams' study would be another patient's."
    names = {"h0": ("Anna Adams",), "h1": ("Anna Adams",)}
    found = preflight(PROTOCOL, items(human, machine), names=names).found
    assert sorted((one.code, one.tell.text) for one in found if one.tell.kind == "name") == [
        ("H0", "Dr. Adams"),
        ("H1", "Adams"),
    ]


def test_a_planted_word_and_a_gap_of_length_are_found_in_chinese_too() -> None:
    said = ("双肺纹理清晰", "未见实变", "心影不大", "纵隔居中", "骨质完整", "膈面光滑", "肺门不大")
    rng = np.random.default_rng(4)

    def chinese(count: int) -> str:
        return "".join(rng.permutation(said)[:count])

    def arm(count: int) -> list[str]:
        return [normalised(chinese(count)) for _ in range(40)]

    human, machine = arm(4), arm(4)
    planted = [normalised(text.rstrip("。") + "影像") for text in machine]
    assert not leak_test(human, machine, 1).flagged
    assert leak_test(human, planted, 1).flagged
    assert not length_gap(human, machine).flagged
    assert length_gap(human, arm(6)).flagged
