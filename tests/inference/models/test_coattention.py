"""System 5: sentences with a learned stop, tags by sigmoid, attention over regions and tags."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from small_systems import PERIOD, decided, seen, small
from torch import Tensor
from torch.nn import functional

from app.inference.beam import search
from app.inference.models.base import Encoded
from app.inference.models.coattention import Coattention
from app.inference.options import BeamOptions
from app.inference.vocabulary import SPECIAL, Vocabulary

TOKENS = torch.tensor([[0, 4, 6, PERIOD, 5, 7, PERIOD, 11], [0, 10, 9, 7, 12, PERIOD, 11, 4]])


def coattention(**options: Any) -> Coattention:
    model = small("coattention", **options)
    assert isinstance(model, Coattention)
    return model


def with_tags(findings: int, seed: int = 3) -> Coattention:
    return coattention(seed=seed, findings=findings)


@torch.no_grad()
def read(model: Coattention, regions: Tensor, tags: Tensor) -> Encoded:
    return Encoded(regions, regions.mean(2), tags)


@torch.no_grad()
def looked(model: Coattention, encoded: Encoded) -> Tensor:
    """The weights of the regions for the first sentence, (B, p)."""
    start = torch.zeros(len(encoded.pooled), dtype=torch.int64)
    _, attention, _ = model.step(start, model.start(encoded))
    return attention


def test_the_whole_stop_and_the_words_share_the_probability() -> None:
    model = decided(coattention(), 2.0)
    encoded = seen(model, 2)
    with torch.no_grad():
        taught = model.teach(encoded, TOKENS).words
    begins = torch.isin(TOKENS, torch.tensor([0, PERIOD]))
    whole = taught[begins].exp().sum(1)
    torch.testing.assert_close(whole, torch.ones(len(whole)))


@torch.no_grad()
def test_end_has_the_probability_to_stop_where_a_sentence_may_begin() -> None:
    model = decided(coattention(), 2.0)
    encoded = seen(model, 1)
    model.stop.weight.zero_()
    for bias in (-3.0, 0.0, 2.0):
        model.stop.bias.fill_(bias)
        words = model.teach(encoded, TOKENS[:1]).words[0].softmax(1)
        torch.testing.assert_close(
            words[[0, 3, 6], 1], torch.full((3,), torch.tensor(bias).sigmoid().item())
        )
        # Within a sentence it is a word like any other.
        assert not torch.allclose(words[1, 1], words[0, 1])


@torch.no_grad()
def test_the_sentence_network_moves_only_where_a_sentence_begins() -> None:
    model = decided(coattention())
    state = model.start(seen(model, 2))
    moved = []
    for column in TOKENS.unbind(1):
        before = (state.topic_hidden, state.topic_cell, state.looked)
        _, _, state = model.step(column, state)
        after = (state.topic_hidden, state.topic_cell, state.looked)
        moved.append(
            [
                not all(torch.equal(a[row], b[row]) for a, b in zip(before, after, strict=True))
                for row in range(2)
            ]
        )
    assert torch.equal(torch.tensor(moved).T, torch.isin(TOKENS, torch.tensor([0, PERIOD])))


@torch.no_grad()
def test_all_words_of_a_sentence_share_its_map_and_the_next_has_another() -> None:
    model = decided(coattention())
    attention = model.teach(seen(model, 2), TOKENS).attention
    first, second = attention[0, :3], attention[0, 3:6]
    assert torch.equal(first, first[:1].expand_as(first))
    assert torch.equal(second, second[:1].expand_as(second))
    assert not torch.allclose(first[0], second[0])


@torch.no_grad()
def test_a_sentence_is_written_from_its_topic_alone() -> None:
    """What stood before it reaches it through the sentence network, not the word network."""
    model = decided(coattention())
    other = TOKENS[:1].clone()
    other[0, 1:3] = torch.tensor([11, 12])  # another first sentence of the same length
    encoded = seen(model, 1)
    here, there = (model.teach(encoded, tokens).words[0] for tokens in (TOKENS[:1], other))
    torch.testing.assert_close(here[3:], there[3:])
    assert not torch.allclose(here[1:3], there[1:3])


@torch.no_grad()
def test_attention_follows_a_region_that_moves() -> None:
    model = decided(coattention())
    regions = seen(model, 1).regions
    tags = torch.zeros(1, 3)
    order = torch.tensor([2, 0, 3, 1])
    still = looked(model, read(model, regions, tags))
    moved = looked(model, read(model, regions[:, :, order], tags))
    assert float(still.std()) > 1e-3
    torch.testing.assert_close(moved, still[:, order])


@torch.no_grad()
def test_a_region_alone_changes_what_is_looked_at() -> None:
    model = decided(coattention())
    regions = torch.ones(1, model.encoder.channels, 4)
    tags = torch.zeros(1, 3)
    torch.testing.assert_close(looked(model, read(model, regions, tags)), torch.full((1, 4), 0.25))
    regions[0, :, 2] = 0.0
    weights = looked(model, read(model, regions, tags))[0]
    others = weights[[0, 1, 3]]
    torch.testing.assert_close(others, others[:1].expand(3))
    assert abs(float(weights[2] - weights[0])) > 1e-3


@torch.no_grad()
def test_the_context_is_the_papers_co_attention() -> None:
    model = decided(with_tags(14), 2.0)
    encoded = seen(model, 2)
    state = model.start(encoded)
    _, weights, after = model.step(torch.tensor([0, 0]), state)
    for row in range(2):
        # a_v ∝ exp(W_v_att tanh(W_v v + W_vh s)), a_a likewise; s is zero before the first sentence
        v = encoded.regions[row].T
        scores = model.w_v_att(torch.tanh(model.w_v(v))).squeeze(1)
        alpha = scores.softmax(0)
        likely = encoded.findings[row].argsort(descending=True)[:10]
        tags = model.tags.weight[likely]
        beta = model.w_a_att(torch.tanh(model.w_a(tags))).squeeze(1).softmax(0)
        context = model.context_norm(model.context(torch.cat([alpha @ v, beta @ tags])))
        hidden, _ = model.sentence(context.unsqueeze(0))
        torch.testing.assert_close(weights[row], alpha)
        torch.testing.assert_close(after.topic_hidden[row], hidden[0], rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_large_features_dont_saturate_the_topic_into_one_for_all_images() -> None:
    """A tanh of large numbers is ±1 whatever the image; then every image gets the same report."""
    model = decided(coattention(), 2.0)
    regions = seen(model, 2).regions
    tags = torch.zeros(2, 3)
    start = torch.zeros(2, dtype=torch.int64)

    def apart(share: float) -> float:
        words, _, _ = model.step(start, model.start(read(model, share * regions, tags)))
        first, second = words.log_softmax(1)
        return float((first - second).abs().mean())

    assert apart(1.0) > 1e-3
    assert apart(100.0) > 0.5 * apart(1.0)


@torch.no_grad()
def test_the_ten_most_likely_tags_are_read_whatever_their_number() -> None:
    model = with_tags(14)
    logits = torch.linspace(-5, 5, 14).unsqueeze(0)
    regions = seen(model, 1).regions
    tags = model.start(read(model, regions, logits)).tags
    assert torch.equal(tags[0], model.tags.weight[torch.arange(13, 3, -1)])
    few = with_tags(3)
    assert few.start(read(few, regions, torch.zeros(1, 3))).tags.shape == (1, 3, 12)


@torch.no_grad()
def test_how_many_tags_are_read_can_be_set() -> None:
    model = coattention(findings=14, tags=2)
    assert model.config()["tags"] == 2
    logits = torch.linspace(-5, 5, 14).unsqueeze(0)
    tags = model.start(read(model, seen(model, 1).regions, logits)).tags
    assert torch.equal(tags[0], model.tags.weight[torch.tensor([13, 12])])
    with pytest.raises(ValueError, match="tags must be at least 1"):
        coattention(tags=0)


@torch.no_grad()
def test_tags_are_sigmoids_so_several_can_be_likely_at_once() -> None:
    model = with_tags(4)
    model.head.weight.zero_()
    model.head.bias.copy_(torch.tensor([6.0, 5.0, 4.0, -6.0]))
    chances = seen(model, 1).findings.sigmoid()[0]
    assert bool((chances[:3] > 0.95).all())  # they would share 1 by a softmax
    # One tag's logit touches no other's.
    model.head.bias[0] = -6.0
    again = seen(model, 1).findings.sigmoid()[0]
    assert torch.equal(again[1:], chances[1:])


def test_the_vocabulary_says_which_words_close_a_sentence() -> None:
    words = Vocabulary((*SPECIAL, "心影", "。", ".", "，", ","))
    assert Coattention.arguments(words, ("Mass",)) == {
        "vocabulary_size": 8,
        "findings": 1,
        "sentence_ends": [4, 5],
    }


TEXTS = (
    "the heart is large .",
    "no effusion . lungs clear .",
    "right effusion . large heart . left lungs clear .",
)


@pytest.fixture(scope="module")
def taught() -> tuple[Coattention, Vocabulary, Encoded]:
    """A small model that learned one, two and three sentences of three images."""
    words = Vocabulary.learn(TEXTS, minimum_count=1)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Coattention(
            **Coattention.arguments(words, ("Effusion",)),
            image_size=32,
            share=0.125,
            hidden=32,
            embedding=24,
            dropout=0.0,
        )
    encoded = seen(model, 3)
    ids = [words.encode(text) for text in TEXTS]
    longest = max(map(len, ids)) - 1
    given = torch.full((3, longest), words.end)
    follows = torch.full((3, longest), -100)
    for row, one in enumerate(ids):
        given[row, : len(one) - 1] = torch.tensor(one[:-1])
        follows[row, : len(one) - 1] = torch.tensor(one[1:])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(150):
        told = model.teach(encoded, given).words
        loss = functional.cross_entropy(told.flatten(0, 1), follows.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval(), words, encoded


def test_the_stop_is_learned_as_many_sentences_are_written_as_were_taught(
    taught: tuple[Coattention, Vocabulary, Encoded],
) -> None:
    model, words, encoded = taught
    found = search(model, encoded, BeamOptions(max_words=30), punctuation=words.punctuation)
    written = [" ".join(words.words(image[0].tokens)) for image in found]
    assert written == list(TEXTS)
    assert [text.count(".") for text in written] == [1, 2, 3]


def test_reports_of_different_numbers_of_sentences_are_weighed_against_each_other(
    taught: tuple[Coattention, Vocabulary, Encoded],
) -> None:
    """The stop is no threshold: a shorter report costs what the stop there is worth."""
    model, words, encoded = taught
    with torch.no_grad():
        chances = model.teach(encoded, torch.tensor([words.encode(TEXTS[2])[:-1]] * 3)).words
    chances = chances.log_softmax(2)[2]
    period = words.encode(".")[1]
    ends = [place for place, word in enumerate(words.encode(TEXTS[2])[:-1]) if word == period]
    stops = chances[ends, words.end].exp()
    assert len(stops) == 3
    assert bool((stops[:2] < 0.1).all())
    assert float(stops[2]) > 0.9
