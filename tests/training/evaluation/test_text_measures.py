"""BLEU, ROUGE, CIDEr and METEOR against the originals, and by hand where there is none."""

from __future__ import annotations

import itertools
import random
import shutil

import numpy as np
import pytest

from app.training.evaluation import meteor
from app.training.evaluation.cider import Cider
from app.training.evaluation.overlap import alone, bleu, rouge_l, rouge_n

WORDS = ("no", "effusion", "in", "the", "left", "lobe", ".", "heart", "is", "right")


def reports(count: int, seed: int) -> list[list[str]]:
    rng = random.Random(seed)
    return [rng.choices(WORDS, k=rng.randint(1, 14)) for _ in range(count)]


def total(measure: object) -> float:
    return float(measure.finish(measure.sums.sum(axis=0, keepdims=True))[0])  # type: ignore[attr-defined]


def as_coco(texts: list[list[str]]) -> dict[int, list[str]]:
    return {number: [" ".join(words)] for number, words in enumerate(texts)}


def test_bleu_is_that_of_pycocoevalcap() -> None:
    original = pytest.importorskip("pycocoevalcap.bleu.bleu")
    drafts, written = reports(30, 1), reports(30, 2)
    figures, single = original.Bleu(4).compute_score(as_coco(written), as_coco(drafts), verbose=0)
    for n in (1, 2, 3, 4):
        ours = bleu(drafts, written, n)
        assert total(ours) == pytest.approx(figures[n - 1], abs=1e-9)
        assert alone(ours) == pytest.approx(single[n - 1], abs=1e-9)


def test_rouge_l_is_that_of_pycocoevalcap() -> None:
    original = pytest.importorskip("pycocoevalcap.rouge.rouge")
    drafts, written = reports(30, 3), reports(30, 4)
    figure, single = original.Rouge().compute_score(as_coco(written), as_coco(drafts))
    ours = rouge_l(drafts, written)
    assert total(ours) == pytest.approx(figure)
    assert alone(ours) == pytest.approx(single)


def test_cider_is_that_of_pycocoevalcap() -> None:
    original = pytest.importorskip("pycocoevalcap.cider.cider")
    drafts, written = reports(40, 5), reports(40, 6)
    _figure, single = original.Cider().compute_score(as_coco(written), as_coco(drafts))
    assert Cider(written).scores(drafts) == pytest.approx(single)


def test_cider_of_every_pair_at_once_is_that_of_each() -> None:
    drafts, written = reports(9, 7), reports(9, 8)
    table = Cider(written).table(drafts)
    for column, draft in enumerate(drafts):
        assert table[:, column] == pytest.approx(Cider(written).scores([draft] * 9), rel=1e-4)


def test_rouge_1_and_2_count_shared_runs_of_words() -> None:
    draft, report = [["left", "lower", "lobe"]], [["left", "lower", "effusion", "left"]]
    assert total(rouge_n(draft, report, 1)) == pytest.approx(2 * 2 / 7)
    assert total(rouge_n(draft, report, 2)) == pytest.approx(2 * 1 / 5)


def test_an_empty_draft_scores_nothing() -> None:
    report = [["left", "effusion"]]
    assert total(bleu([[]], report, 1)) == pytest.approx(0.0, abs=1e-6)
    assert total(rouge_n([[]], report, 1)) == 0.0
    assert total(rouge_l([[]], report)) == 0.0
    assert Cider([*report, ["heart"]]).scores([[], []]).tolist() == [0.0, 0.0]


def test_meteor_made_of_the_counts_is_what_the_program_makes_of_them() -> None:
    # Lines of the program and its own score of them.
    first = [5, 6, 2, 3, 2, 2, 2, 2, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 3, 5, 5]
    second = [3, 4, 1, 2, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    counts = np.array([second, first], np.float64)
    assert meteor.score(counts) == pytest.approx([0.050955414012738856, 0.40219628548253256])
    assert meteor.score(counts.sum(axis=0, keepdims=True)) == pytest.approx([0.25851684697791794])


def test_meteor_of_no_match_is_nothing_and_of_the_same_text_is_one() -> None:
    nothing = [0.0, 3, 0, 1, *[0] * 16, 0, 0, 0]
    same = [4.0, 4, 1, 1, 3, 3, 1, 1, *[0] * 12, 1, 4, 4]
    assert alone(meteor.additive(np.array([nothing, same]))) == pytest.approx([0.0, 1.0])


def test_a_draft_that_is_its_report_adds_no_chunk_to_the_corpus() -> None:
    same = [4.0, 4, 1, 1, 3, 3, 1, 1, *[0] * 12, 1, 4, 4]
    broken = [4.0, 4, 1, 1, 3, 3, 1, 1, *[0] * 12, 2, 4, 4]
    measured = meteor.additive(np.array([same, broken]))
    assert total(measured) == pytest.approx(1 - 0.6 * (2 / 8) ** 0.2)


def test_without_java_meteor_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(meteor.MeteorError, match="Java is not installed"):
        meteor.archive()


def test_without_the_package_meteor_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meteor.shutil, "which", lambda _name: "/usr/bin/java")
    monkeypatch.setattr(meteor.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(meteor.MeteorError, match="pycocoevalcap is not installed"):
        meteor.archive()


class Answering:
    """Stands for the Java program: answers with prepared lines."""

    def __init__(self, lines: list[str]) -> None:
        self.stdin, self.stdout = self, self
        self.asked: list[str] = []
        self._lines = itertools.chain(lines, itertools.repeat(""))

    def write(self, line: str) -> None:
        self.asked.append(line)

    def flush(self) -> None:
        pass

    def readline(self) -> str:
        return next(self._lines)

    def kill(self) -> None:
        pass

    def communicate(self) -> None:
        pass


def started(monkeypatch: pytest.MonkeyPatch, tmp_path: object, lines: list[str]) -> Answering:
    program = Answering(lines)
    monkeypatch.setattr(meteor, "archive", lambda: tmp_path)
    monkeypatch.setattr(meteor.subprocess, "Popen", lambda *_args, **_kind: program)
    return program


def test_meteor_asks_once_for_each_pair(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = "4.0 4.0 1.0 1.0 3.0 3.0 1.0 1.0 " + "0.0 " * 12 + "1.0 4.0 4.0"
    program = started(monkeypatch, tmp_path_factory.mktemp("jar") / "x.jar", [line, line])
    with meteor.Meteor() as running:
        measured = running.measure([["a"], ["b", "c"]], [["a"], ["d"]])
    assert program.asked == ["SCORE ||| a ||| a\n", "SCORE ||| d ||| b c\n"]
    assert total(measured) == pytest.approx(1.0)


def test_a_program_that_ends_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    started(monkeypatch, tmp_path_factory.mktemp("jar") / "x.jar", [])
    with meteor.Meteor() as running, pytest.raises(meteor.MeteorError, match="left out"):
        running.measure([["a"]], [["a"]])


@pytest.mark.skipif(shutil.which("java") is None, reason="needs a Java runtime")
def test_the_archive_is_found_where_it_is_installed() -> None:
    pytest.importorskip("pycocoevalcap")
    assert meteor.archive().name == "meteor-1.5.jar"
