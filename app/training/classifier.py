"""First stage: the encoder as a multi-label classifier of findings (sigmoid, binary cross
entropy).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from app.inference.models.base import ReportModel
from app.training.archive import Archive, limited
from app.training.batches import masked_bce, move, movement, positive_weights, relight, to_input
from app.training.config import ClassifierConfig
from app.training.imitation import Imitator, Lessons
from app.training.loop import Batch, Stage, seed_of
from app.training.metrics import auc_by_source, mean_auc


class ClassifierLesson(nn.Module):
    """images (B, 1, s, s), labels (B, k), and the teacher's maps where there is one → the loss."""

    def __init__(
        self, model: ReportModel, weight: Tensor, imitator: Imitator | None, share: float
    ) -> None:
        super().__init__()
        self.encoder, self.head, self.imitator = model.encoder, model.head, imitator
        self._share = share
        self._weight = weight

    def forward(self, images: Tensor, labels: Tensor, maps: Tensor | None = None) -> Tensor:
        seen = self.encoder(images)
        found = self.head(seen.flatten(2).mean(dim=2))
        loss = masked_bce(found, labels, self._weight.to(found.device))
        if self.imitator is not None and maps is not None:
            imitated: Tensor = self.imitator(seen, maps)
            loss = loss + self._share * imitated
        return loss


def stage(
    model: ReportModel,
    archive: Archive,
    config: ClassifierConfig,
    imitator: Imitator | None,
    lessons: Lessons | None,
    *,
    seed: int,
    device: torch.device,
    mixed: bool,
) -> Stage:
    """Teaches ``model.encoder`` and ``model.head``; the best epoch at the last size is kept."""
    train = archive.labelled(archive.rows(config.sources, "train"))
    validation = archive.labelled(archive.rows(config.sources, "val"))
    sizes = [s for s, n in zip(config.sizes, config.epochs, strict=True) for _ in range(n)]
    lesson = ClassifierLesson(
        model, positive_weights(archive.labels[train]), imitator, config.imitate
    ).to(device)
    parameters = list(lesson.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=1e-2)

    def order(epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed_of(seed, "classifier", epoch))
        return limited(archive, train, config.limits, generator)

    def batch(rows: Tensor, epoch: int, generator: torch.Generator) -> Batch:
        size = sizes[epoch - 1]
        grid = movement(len(rows), size, generator)
        images = relight(move(to_input(archive.images[rows.numpy()], size), grid), generator)
        if lessons is None:
            return images, archive.labels[rows]
        return images, archive.labels[rows], lessons.targets(rows, grid)

    def validate(epoch: int) -> dict[str, float]:
        size = sizes[epoch - 1]
        scores = classify(model, archive.images, validation, size, device=device, mixed=mixed)
        by_source = areas(archive, validation, scores)
        told = {f"validation_auc_{name}": mean_auc({name: row}) for name, row in by_source.items()}
        return {"size": size, "validation_auc": mean_auc(by_source), **told}

    per_epoch = -(-len(order(1)) // config.batch)
    lengths = [epochs * per_epoch for epochs in config.epochs]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, lengths))
    return Stage(
        "classifier",
        lesson,
        optimizer,
        schedule,
        len(sizes),
        config.batch,
        order,
        batch,
        validate,
        ("validation_auc", True),
        eligible=lambda epoch: sizes[epoch - 1] == sizes[-1],
    )


def rate(step: int, lengths: Sequence[int]) -> float:
    """The learning rate's factor at a ``step`` of phases of ``lengths`` steps, one for each size.

    In each phase it rises for a seventh and falls as a cosine to nought; after the first only to
    three tenths. A new size needs a rate that can change something: with the end of one long fall
    the network stayed tuned to the small images.
    """
    for phase, length in enumerate(lengths):
        if step < length:
            top = 1.0 if phase == 0 else 0.3
            rise = max(length / 7, 1)
            if step < rise:
                return top * (step + 1) / (rise + 1)
            return top * 0.5 * (1 + math.cos(math.pi * (step - rise) / (length - rise)))
        step -= length
    return 0.0


def areas(archive: Archive, rows: Tensor, scores: NDArray[np.float32]) -> dict[str, list[float]]:
    """AUC per finding within each source, of sigmoid outputs (len(rows), k)."""
    sources = [archive.cases[row].source for row in rows.tolist()]
    return auc_by_source(scores, archive.labels[rows].numpy(), sources)


def classify(
    model: ReportModel,
    images: NDArray[np.uint8],
    rows: Tensor,
    size: int,
    *,
    device: torch.device,
    mixed: bool,
    batch: int = 32,
) -> NDArray[np.float32]:
    """Sigmoid outputs (len(rows), k) in evaluation mode."""
    model.eval()
    found: list[Tensor] = []
    with torch.inference_mode():
        for part in rows.split(batch):
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                logits = model.encode(to_input(images[part.numpy()], size).to(device)).findings
            found.append(logits.float().sigmoid().cpu())
    if not found:
        return np.zeros((0, model.head.out_features), np.float32)
    return torch.cat(found).numpy()
