"""Before the first stage: the encoder learns to see as a network that was trained on photographs.

Some thousand radiographs with noisy labels teach a DenseNet-121 little about edges and textures.
Where a teacher's feature maps are given, the new encoder first learns to predict them for every
image at hand, labelled or not (feature distillation, Romero et al., arXiv 1412.6550), and
goes on doing so beside its labels. The teacher looks at each image once; its maps are moved with
the image when that is augmented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from app.inference.lite import LiteEncoder
from app.inference.models.base import Encoder
from app.training.archive import Archive, limited
from app.training.batches import move, movement, relight, to_input
from app.training.config import ImitationConfig
from app.training.loop import Batch, Stage, seed_of

COMPONENTS = 192
"""Principal components of the teacher's channels that are predicted."""


@dataclass(frozen=True)
class Lessons:
    """What the teacher saw: maps (m, COMPONENTS, 8, 8) bfloat16, centred, and for each image of the
    archive its place (n,) int64 among them, -1 where the teacher has not looked.
    """

    maps: Tensor
    place: Tensor

    def targets(self, rows: Tensor, grid: Tensor | None) -> Tensor:
        """(B, COMPONENTS, 8, 8) float32 for the images ``rows``, moved by the ``grid`` that moved
        them.
        """
        maps = self.maps[self.place[rows]].float()
        if grid is not None:
            coarse = functional.interpolate(
                grid.permute(0, 3, 1, 2), maps.shape[-2:], mode="area"
            ).permute(0, 2, 3, 1)
            maps = functional.grid_sample(maps, coarse, padding_mode="border", align_corners=False)
        return maps


@torch.inference_mode()
def lessons(
    teacher: LiteEncoder,
    images: NDArray[np.uint8],
    rows: Tensor,
    *,
    device: torch.device,
    mixed: bool,
) -> Lessons:
    """What ``teacher`` sees in the ``rows`` of (n, S, S) uint8 ``images``, on its principal
    components.
    """
    parts: list[Tensor] = []
    for some in rows.split(32):
        batch = to_input(images[some.numpy()], images.shape[-1]).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            parts.append(teacher(batch).to("cpu", torch.bfloat16))
    maps = torch.cat(parts)
    # The axes are found on one place of every image: cheap, and as good as all of them.
    places = torch.arange(len(maps)) % (maps.shape[2] * maps.shape[3])
    sample = maps.flatten(2)[torch.arange(len(maps)), :, places].double()
    centre = sample.mean(0)
    _values, axes = torch.linalg.eigh((sample - centre).T @ (sample - centre))
    axes = axes[:, -COMPONENTS:].float()
    reduced = [
        torch.einsum("nchw,ck->nkhw", part.float() - centre.float()[:, None, None], axes)
        for part in maps.split(256)
    ]
    place = torch.full((len(images),), -1)
    place[rows] = torch.arange(len(rows))
    return Lessons(torch.cat([part.bfloat16() for part in reduced]).clone(), place)


class Imitator(nn.Module):
    """The encoder's map V (``channels`` deep) → the teacher's components, by one linear layer that
    is thrown away.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(channels, COMPONENTS, 1)

    def forward(self, feature_map: Tensor, targets: Tensor) -> Tensor:
        """Mean of 1 - cos over the places, and the same for the pooled map: 0 when they agree.

        Of two maps the finer is averaged to the places of the coarser.
        """
        side = min(feature_map.shape[-1], targets.shape[-1])
        seen = self.project(_coarser(feature_map, side)).float()
        targets = _coarser(targets, side)
        places = 1 - functional.cosine_similarity(seen, targets, dim=1)
        whole = 1 - functional.cosine_similarity(seen.mean((2, 3)), targets.mean((2, 3)), dim=1)
        return places.mean() + whole.mean()


def _coarser(maps: Tensor, side: int) -> Tensor:
    return functional.adaptive_avg_pool2d(maps, side) if maps.shape[-1] > side else maps


class ImitationLesson(nn.Module):
    """images (B, 1, s, s) and the teacher's maps of them → the loss."""

    def __init__(self, encoder: Encoder, imitator: Imitator) -> None:
        super().__init__()
        self.encoder, self.imitator = encoder, imitator

    def forward(self, images: Tensor, maps: Tensor) -> Tensor:
        loss: Tensor = self.imitator(self.encoder(images), maps)
        return loss


def stage(
    encoder: Encoder,
    imitator: Imitator,
    archive: Archive,
    lessons: Lessons,
    config: ImitationConfig,
    *,
    seed: int,
    device: torch.device,
) -> Stage:
    """Teaches ``encoder`` from random weights; the last epoch is kept."""
    rows = archive.rows(config.sources, "train")
    lesson = ImitationLesson(encoder, imitator).to(device)
    optimizer = torch.optim.AdamW(lesson.parameters(), lr=config.learning_rate, weight_decay=1e-2)
    # The rate rises over the first 150 steps and then stays: the next stage goes on from here.
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 150, total_iters=150)

    def order(epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed_of(seed, "imitation", epoch))
        return limited(archive, rows, config.limits, generator)

    def batch(rows: Tensor, _epoch: int, generator: torch.Generator) -> Batch:
        grid = movement(len(rows), config.size, generator)
        images = relight(move(to_input(archive.images[rows.numpy()], config.size), grid), generator)
        return images, lessons.targets(rows, grid)

    return Stage(
        "imitation",
        lesson,
        optimizer,
        schedule,
        config.epochs,
        config.batch,
        order,
        batch,
        lambda epoch: {"size": config.size, "epoch_done": epoch},
        ("epoch_done", True),
    )
