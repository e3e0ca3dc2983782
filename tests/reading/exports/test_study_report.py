"""The PDF and the methods paragraph say what the protocol and the ratings say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager, rcParams
from study_scores import arms

from app.reading.analysis import pictures
from app.reading.analysis.results import analyse
from app.reading.exports import methods, pdf
from app.reading.exports.beforehand import Beforehand
from app.reading.exports.completeness import Completeness
from app.reading.preparation import GIVEN
from app.reading.protocol import Protocol

PROTOCOL = Protocol("t", "unpaired", 77, 0.4, ("r1", "r2"), 20, training=3, repeats=4)
WHOLE = Completeness((("r1", 40, 40), ("r2", 40, 40)))


def results():  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(2)
    scores = [
        score
        for reader in ("r1", "r2")
        for score in arms(rng.integers(1, 6, 20).tolist(), rng.integers(1, 6, 20).tolist(), reader)
    ]
    return analyse(scores, "unpaired", 0.4, seed=1, resamples=200)


def test_the_paragraph_is_filled_from_the_protocol() -> None:
    text = methods.paragraph(PROTOCOL, results(), "9.9", ["toy 12ab"], WHOLE, Beforehand())
    for said in (
        *("seed 77", "20 human and 20 machine cases", "First came 3 training items"),
        "2 readers scored every report from 1 to 5 without knowing their origin",
        "a bootstrap interval clustered by case, and for each reader alone Newcombe's interval",
        "Wilson's intervals, which take every rating as independent",
        *(
            "4 of the others came a second time",
            "could not go back",
            "0.4 points",
            "Mann-Whitney",
        ),
        *(
            "Reading Room 9.9",
            PROTOCOL.sha256,
            "made before the study (toy 12ab; the first-ranked draft). All",
        ),
    ):
        assert said in text
    assert "washout" not in text
    plain = methods.paragraph(
        replace(PROTOCOL, training=0, repeats=0),
        results(),
        "9.9",
        ["toy 12ab"],
        WHOLE,
        Beforehand(),
    )
    assert "training" not in plain
    given = methods.paragraph(PROTOCOL, results(), "9.9", [GIVEN], WHOLE, Beforehand())
    assert "made before the study (given in the list of cases). All" in given
    assert "second time" not in plain


@pytest.mark.parametrize(
    ("complete", "said"),
    [
        (
            Completeness((("r1", 40, 40), ("r2", 12, 40), ("r3", 0, 40))),
            "3 readers scored reports from 1 to 5 (52 of 120 ratings due: r1 40 of 40, r2 12 of "
            "40, r3 0 of 40) without",
        ),
        (
            Completeness((("r1", 40, 40), ("r2", 38, 38))),
            "2 readers scored every report that they were to be shown from 1 to 5 (r1 40 of 40, "
            "r2 38 of 38) without",
        ),
        (
            Completeness((("r1", 40, 40),), ("r2",)),
            "item. Ratings of withdrawn readers (r2) are left out. The key",
        ),
    ],
)
def test_the_paragraph_says_every_report_only_when_it_is_true(
    complete: Completeness, said: str
) -> None:
    text = methods.paragraph(PROTOCOL, results(), "9.9", ["toy 12ab"], complete, Beforehand())
    assert said in text
    missing = "Nothing is put in the place of a rating that wasn't made"
    assert (missing in text) is not complete.whole


def key(**more: object) -> dict[str, object]:
    """An opened key with one text by rule, one by hand, and one of a case that was excluded."""
    texts = {"human a": "Clear.", "machine b": "Mass.", "human gone": "Nothing."}
    items = [{"arm": "human", "case": "a"}, {"arm": "machine", "case": "b"}]
    cases = [{"case": "a", "author": "r1", "drafted_by": []}]
    prepared = {"texts": texts, "by_hand": ["machine b"], "cases": cases}
    return {"items": items, "preparation": prepared, **more}


def test_the_paragraph_says_what_was_done_to_the_texts_and_what_was_accepted() -> None:
    def text(before: Beforehand) -> str:
        return methods.paragraph(PROTOCOL, results(), "9.9", ["toy 12ab"], WHOLE, before)

    found = ["film: in 3 items of the human arm.", "words: the arms are told apart."]
    said = text(Beforehand.of(key(accepted=found), ("r2",)))
    assert (
        "one normaliser, and before the freeze 1 human and 0 machine texts were reworded by rules "
        "that take out what tells an origin and 0 human and 1 machine texts were reworded by hand, "
        "each logged; images"
    ) in said
    assert (
        "The check before the freeze found, and the coordinator accepted: film: in 3 items of the "
        "human arm; words: the arms are told apart."
    ) in said
    assert "found nothing that would tell" in text(Beforehand.of(key(accepted=[]), ("r2",)))
    assert "check before the freeze" not in text(
        Beforehand.of(key(), ("r2",))
    )  # of an earlier version
    assert "reworded" not in text(Beforehand())
    knew = text(Beforehand.of(key(), ("r1", "r2")))  # r1 wrote the report on one case
    assert "First came up to 3 training items" in knew
    assert "up to 4 of the others came a second time" in knew


def test_a_long_title_stays_on_the_page() -> None:
    first, figure, *_ = pdf._pages("Reports of chest radiographs " * 8, results(), "How.")
    for page in (first, figure):
        page.draw_without_rendering()
        box = page.get_tightbbox()
        assert box.x1 <= page.get_figwidth()
    heading, verdict, *_ = first.texts
    assert verdict.get_window_extent().y1 < heading.get_window_extent().y0


@pytest.mark.parametrize(
    ("text", "most"), [("Reports of chest radiographs " * 4, 48), ("胸部X线报告" * 12, 26), ("", 0)]
)
def test_lines_of_wide_letters_are_shorter(text: str, most: int) -> None:
    broken = pictures.in_lines(text, 48).split("\n")
    assert max(map(len, broken)) <= most
    assert "".join(broken).replace(" ", "") == text.replace(" ", "")


def test_tables_of_many_readers_go_on_over_the_page() -> None:
    rng = np.random.default_rng(2)
    readers = [f"reader{n:02}" for n in range(11)]
    scores = [
        score
        for reader in readers
        for score in arms(rng.integers(1, 6, 8).tolist(), rng.integers(1, 6, 8).tolist(), reader)
    ]
    pages = pdf._pages("Many", analyse(scores, "unpaired", 0.4, seed=1, resamples=20), "How.")
    said = set()
    for page in pages[3:]:
        page.draw_without_rendering()
        assert page.axes[0].tables
        for table in page.axes[0].tables:
            box = table.get_window_extent()
            assert box.y0 >= 0.05 * page.bbox.height
            assert box.x1 <= page.bbox.width
            said |= {cell.get_text().get_text() for cell in table.get_celld().values()}
    assert said.issuperset(readers)
    assert len([cell for cell in said if " and reader" in cell.replace("\n", " ")]) == 55


def test_the_same_results_give_the_same_pdf(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        pdf.write("A pilot", results(), "How it was done.", tmp_path / name)
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content == (tmp_path / "b.pdf").read_bytes()
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 7


def test_a_chinese_title_and_reader_are_drawn_with_type_that_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(font_manager, "get_font_names", lambda: ["DejaVu Sans", "SimHei"])
    with pictures.style():
        assert rcParams["font.family"] == ["DejaVu Sans", "SimHei"]
    monkeypatch.setattr(font_manager, "get_font_names", lambda: ["DejaVu Sans"])
    with pictures.style():
        assert rcParams["font.family"] == ["DejaVu Sans"]
