"""The beam search finds what an exhaustive search finds, ends always, and keeps what it saw."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from app.errors import Cancelled, ModelError
from app.inference.beam import Hypothesis, search
from app.inference.models.base import Encoded
from app.inference.options import BeamOptions

START, END, NOU = 0, 1, 2


@dataclass
class ToyState:
    """Remembers the words read so far, and which image a row belongs to."""

    images: Tensor
    history: Tensor

    def select(self, rows: Tensor) -> ToyState:
        return ToyState(self.images[rows], self.history[rows])


class Toy:
    """A language whose next word depends on the image and on the whole history.

    Attention is a fingerprint of that history, so that a reordered row can't hide.
    """

    def __init__(self, vocabulary: int, seed: int = 0, end_bias: float = 0.0) -> None:
        self.vocabulary, self.seed, self.end_bias = vocabulary, seed, end_bias
        self.steps = 0

    def start(self, encoded: Encoded) -> ToyState:
        images = encoded.pooled[:, 0].long()
        return ToyState(images, torch.empty((len(images), 0), dtype=torch.int64))

    def logits(self, image: int, history: tuple[int, ...]) -> np.ndarray:
        random = np.random.default_rng([self.seed, image, *history])
        logits = random.normal(0.0, 1.5, self.vocabulary)
        logits[END] += self.end_bias
        return logits

    def look(self, image: int, history: tuple[int, ...]) -> np.ndarray:
        random = np.random.default_rng([self.seed + 1, image, *history])
        return random.dirichlet(np.ones(6)).astype(np.float32)

    def step(self, tokens: Tensor, state: ToyState) -> tuple[Tensor, Tensor, ToyState]:
        self.steps += 1
        history = torch.cat([state.history, tokens.unsqueeze(1)], dim=1)
        rows = [
            (int(image), tuple(words))
            for image, words in zip(state.images, history.tolist(), strict=True)
        ]
        logits = torch.tensor(np.stack([self.logits(*row) for row in rows]), dtype=torch.float32)
        looks = torch.tensor(np.stack([self.look(*row) for row in rows]))
        return logits, looks, ToyState(state.images, history)

    def logprobs(self, image: int, words: tuple[int, ...]) -> np.ndarray:
        logits = torch.tensor(self.logits(image, (START, *words)), dtype=torch.float32)
        return torch.log_softmax(logits, 0).double().numpy()


def images(*numbers: int) -> Encoded:
    pooled = torch.tensor([[float(number)] for number in numbers])
    return Encoded(torch.zeros(len(numbers), 1, 6), pooled, torch.zeros(len(numbers), 1))


def has_repeated_run(words: tuple[int, ...], n: int) -> bool:
    runs = [words[i : i + n] for i in range(len(words) - n + 1)]
    return n > 0 and len(set(runs)) < len(runs)


def exhaustive(toy: Toy, image: int, options: BeamOptions) -> list[tuple[float, tuple[int, ...]]]:
    """Every report there is, scored one by one and ranked."""
    found = []
    written = [token for token in range(toy.vocabulary) if token not in (START, END, NOU)]
    for length in range(options.min_words, options.max_words + 1):
        for words in itertools.product(written, repeat=length):
            if has_repeated_run(words, options.block_ngram):
                continue
            total = sum(toy.logprobs(image, words[:i])[word] for i, word in enumerate(words))
            total += toy.logprobs(image, words)[END]
            found.append((total / (length + 1) if options.length_normalised else total, words))
    return sorted(found, reverse=True)


def greedy(toy: Toy, image: int, options: BeamOptions) -> tuple[tuple[int, ...], float]:
    """The most probable allowed word, again and again."""
    words: tuple[int, ...] = ()
    total = 0.0
    while True:
        logprobs = toy.logprobs(image, words)
        allowed = [
            token
            for token in range(toy.vocabulary)
            if token not in (START, NOU)
            and (token != END or len(words) >= options.min_words)
            and not has_repeated_run((*words, token), options.block_ngram)
        ]
        if len(words) == options.max_words:
            allowed = [END]
        token = max(allowed, key=lambda t: logprobs[t])
        total += logprobs[token]
        if token == END:
            return words, total
        words = (*words, token)


def run(toy: Toy, encoded: Encoded, options: BeamOptions, **more: object) -> list[list[Hypothesis]]:
    return search(toy, encoded, options, start=START, end=END, forbidden=(NOU,), **more)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("block", [0, 2])
def test_a_wide_search_equals_exhaustive_search(seed: int, normalised: bool, block: int) -> None:
    toy = Toy(vocabulary=6, seed=seed, end_bias=-1.0)
    options = BeamOptions(
        beams=3, width=200, max_words=4, block_ngram=block, length_normalised=normalised
    )
    found = run(toy, images(7), options)[0]
    expected = exhaustive(toy, 7, options)[:3]
    assert [hypothesis.tokens for hypothesis in found] == [words for _, words in expected]
    np.testing.assert_allclose(
        [h.score for h in found], [score for score, _ in expected], rtol=1e-9
    )


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("end_bias", [-2.0, 0.0, 2.0])
@pytest.mark.parametrize("block", [0, 1, 3])
def test_one_beam_is_the_greedy_search(seed: int, end_bias: float, block: int) -> None:
    toy = Toy(vocabulary=9, seed=seed, end_bias=end_bias)
    options = BeamOptions(beams=1, max_words=12, block_ngram=block)
    assert options.search_width == 1
    (hypothesis,) = run(toy, images(3), options)[0]
    words, logprob = greedy(toy, 3, options)
    assert hypothesis.tokens == words
    assert hypothesis.score == pytest.approx(logprob, rel=1e-9)


def test_several_images_at_once_are_as_one_by_one() -> None:
    toy = Toy(vocabulary=12, seed=5)
    options = BeamOptions(max_words=15)
    together = run(toy, images(1, 2, 3, 4), options)
    for number, found in zip((1, 2, 3, 4), together, strict=True):
        alone = run(toy, images(number), options)[0]
        assert [h.tokens for h in found] == [h.tokens for h in alone]
        assert [h.score for h in found] == pytest.approx([h.score for h in alone])
        for a, b in zip(found, alone, strict=True):
            np.testing.assert_array_equal(a.attention, b.attention)


def test_attention_follows_its_word_through_every_reordering() -> None:
    toy = Toy(vocabulary=10, seed=9)
    for image, found in enumerate(run(toy, images(0, 1, 2), BeamOptions(max_words=20))):
        for hypothesis in found:
            words = hypothesis.tokens
            expected = [toy.look(image, (START, *words[:i])) for i in range(len(words))]
            np.testing.assert_array_equal(hypothesis.attention, np.stack(expected))
            assert hypothesis.attention.dtype == np.float32
            np.testing.assert_allclose(hypothesis.attention.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_drafts_are_ranked_distinct_and_allowed(seed: int) -> None:
    toy = Toy(vocabulary=8, seed=seed, end_bias=-3.0)
    options = BeamOptions(beams=3, max_words=25, min_words=4, block_ngram=2)
    found = run(toy, images(1), options)[0]
    assert len(found) == 3
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    assert len({h.tokens for h in found}) == 3
    for hypothesis in found:
        assert 4 <= len(hypothesis.tokens) <= 25
        assert not {START, END, NOU} & set(hypothesis.tokens)
        assert not has_repeated_run(hypothesis.tokens, 2)
        total = sum(
            toy.logprobs(1, hypothesis.tokens[:i])[word] for i, word in enumerate(hypothesis.tokens)
        )
        total += toy.logprobs(1, hypothesis.tokens)[END]
        assert hypothesis.score == pytest.approx(total, rel=1e-9)


def test_reports_that_read_alike_are_one() -> None:
    toy = Toy(vocabulary=6, seed=2, end_bias=-1.0)
    options = BeamOptions(beams=3, width=200, max_words=3, block_ngram=0)

    def shown(tokens: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(token for token in tokens if token != 5)  # 5 can't be seen

    found = run(toy, images(4), options, identity=shown)[0]
    expected: dict[tuple[int, ...], float] = {}
    for score, words in exhaustive(toy, 4, options):
        expected.setdefault(shown(words), score)
    assert [shown(h.tokens) for h in found] == list(expected)[:3]
    assert [h.score for h in found] == pytest.approx(list(expected.values())[:3])


def test_a_model_that_never_ends_still_gives_drafts() -> None:
    toy = Toy(vocabulary=9, seed=1, end_bias=-200.0)
    found = run(toy, images(1, 2), BeamOptions(max_words=10))
    assert [len(drafts) for drafts in found] == [3, 3]
    assert all(len(h.tokens) == 10 and np.isfinite(h.score) for drafts in found for h in drafts)
    assert toy.steps == 11


def test_the_search_stops_once_nothing_better_can_come() -> None:
    toy = Toy(vocabulary=9, seed=1, end_bias=9.0)
    found = run(toy, images(1, 2), BeamOptions(max_words=60))
    assert [len(drafts) for drafts in found] == [3, 3]
    assert toy.steps < 10


def test_a_vocabulary_smaller_than_the_width_works() -> None:
    options = BeamOptions(beams=3, width=50, max_words=3, block_ngram=1)
    found = run(Toy(vocabulary=4), images(1), options)[0]
    assert [h.tokens for h in found] == [(3,)]  # the only report there is without a repeated word
    assert found[0].attention.shape == (1, 6)


def test_an_empty_report_is_possible_when_it_is_allowed() -> None:
    options = BeamOptions(beams=1, min_words=0)
    (hypothesis,) = run(Toy(vocabulary=5, end_bias=50.0), images(1), options)[0]
    assert hypothesis.tokens == ()
    assert hypothesis.attention.shape == (0, 6)


def test_cancelling_is_seen_between_two_steps() -> None:
    toy = Toy(vocabulary=9, end_bias=-50.0)
    with pytest.raises(Cancelled):
        run(toy, images(1), BeamOptions(), cancelled=lambda: toy.steps >= 3)
    assert toy.steps == 3


def test_progress_rises_to_its_total() -> None:
    told: list[tuple[int, int]] = []
    run(Toy(vocabulary=9), images(1), BeamOptions(max_words=20), progress=lambda *p: told.append(p))
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert told[-1] == (21, 21)
    assert {total for _, total in told} == {21}


def test_a_model_that_answers_with_nan_is_named() -> None:
    class Broken(Toy):
        def logits(self, image: int, history: tuple[int, ...]) -> np.ndarray:
            return np.full(self.vocabulary, np.nan)

    with pytest.raises(ModelError, match="no probabilities"):
        run(Broken(vocabulary=5), images(1), BeamOptions())


@pytest.mark.parametrize(
    "wrong",
    [
        {"beams": 0},
        {"beams": 3, "width": 2},
        {"max_words": 0},
        {"min_words": 61},
        {"block_ngram": -1},
    ],
)
def test_senseless_options_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"beam|words|block_ngram"):
        BeamOptions(**wrong)


def test_punctuation_neither_opens_a_report_nor_follows_on_punctuation() -> None:
    found = search(
        Toy(6, seed=3), images(0), BeamOptions(max_words=6, block_ngram=0), punctuation=(4, 5)
    )[0]
    for hypothesis in found:
        words = (START, *hypothesis.tokens)
        assert all(
            not (word in (4, 5) and before in (START, 4, 5))
            for before, word in itertools.pairwise(words)
        )
    assert len(found) == 3
