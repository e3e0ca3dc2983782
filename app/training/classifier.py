"""First stage: the encoder as a multi-label classifier of findings (sigmoid, binary cross
entropy).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.inference.models.densenet_lstm import DenseNetLstm
from app.training.batches import (
    jitter,
    label_matrix,
    masked_bce,
    positive_weights,
    shuffled,
    to_input,
)
from app.training.config import ClassifierConfig
from app.training.corpora import Case
from app.training.journal import Journal
from app.training.metrics import auc_by_source, mean_auc


@dataclass(frozen=True)
class LabelledImages:
    """Images (n, 256, 256) uint8, their cases, and which rows are for what."""

    images: NDArray[np.uint8]
    cases: list[Case]
    labels: Tensor
    train: Tensor
    validation: Tensor


def split_rows(cases: Sequence[Case], split: str) -> Tensor:
    """(n,) int64 rows of the cases in ``split``."""
    return torch.tensor([row for row, case in enumerate(cases) if case.split == split])


def labelled(
    images: NDArray[np.uint8], cases: list[Case], findings: tuple[str, ...]
) -> LabelledImages:
    """The labelled cases of a corpus, ready for the first stage."""
    return LabelledImages(
        images,
        cases,
        label_matrix(cases, findings),
        split_rows(cases, "train"),
        split_rows(cases, "val"),
    )


def limited(data: LabelledImages, limits: dict[str, int], generator: torch.Generator) -> Tensor:
    """Training rows of one epoch: of each limited source a random share, of the others all."""
    by_source: dict[str, list[int]] = {}
    for row in data.train.tolist():
        source = data.cases[row].source
        by_source.setdefault(source, []).append(row)
    kept: list[Tensor] = []
    for source, members in by_source.items():
        rows = torch.tensor(members)
        limit = limits.get(source, len(rows))
        kept.append(rows[torch.randperm(len(rows), generator=generator)[:limit]])
    return torch.cat(kept)


def train_classifier(
    model: DenseNetLstm,
    data: LabelledImages,
    config: ClassifierConfig,
    journal: Journal,
    *,
    device: torch.device,
    mixed: bool,
    seed: int,
) -> None:
    """Teach ``model.encoder`` and ``model.head``; the best epoch at the last size is kept."""
    generator = torch.Generator().manual_seed(seed)
    weight = positive_weights(data.labels[data.train]).to(device)
    parameters = [*model.encoder.parameters(), *model.head.parameters()]
    per_epoch = len(limited(data, config.limits, torch.Generator().manual_seed(0)))
    total = sum(config.epochs) * -(-per_epoch // config.batch)
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=total + 1, pct_start=0.2
    )
    best, best_state = -1.0, None
    epoch = 0
    for size, epochs in zip(config.sizes, config.epochs, strict=True):
        for _ in range(epochs):
            epoch += 1
            model.train()
            losses: list[float] = []
            rows = limited(data, config.limits, generator)
            for batch in shuffled(rows, config.batch, generator):
                images = jitter(to_input(data.images[batch.numpy()], size), generator).to(device)
                with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                    found = model.encode(images).findings
                loss = masked_bce(found, data.labels[batch].to(device), weight)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(parameters, 1.0)
                optimizer.step()
                schedule.step()
                losses.append(loss.item())
                journal.step("classifier", epoch, sum(config.epochs), len(losses))
            scores = classify(model, data.images, data.validation, size, device=device, mixed=mixed)
            score = mean_auc(areas(data, scores))
            journal.epoch(
                "classifier", epoch, size=size, loss=float(np.mean(losses)), validation_auc=score
            )
            if size == config.sizes[-1] and not score <= best:
                best = score
                best_state = {name: value.clone() for name, value in model.state_dict().items()}
    if best_state is not None:
        model.load_state_dict(best_state)


def areas(data: LabelledImages, scores: NDArray[np.float32]) -> dict[str, list[float]]:
    """AUC per finding within each source, of sigmoid outputs for ``data.validation``."""
    sources = [data.cases[row].source for row in data.validation.tolist()]
    return auc_by_source(scores, data.labels[data.validation].numpy(), sources)


def classify(
    model: DenseNetLstm,
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
        for start in range(0, len(rows), batch):
            part = images[rows[start : start + batch].numpy()]
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                logits = model.encode(to_input(part, size).to(device)).findings
            found.append(logits.float().sigmoid().cpu())
    if not found:
        return np.zeros((0, model.head.out_features), np.float32)
    return torch.cat(found).numpy()
