"""What several drafts of one image say of each other."""

from __future__ import annotations

import numpy as np
import pytest

from app.inference.drafts import Analysis, Draft, Gate, Timing


def analysis(*drafts: tuple[str, float, float]) -> Analysis:
    """Drafts as (text, logprob, score), in the order of their ranks."""
    made = []
    for rank, (text, logprob, score) in enumerate(drafts, start=1):
        words = tuple(text.split())
        maps = np.full((len(words), 1, 1), 1.0, np.float32)
        made.append(Draft(rank, text, words, (), logprob, score, maps))
    return Analysis("image", "PA", Gate(True), "toy", "ab", "1", "cpu", Timing(), (), tuple(made))


def test_the_most_probable_per_word_need_not_be_long_nor_first() -> None:
    """Log probabilities are sums: −1.4 of one word and its end is −0.7 a word."""
    found = analysis(
        ("large right effusion", -4.8, -0.3), ("normal", -1.4, -0.4), ("clear lungs", -3.0, -0.5)
    )
    assert found.most_probable().text == "normal"
    with pytest.raises(ValueError, match="empty"):
        analysis().most_probable()


def test_a_better_rank_never_has_a_smaller_share() -> None:
    found = analysis(("mass", -3.0, -0.2), ("effusion", -1.0, -0.6), ("normal", -2.0, -0.9))
    shares = found.shares()
    assert sum(shares) == pytest.approx(1)
    assert list(shares) == sorted(shares, reverse=True)
    assert shares[0] / shares[1] == pytest.approx(np.exp(0.4))
    assert analysis().shares() == ()
