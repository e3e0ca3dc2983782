"""Cases from a CSV, and who is shown what in which order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.errors import StudyError
from app.reading.allocation import (
    REPEAT_DISTANCE,
    allocate,
    drawn,
    new_secret,
    orders,
    replacement,
    second_from,
)
from app.reading.cases import Case, from_csv
from app.reading.protocol import Protocol

SECRET = 2**127 + 1
PROTOCOL = Protocol("t", "unpaired", 5, 0.5, ("R1", "R2"), 40, training=4, repeats=10)


def some_cases(count: int) -> tuple[Case, ...]:
    return tuple(
        Case(
            f"C{n:03}",
            Path(f"{n}.png"),
            "word " * (n % 17 + 1),
            patient=f"P{n}",
            abnormal=n % 3 == 0,
        )
        for n in range(count)
    )


def planned(protocol: Protocol, cases: tuple[Case, ...], secret: int = SECRET):  # type: ignore[no-untyped-def]
    drafts = {case.case: "Draft." for case in cases}
    return allocate(protocol, drawn(protocol, cases, secret), drafts, secret)


def test_the_arms_show_different_images_and_the_same_seed_gives_the_same_study() -> None:
    cases = some_cases(120)
    items = planned(PROTOCOL, cases)
    human = {item.case for item in items if item.arm == "human"}
    machine = {item.case for item in items if item.arm == "machine"}
    assert not human & machine
    assert sum(not i.training and not i.repeat_of for i in items) == 80
    assert sum(item.training for item in items) == 4
    assert items == planned(PROTOCOL, cases)
    assert items != planned(replace(PROTOCOL, seed=6), cases)


def test_without_the_secret_nothing_can_be_drawn_again() -> None:
    """The protocol with its seed lies open beside the items."""
    cases = some_cases(120)
    items, guess = planned(PROTOCOL, cases), planned(PROTOCOL, cases, secret=0)
    assert not {item.code for item in items} & {item.code for item in guess}
    arms, guessed = (
        {item.case: item.arm for item in made if not item.repeat_of} for made in (items, guess)
    )
    both = arms.keys() & guessed.keys()
    right = np.mean([arms[case] == guessed[case] for case in both])
    assert abs(right - 0.5) < 3 * 0.5 / np.sqrt(len(both))
    assert orders(PROTOCOL, items, cases, SECRET) != orders(PROTOCOL, items, cases, 0)
    assert len({new_secret() for _ in range(5)}) == 5
    assert max(new_secret() for _ in range(50)) > 2**120


@pytest.mark.parametrize("by", ["", "truth", "length"])
def test_a_spare_case_is_drawn_and_not_the_first_of_the_list(by: str) -> None:
    cases = some_cases(200)
    gone, spare = cases[0], cases[100:]
    protocol = replace(PROTOCOL, stratify=by)  # type: ignore[arg-type]
    found = [replacement(protocol, gone, spare, secret) for secret in range(40)]
    assert len({case.case for case in found}) > 4
    if by == "truth":
        assert all(case.abnormal == gone.abnormal for case in found)
    if by == "length":
        assert all(len(case.report.split()) == 1 for case in found)
    with pytest.raises(StudyError, match="No case is left"):
        replacement(protocol, gone, (), 1)


def test_neither_codes_nor_their_order_know_the_arms() -> None:
    """Over many seeds the machine's items lie anywhere in the order of the codes."""
    cases = some_cases(120)
    ranks = []
    for seed in range(60):
        items = [i for i in planned(replace(PROTOCOL, seed=seed), cases) if not i.repeat_of]
        ranks.append(np.mean([n for n, item in enumerate(items) if item.arm == "machine"]))
    middle = (84 - 1) / 2
    assert abs(np.mean(ranks) - middle) < 4 * np.std(ranks) / np.sqrt(60)


def test_every_reader_has_an_order_of_their_own_with_training_first() -> None:
    cases = some_cases(120)
    items = planned(PROTOCOL, cases)
    by_code = {item.code: item for item in items}
    made = orders(PROTOCOL, items, cases, SECRET)
    assert made["R1"] != made["R2"]
    for order in made.values():
        assert sorted(order) == sorted(by_code)
        assert [by_code[code].training for code in order[:4]] == [True] * 4
        for place, code in enumerate(order):
            if first := by_code[code].repeat_of:
                assert place - order.index(first) > REPEAT_DISTANCE or place >= len(order) - 11


def test_a_reader_is_never_shown_a_case_they_reported_or_drafted() -> None:
    cases = list(some_cases(120))
    cases[::4] = [replace(case, author="R1") for case in cases[::4]]
    cases[1] = replace(cases[1], drafted_by=("R2",))
    items = planned(PROTOCOL, tuple(cases))
    by_code = {item.code: item for item in items}
    own = {case.case for case in cases if case.author == "R1"}
    made = orders(PROTOCOL, items, cases, SECRET)
    assert not own & {by_code[code].case for code in made["R1"]}
    assert "C001" not in {by_code[code].case for code in made["R2"]}


@pytest.mark.parametrize("by", ["truth", "length"])
def test_strata_make_the_arms_alike(by: str) -> None:
    cases = some_cases(120)
    arms = drawn(replace(PROTOCOL, stratify=by), cases, SECRET)  # type: ignore[arg-type]
    if by == "truth":
        counts = [sum(bool(case.abnormal) for case in arms[arm]) for arm in ("human", "machine")]
        assert abs(counts[0] - counts[1]) <= 1
    else:
        means = [np.mean([len(c.report.split()) for c in arms[a]]) for a in ("human", "machine")]
        assert abs(means[0] - means[1]) < 0.5


def test_a_paired_study_shows_a_case_once_in_each_half() -> None:
    protocol = replace(PROTOCOL, design="paired", washout_days=28, training=0, repeats=0)
    cases = some_cases(40)
    items = planned(protocol, cases)
    by_code = {item.code: item for item in items}
    order = [by_code[code] for code in orders(protocol, items, cases, SECRET)["R1"]]
    first, second = order[:40], order[40:]
    assert len({item.case for item in first}) == len({item.case for item in second}) == 40
    assert sum(item.arm == "human" for item in first) == 20


def test_the_second_period_begins_where_the_first_case_comes_again() -> None:
    protocol = replace(PROTOCOL, design="paired", washout_days=28, training=4, repeats=30)
    cases = some_cases(60)
    items = planned(protocol, cases)
    by_code = {item.code: item for item in items}
    for order in orders(protocol, items, cases, SECRET).values():
        place = second_from(items, order)
        first, second = order[: place - 1], order[place - 1 :]
        arms = [
            {(by_code[code].case, by_code[code].arm) for code in half[4 * (half is first) :]}
            for half in (first, second)
        ]
        assert not arms[0] & arms[1]  # a repeat stays in its half
        assert {case for case, _ in arms[0]} == {case for case, _ in arms[1]}


def test_an_unpaired_study_has_no_second_period() -> None:
    cases = some_cases(120)
    items = planned(PROTOCOL, cases)
    assert {
        second_from(items, order) for order in orders(PROTOCOL, items, cases, SECRET).values()
    } == {0}


def test_one_patient_is_drawn_once() -> None:
    cases = [replace(case, patient="P1") for case in some_cases(120)]
    with pytest.raises(StudyError, match="needs 84 cases of different patients"):
        drawn(PROTOCOL, cases, SECRET)


def listed(folder: Path, text: str) -> Path:
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(b"x")
    (folder.parent / "outside.png").write_bytes(b"x")
    file = folder / "cases.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_list_of_cases_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    file = listed(
        folder,
        "case,image,report,author,abnormal,drafted_by,names\n"
        'C1,a.png,"Heart normal, lungs clear.",R1,no,,Adams; Dr. B. Ray ;\n'
        "C2,b.png,Effusion.,,yes,R1 R2,\n",
    )
    one, two = from_csv(file)
    assert (one.case, one.report, one.abnormal) == ("C1", "Heart normal, lungs clear.", False)
    assert one.seen_by("R1")
    assert not one.seen_by("R2")
    assert two.seen_by("R2")
    assert two.abnormal is True
    assert one.names == ("Adams", "Dr. B. Ray")
    assert two.names == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("case,picture\nC1,a.png\n", "no column image and no column report"),
        ("image,report\n", "is empty"),
        ("case,image,report\nC1,a.png,x\nC1,b.png,y\n", "the case C1 stands in line 2 already"),
        ("case,image,report\nC1,a.png,x\nC2,a.png,y\n", "the image a.png stands in line 2"),
        ("image,report\n../outside.png,x\n", "outside the CSV's folder"),
        ("image,report\nc.png,x\n", "line 2: there is no image c.png"),
        ("image,report\na.png,\n", "the report is empty"),
        ("image,report,abnormal\na.png,x,perhaps\n", "abnormal is 'perhaps'"),
        ("image,report\na.png,Clear, no effusion.\n", "line 2: there are more cells than columns"),
        ("image,report,report\na.png,x,y\n", "has two columns report"),
    ],
)
def test_a_bad_list_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    with pytest.raises(StudyError) as caught:
        from_csv(listed(folder, text))
    assert sentence in caught.value.message


def test_empty_cells_behind_the_last_column_are_no_matter(tmp_path: Path) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    [case] = from_csv(listed(folder, "image,report\na.png,Clear.,,\n"))
    assert case.report == "Clear."
