"""What words have to do with signed reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.reporting.similar import (
    Heard,
    Listener,
    SignedCase,
    by_words,
    impression,
    joined,
    words_of,
)

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def case(study_id: str, text: str, minutes: int = 0) -> SignedCase:
    return SignedCase(study_id, text, "Anna", NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Effusion.\nHeart normal.", "Effusion. Heart normal."),
        ("Findings: heart normal.\nIMPRESSION:\nNo disease.", "No disease."),
        ("Heart normal.\nImpression:", "Heart normal. Impression:"),
        ("", ""),
    ],
)
def test_the_impression_is_what_stands_under_it(text: str, expected: str) -> None:
    assert impression(text) == expected


def test_articles_and_the_like_are_not_looked_for() -> None:
    assert words_of("Effusions at the right base") == ("effusion", "right", "base")


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("effusion right", "Small right pleural effusion.", ("effusion", "right")),
        ("effusion right", "No effusion. Right lung is clear.", ("right",)),
        ("effusion", "Clear without effusion, but an effusion on the left.", ("effusion",)),
        ("effusion", "Effusion has resolved.", ()),
        ("no effusion", "No effusion.", ("no", "effusion")),
        ("effusion", "", ()),
        ("", "Effusion.", ()),
        ("atelectasis", "Atelectasis.", ("atelectasis",)),
        ("胸腔积液", "心影增大。右侧胸腔积液，少量。", ("胸腔积液",)),
        ("积液 右侧", "右侧胸腔积液。", ("积液", "右侧")),
        ("积液 肺炎", "双肺清晰，未见胸腔积液。左肺下叶肺炎。", ("肺炎",)),
        ("积液 肺炎", "无胸腔积液，左肺下叶肺炎。", ("肺炎",)),
        ("无积液", "无积液。", ("无积液",)),
        ("肺炎", "心影增大。", ()),
    ],
)
def test_a_denied_word_is_not_said(query: str, text: str, expected: tuple[str, ...]) -> None:
    assert Listener(query).hear(text).said == expected


def test_what_a_report_only_denies_is_told_apart_from_what_it_leaves_out() -> None:
    listener = Listener("effusions right base")
    assert listener.hear("No effusion. Right lung is clear.") == Heard(("right",), ("effusion",))
    assert listener.hear("No effusion on the left; small right effusion.").denied == ()
    assert listener.hear("Heart normal.") == Heard()
    assert Listener("no effusion").hear("No effusion.").denied == ()
    assert Listener("(").hear("(") == Heard()


def ranked(query: str, *cases: SignedCase) -> tuple[list[str], set[str]]:
    listener = Listener(query)
    heard = {one.study_id: listener.hear(one.text) for one in cases}
    found, denying = by_words(heard, {one.study_id: one for one in cases})
    return found, set(denying)


def test_reports_that_say_more_of_the_words_come_first_then_newer_ones() -> None:
    cases = [
        case("old", "Effusion on the right."),
        case("new", "Right effusion.", minutes=5),
        case("all", "Effusion at the right base."),
        case("few", "The base is clear."),
        case("none", "Cardiomegaly."),
    ]
    assert ranked("effusion right base", *cases) == (["all", "new", "old", "few"], set())
    assert ranked("", *cases) == ([], set())


def test_one_of_many_words_is_enough_and_a_word_nobody_says_changes_nothing() -> None:
    cases = [case("large", "Large pleural effusion."), case("side", "Right hilum prominent.")]
    assert ranked("effusion right base", *cases)[0] == ["large", "side"]  # equal: by id
    assert ranked("effusion zzqfoo plaque base", *cases)[0] == ["large"]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    common = [case(f"c{number}", "Right lung is expanded.", minutes=9) for number in range(5)]
    assert ranked("effusion right", *common, case("one", "Small effusion."))[0][0] == "one"


def test_who_denies_what_is_looked_for_stands_behind_all_others() -> None:
    cases = [
        case("denies", "No effusion. Right lung clear.", minutes=9),
        case("large", "Large effusion."),
        case("other", "Right nodule."),
    ]
    found, denying = ranked("effusion right base", *cases)
    assert denying == {"denies"}
    assert joined([found, ["denies", "other", "large"]], 3, denying)[-1] == "denies"


def test_what_two_rankings_agree_on_stands_first() -> None:
    assert joined([["a", "b", "c"], ["c", "d"]], 3) == ["c", "a", "b"]
    assert joined([], 3) == []
