"""The cascade's rounds: which labels there are, how they are split, what an epoch shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from app.errors import AppError
from app.inference.models.cascade import Cascade
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.vocabulary import Vocabulary
from app.training import context_picture, rounds
from app.training.archive import Archive
from app.training.config import RoundsConfig
from app.training.corpora import Case

VOCABULARY = Vocabulary(["<start>", "<end>", "<nou>", "effusion", "opacity", "normal", "left"])


def archive(*annotations: str) -> Archive:
    cases = [Case(None, "a", "train", str(n), told) for n, told in enumerate(annotations)]
    images = np.random.default_rng(0).integers(0, 255, (len(cases), 32, 32)).astype(np.uint8)
    return Archive(images, cases, [], torch.zeros(len(cases), 1))


def small() -> Cascade:
    torch.manual_seed(0)
    return Cascade(len(VOCABULARY), 1, image_size=32, hidden=8, embedding=8)


def test_first_words_with_enough_cases_are_labels_the_frequent_first() -> None:
    told = archive("opacity left", "effusion", "opacity", "opacity", "effusion left", "normal")
    rows = torch.arange(6)
    assert rounds.first_words(told, rows, 2) == ["opacity", "effusion"]
    assert rounds.by_word(told, rows, ["opacity", "effusion"]).tolist() == [0, 1, 0, 0, 1, -1]
    with pytest.raises(AppError, match="Only 1 annotations"):
        rounds.first_words(told, rows, 3)


def test_only_labels_beyond_the_mean_and_a_deviation_are_split() -> None:
    """200 against 30 and 30: mean 86.7, deviation 80.1; k = round(200 / 50) = 4."""
    labels = torch.tensor([0] * 200 + [1] * 30 + [2] * 30 + [-1] * 3)
    draw = np.random.default_rng(3)
    seen = draw.normal(size=(263, 2)).astype(np.float32) * 0.1
    corners = np.array([[0, 0], [0, 9], [9, 0], [9, 9]], np.float32)
    seen[:200] += corners[np.arange(200) % 4]
    finer, origin = rounds.split(labels, seen, 50, seed=7)
    assert origin == [0, 0, 0, 0, 1, 2]
    assert (finer[-3:] == -1).all()
    for corner in range(4):  # each part is one heap of contexts
        assert len(finer[:200][corner::4].unique()) == 1
    assert finer[200:230].unique().tolist() == [4]


def test_contexts_that_are_all_the_same_leave_the_label_whole() -> None:
    """A network that has learned nothing yet may see every case alike."""
    labels = torch.tensor([0] * 200 + [1] * 30 + [2] * 30 + [3] * 30)
    finer, origin = rounds.split(labels, np.zeros((290, 8), np.float32), 50, seed=7)
    assert origin == [0, 1, 2, 3]
    assert torch.equal(finer, labels)


def test_a_case_that_the_split_has_not_seen_gets_the_nearest_part_of_its_label() -> None:
    labels, finer = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 2])
    seen = np.array([[0.0], [10.0], [5.0]], np.float32)
    others = torch.tensor([0, 0, 1, -1])
    theirs = np.array([[2.0], [9.0], [99.0], [0.0]], np.float32)
    assert rounds.by_nearest(labels, seen, finer, others, theirs).tolist() == [0, 1, 2, -1]


def test_the_context_is_the_mean_of_the_states_over_the_words_alone() -> None:
    """Short annotations are padded on the way; the padding must not count."""
    told = archive("opacity left", "effusion")
    model = small().eval()
    options = {"device": torch.device("cpu"), "mixed": False}
    both = rounds.contexts(model, told, torch.tensor([0, 1]), VOCABULARY, **options)
    alone = rounds.contexts(model, told, torch.tensor([1]), VOCABULARY, **options)
    assert both.shape == (2, 8)
    assert np.allclose(both[1], alone[0], atol=1e-5)


def test_an_epoch_shows_frequent_labels_less_and_rare_ones_more() -> None:
    told = archive(*["normal"] * 20, *["opacity"] * 2, "left")
    model = small()
    model.relabel([5, 4])
    labels = rounds.by_word(told, torch.arange(23), ["normal", "opacity"])
    stage = rounds.stage(
        "labels-1",
        model,
        told,
        (torch.arange(23), labels),
        (torch.arange(23), labels),
        RoundsConfig(epochs=1, limit=9, batch=4),
        seed=1,
        device=torch.device("cpu"),
        mixed=False,
    )
    order = stage.order(1)
    assert (order < 20).sum() == 9
    assert ((order == 20) | (order == 21)).sum() == 3  # a third of the limit
    assert 22 not in order.tolist()  # without a label
    assert not torch.equal(order, stage.order(2))
    batch = stage.batch(order[:4], 1, torch.Generator().manual_seed(0))
    assert stage.lesson(*batch).isfinite()
    assert set(stage.validate(1)) == {"label_loss", "label_accuracy"}


def test_the_picture_shows_a_finding_that_was_split_and_not_the_normal(tmp_path: Path) -> None:
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 1])
    finer = torch.tensor([0, 1, 2, 2, 3, 4, 4])
    seen = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    file = context_picture.draw(tmp_path, ["normal", "opacity"], labels, finer, seen)
    assert file is not None
    assert file.read_bytes().startswith(b"\x89PNG")
    unsplit = torch.tensor([0, 1, 2, 2, 3, 3, 3])  # only the normal is in parts
    file.unlink()
    assert context_picture.draw(tmp_path, ["normal", "opacity"], labels, unsplit, seen) is None
    assert not file.exists()


def test_a_system_without_labels_is_refused() -> None:
    with pytest.raises(AppError, match="densenet_lstm has no labels"):
        rounds.labelled(DenseNetLstm(4, 1, image_size=32))
