"""Second stage: the whole network learns the reports (arXiv 2006.10347, "Training Procedures").

The first two dense blocks are frozen, so what they say of an image never changes: it is computed
once and kept, which makes an epoch on a CPU less than half as long. Beside the reports' cross
entropy a share of each batch are labelled images, so that the findings head stays true while the
encoder moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import safetensors.torch as tensors
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.vocabulary import Vocabulary
from app.training.batches import jitter, masked_bce, positive_weights, shuffled, to_input
from app.training.classifier import LabelledImages
from app.training.config import WriterConfig
from app.training.journal import Journal

IGNORED = -100
"""Target of the places after ``<end>``; cross entropy leaves them out."""


class ReportBatcher:
    """Reports as padded tensors: what is given, (B, T), and what follows, (B, T) with
    ``IGNORED``.
    """

    def __init__(self, reports: Sequence[str], vocabulary: Vocabulary) -> None:
        self._ids = [vocabulary.encode(report) for report in reports]
        self._end = vocabulary.end

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        chosen = [self._ids[row] for row in rows.tolist()]
        longest = max(len(ids) for ids in chosen) - 1
        given = torch.full((len(chosen), longest), self._end)
        follows = torch.full((len(chosen), longest), IGNORED)
        for row, ids in enumerate(chosen):
            given[row, : len(ids) - 1] = torch.tensor(ids[:-1])
            follows[row, : len(ids) - 1] = torch.tensor(ids[1:])
        return given, follows


def stem_features(
    model: DenseNetLstm,
    images: NDArray[np.uint8],
    *,
    device: torch.device,
    mixed: bool,
    generator: torch.Generator | None = None,
    batch: int = 32,
) -> Tensor:
    """The frozen part's output for every image, (n, 256, S/16, S/16) bfloat16, moved a little when
    a ``generator`` is given.
    """
    model.eval()
    size = model.config()["image_size"]
    parts: list[Tensor] = []
    with torch.inference_mode():
        for start in range(0, len(images), batch):
            part = to_input(images[start : start + batch], size)
            part = part if generator is None else jitter(part, generator)
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                stem = model.encoder.stem(part.to(device))
            # rounded once here for every use, so that mixed precision or not, all epochs see the
            # same
            parts.append(stem.to("cpu", torch.bfloat16).contiguous())
    return torch.cat(parts).clone()


def train_writer(
    model: DenseNetLstm,
    stems: Sequence[Tensor],
    reports: Sequence[str],
    train: Tensor,
    validation: Tensor,
    labels: LabelledImages | None,
    label_stems: Tensor | None,
    vocabulary: Vocabulary,
    config: WriterConfig,
    journal: Journal,
    *,
    device: torch.device,
    mixed: bool,
    seed: int,
) -> float:
    """Teach everything but the stem; the epoch with the lowest validation loss is kept and its loss
    given.

    ``stems``: one (n, …) tensor per augmented copy, the first of the images as they are.
    ``label_stems`` belong to the rows ``labels.train``.
    """
    generator = torch.Generator().manual_seed(seed)
    batcher = ReportBatcher(reports, vocabulary)
    for module in model.encoder.frozen_modules():
        module.requires_grad_(False)
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    own = {id(p) for p in model.encoder.parameters()}
    decoder = [p for p in model.parameters() if id(p) not in own]
    optimizer = torch.optim.Adam(
        [
            {"params": encoder, "lr": config.encoder_rate},
            {"params": decoder, "lr": config.decoder_rate},
        ]
    )
    weight = positive_weights(labels.labels[labels.train]).to(device) if labels else None
    best, best_state, since = float("inf"), None, 0
    for epoch in range(1, config.epochs + 1):
        model.train()
        losses: list[float] = []
        for rows in shuffled(train, config.batch, generator):
            copy = int(torch.randint(len(stems), (1,), generator=generator))
            given, follows = batcher.batch(rows)
            stem = stems[copy][rows]
            extra = None
            if labels is not None and label_stems is not None and config.label_batch:
                extra = torch.randint(len(label_stems), (config.label_batch,), generator=generator)
                stem = torch.cat([stem, label_stems[extra]])
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                encoded = model.read(model.encoder.rest(_ready(stem, device, mixed)))
                pairs = type(encoded)(*(part[: len(rows)] for part in encoded))
                words = model.teach(pairs, given.to(device)).words
            loss = _cross_entropy(words, follows.to(device))
            if extra is not None and labels is not None and weight is not None:
                truth = labels.labels[labels.train[extra]].to(device)
                loss = loss + masked_bce(encoded.findings[len(rows) :], truth, weight)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*encoder, *decoder], 5.0)
            optimizer.step()
            losses.append(loss.item())
            journal.step("writer", epoch, config.epochs, len(losses))
        figure = validate(model, stems[0], batcher, validation, device=device, mixed=mixed)
        journal.epoch("writer", epoch, loss=float(np.mean(losses)), validation_loss=figure)
        if figure < best:
            best, since = figure, 0
            best_state = {
                name: value.detach().clone(memory_format=torch.contiguous_format)
                for name, value in model.state_dict().items()
            }
            # so that a run which is stopped early has something to show
            tensors.save_file(best_state, journal.folder / "best.safetensors")
        else:
            since += 1
            if since >= config.patience:
                break
    if best_state is not None:
        model.load_state_dict(best_state)
    return best


def validate(
    model: DenseNetLstm,
    stems: Tensor,
    batcher: ReportBatcher,
    rows: Tensor,
    *,
    device: torch.device,
    mixed: bool,
    batch: int = 32,
) -> float:
    """Mean cross entropy per word (nat) over ``rows``, in evaluation mode."""
    model.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            given, follows = batcher.batch(part)
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                encoded = model.read(model.encoder.rest(_ready(stems[part], device, mixed)))
                words = model.teach(encoded, given.to(device)).words
            known = int((follows != IGNORED).sum())
            total += float(_cross_entropy(words, follows.to(device))) * known
            count += known
    return total / max(count, 1)


def _ready(stem: Tensor, device: torch.device, mixed: bool) -> Tensor:
    dtype = torch.bfloat16 if mixed else torch.float32
    return stem.to(device, dtype).contiguous(memory_format=torch.channels_last)


def _cross_entropy(words: Tensor, follows: Tensor) -> Tensor:
    return functional.cross_entropy(
        words.float().flatten(0, 1), follows.flatten(), ignore_index=IGNORED
    )
