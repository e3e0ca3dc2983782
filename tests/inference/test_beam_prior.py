"""Drafts ranked by what the image makes more likely, against an exhaustive search."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from app.inference.beam import search
from app.inference.models.base import Encoded
from app.inference.options import BeamOptions

START, END, NOU, WORDS = 0, 1, 2, 6


@dataclass
class Rows:
    images: Tensor

    def select(self, rows: Tensor) -> Rows:
        return Rows(self.images[rows])


class Toy:
    """The next word depends on the image and on the last word alone."""

    def table(self, image: int) -> Tensor:
        generator = torch.Generator().manual_seed(100 + image)
        return 1.5 * torch.randn(WORDS, WORDS, generator=generator)

    def start(self, encoded: Encoded) -> Rows:
        return Rows(encoded.pooled[:, 0].long())

    def step(self, tokens: Tensor, state: Rows) -> tuple[Tensor, Tensor, Rows]:
        pairs = zip(state.images.tolist(), tokens.tolist(), strict=True)
        logits = torch.stack([self.table(image)[token] for image, token in pairs])
        return logits, torch.full((len(tokens), 4), 0.25), state


def seen(image: int) -> Encoded:
    return Encoded(torch.zeros(1, 1, 4), torch.tensor([[float(image)]]), torch.zeros(1, 1))


def logprob(image: int, words: tuple[int, ...]) -> float:
    table = torch.log_softmax(Toy().table(image), 1).double()
    return sum(float(table[a, b]) for a, b in itertools.pairwise((START, *words, END)))


def reports(longest: int) -> list[tuple[int, ...]]:
    written = [token for token in range(WORDS) if token not in (START, END, NOU)]
    lengths = range(1, longest + 1)
    return [words for n in lengths for words in itertools.product(written, repeat=n)]


def plausible(image: int, words: tuple[int, ...], longest: int) -> bool:
    """No word has less than a tenth of the probability of the best that may stand there."""
    table = torch.log_softmax(Toy().table(image), 1)
    for place, (before, word) in enumerate(itertools.pairwise((START, *words, END))):
        allowed = table[before].clone()
        allowed[[START, NOU]] = -torch.inf
        if place == 0:
            allowed[END] = -torch.inf
        if place < longest and allowed[word] < allowed.max() + np.log(0.1):
            return False
    return True


@pytest.mark.parametrize("weight", [0.3, 0.7, 1.0])
@pytest.mark.parametrize("normalised", [False, True])
def test_a_wide_search_finds_the_reports_that_the_image_speaks_for(
    weight: float, normalised: bool
) -> None:
    options = BeamOptions(
        width=200, max_words=4, block_ngram=0, length_normalised=normalised, prior_weight=weight
    )
    (found,) = search(Toy(), seen(3), options, prior=seen(9), forbidden=(NOU,))

    def score(words: tuple[int, ...]) -> float:
        total = logprob(3, words) - weight * logprob(9, words)
        return total / (len(words) + 1) if normalised else total

    likely = [words for words in reports(4) if plausible(3, words, 4)]
    assert len(likely) < len(reports(4))
    expected = sorted(likely, key=score, reverse=True)[:3]
    assert [h.tokens for h in found] == expected
    np.testing.assert_allclose([h.score for h in found], [score(words) for words in expected])
    np.testing.assert_allclose([h.logprob for h in found], [logprob(3, w) for w in expected])


def test_without_a_weight_the_prior_changes_nothing() -> None:
    options = BeamOptions(max_words=6)
    (plain,) = search(Toy(), seen(3), options)
    (same,) = search(Toy(), seen(3), options, prior=seen(9))
    assert [(h.tokens, h.score) for h in plain] == [(h.tokens, h.score) for h in same]
    assert all(h.score == h.logprob for h in plain)


def test_without_a_prior_the_image_is_compared_with_an_empty_one() -> None:
    options = BeamOptions(max_words=4, prior_weight=0.5)
    (zeros,) = search(Toy(), seen(3), options, prior=seen(0))
    (none,) = search(Toy(), seen(3), options)
    assert [(h.tokens, h.score) for h in none] == [(h.tokens, h.score) for h in zeros]


def test_an_image_like_the_prior_leaves_nothing_to_prefer_at_full_weight() -> None:
    (found,) = search(Toy(), seen(3), BeamOptions(max_words=4, prior_weight=1.0), prior=seen(3))
    assert [h.score for h in found] == pytest.approx([0.0] * 3, abs=1e-9)


def test_several_images_share_one_prior() -> None:
    options = BeamOptions(max_words=8, prior_weight=0.6)
    both = Encoded(*(torch.cat(parts) for parts in zip(seen(3), seen(4), strict=True)))
    together = search(Toy(), both, options, prior=seen(9))
    for image, found in zip((3, 4), together, strict=True):
        (alone,) = search(Toy(), seen(image), options, prior=seen(9))
        assert [(h.tokens, h.score) for h in found] == [(h.tokens, h.score) for h in alone]


@pytest.mark.parametrize("wrong", [-0.1, 1.5])
def test_a_weight_outside_its_range_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="prior_weight"):
        BeamOptions(prior_weight=wrong)


def test_a_models_options_stand_in_for_defaults_and_the_users_win() -> None:
    drafting = {"prior_weight": 0.3, "max_words": 40, "length_normalised": True}
    assert BeamOptions(beams=2).filled(drafting) == BeamOptions(
        beams=2, prior_weight=0.3, max_words=40, length_normalised=True
    )
    mine = BeamOptions(prior_weight=0.1, max_words=20)
    assert mine.filled(drafting) == BeamOptions(
        prior_weight=0.1, max_words=20, length_normalised=True
    )


@pytest.mark.parametrize(
    "wrong", [{"beams": 5}, {"prior": 1}, {"max_words": "9"}, {"prior_weight": True}]
)
def test_a_models_senseless_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="drafting option"):
        BeamOptions().filled(wrong)
