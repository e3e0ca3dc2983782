"""Learning to see from a teacher: what is to be predicted, and when the loss is nought."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from app.inference.lite import LiteEncoder
from app.training.batches import move, movement, to_input
from app.training.imitation import COMPONENTS, Imitator, Lessons, lessons


def maps(count: int = 2) -> Lessons:
    draw = torch.Generator().manual_seed(1)
    values = torch.randn(count, COMPONENTS, 8, 8, generator=draw)
    return Lessons(values.bfloat16(), torch.tensor([-1, *range(count)]))


def test_targets_belong_to_the_rows() -> None:
    told = maps()
    assert torch.equal(told.targets(torch.tensor([2, 1]), None), told.maps[[1, 0]].float())


@pytest.mark.parametrize(("seen", "target"), [(4, 8), (8, 4), (14, 7)])
def test_the_finer_of_two_maps_is_averaged_to_the_places_of_the_coarser(
    seen: int, target: int
) -> None:
    imitator = Imitator(8)
    maps = torch.randn(2, 8, seen, seen)
    side = min(seen, target)
    with torch.no_grad():
        told = imitator.project(nn.functional.adaptive_avg_pool2d(maps, side))
    finer = told.repeat_interleave(target // side, 2).repeat_interleave(target // side, 3)
    assert imitator(maps, finer).item() < 1e-5


def test_targets_move_with_their_images() -> None:
    """A bright corner stays where it is in the image and in the teacher's map."""
    image = torch.zeros(1, 64, 64, dtype=torch.uint8)
    image[:, 40:56, 8:24] = 255
    told = Lessons(
        nn.functional.avg_pool2d(to_input(image, 64), 8).expand(-1, COMPONENTS, -1, -1).bfloat16(),
        torch.tensor([0]),
    )
    grid = movement(1, 64, torch.Generator().manual_seed(4))
    moved = nn.functional.avg_pool2d(move(to_input(image, 64), grid), 8)[0, 0]
    target = told.targets(torch.tensor([0]), grid)[0, 0]
    together = torch.corrcoef(torch.stack([moved.flatten(), target.flatten()]))[0, 1]
    assert together > 0.97


def test_the_loss_is_nought_only_for_the_teachers_own_directions() -> None:
    imitator = Imitator(1024)
    seen = torch.randn(2, 1024, 4, 4)
    with torch.no_grad():
        target = imitator.project(seen)
    assert imitator(seen, 3 * target).item() < 1e-5
    assert imitator(seen, -target).item() > 3.9


def test_the_teacher_looks_only_at_the_rows_it_is_asked_for() -> None:
    torch.manual_seed(0)
    images = np.random.default_rng(0).integers(0, 255, (4, 64, 64)).astype(np.uint8)
    told = lessons(
        LiteEncoder().eval(),
        images,
        torch.tensor([3, 1]),
        device=torch.device("cpu"),
        mixed=False,
    )
    assert told.maps.shape == (2, COMPONENTS, 2, 2)
    assert told.place.tolist() == [-1, 1, -1, 0]
