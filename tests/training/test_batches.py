"""Augmentation: enough, and never what would move the heart."""

from __future__ import annotations

import torch

from app.training.batches import jitter, masked_bce, move, movement, positive_weights, to_input


def test_no_movement_mirrors_or_turns_an_image_far() -> None:
    grid = movement(200, 16, torch.Generator().manual_seed(0))
    across = grid[:, 8, -1] - grid[:, 8, 0]
    down = grid[:, -1, 8] - grid[:, 0, 8]
    assert (across[:, 0] > 1.5).all(), "left stays left"
    assert (down[:, 1] > 1.5).all(), "up stays up"
    turned = torch.rad2deg(torch.atan2(across[:, 1], across[:, 0])).abs()
    assert 5 < turned.max() <= 8.01


def test_a_grid_at_rest_changes_nothing() -> None:
    images = torch.randint(0, 255, (2, 32, 32), dtype=torch.uint8)
    batch = to_input(images, 32)
    still = torch.eye(2, 3).expand(2, -1, -1)
    grid = torch.nn.functional.affine_grid(still, [2, 1, 32, 32], align_corners=False)
    assert torch.allclose(move(batch, grid), batch, atol=1e-5)


def test_jitter_repeats_with_its_seed() -> None:
    batch = to_input(torch.randint(0, 255, (3, 32, 32), dtype=torch.uint8), 32)
    one, same, other = (jitter(batch, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.allclose(one, other)


def test_unknown_labels_teach_nothing() -> None:
    logits = torch.zeros(2, 2, requires_grad=True)
    labels = torch.tensor([[1.0, float("nan")], [float("nan"), float("nan")]])
    masked_bce(logits, labels, torch.ones(2)).backward()
    assert logits.grad is not None
    assert logits.grad[0, 0] < 0
    assert logits.grad.count_nonzero() == 1


def test_a_rare_finding_weighs_more_but_not_without_bound() -> None:
    labels = torch.zeros(1000, 3)
    labels[:500, 0] = 1
    labels[:100, 1] = 1
    labels[0, 2] = 1
    assert positive_weights(labels).tolist() == [1.0, 3.0, 5.0]
