"""Second stage: the whole network learns the reports (arXiv 2006.10347, "Training Procedures").

The first two dense blocks are frozen, so what they say of an image never changes: it can be
computed once and kept, which makes an epoch on a CPU less than half as long. Beside the reports'
cross entropy a share of each batch are labelled images, so that the findings head stays true while
the encoder moves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from app.inference.models.base import ReportModel
from app.inference.vocabulary import Vocabulary
from app.training.archive import Archive, limited
from app.training.batches import jitter, masked_bce, positive_weights, to_input
from app.training.borrowing import Borrowed
from app.training.config import WriterConfig
from app.training.loop import Batch, Stage, seed_of

IGNORED = -100
"""Target of the places after ``<end>``; cross entropy leaves them out."""


class WriterLesson(nn.Module):
    """What the frozen layers say of images, or the images themselves; the words given and those
    that follow, (B, T); labels (B', k) of the last images → the loss.
    """

    partial = True
    """Without labelled images in a batch the findings head learns nothing."""

    def __init__(self, model: ReportModel, weight: Tensor, smoothing: float, cached: bool) -> None:
        super().__init__()
        self.model = model
        self._weight, self._smoothing, self._cached = weight, smoothing, cached
        for module in model.encoder.frozen_modules():
            module.requires_grad_(False)

    def train(self, mode: bool = True) -> WriterLesson:
        """The frozen blocks stay as they are: their batch norms learn nothing either."""
        super().train(mode)
        for module in self.model.encoder.frozen_modules():
            module.eval()
        return self

    def forward(self, shown: Tensor, given: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
        model = self.model
        stem = shown if self._cached else model.encoder.stem(shown)
        encoded = model.read(model.encoder.rest(channels_last(stem)))
        pairs = type(encoded)(*(part[: len(given)] for part in encoded))
        words = model.teach(pairs, given).words
        loss = cross_entropy(words, follows, self._smoothing)
        if len(labels):
            found = encoded.findings[len(given) :]
            loss = loss + masked_bce(found, labels, self._weight.to(labels.device))
        return loss


class Reports:
    """Reports as padded tensors: what is given, (B, T), and what follows, (B, T) with
    ``IGNORED``.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def batch(self, reports: Sequence[str]) -> tuple[Tensor, Tensor]:
        chosen = [self._vocabulary.encode(report) for report in reports]
        longest = max(len(ids) for ids in chosen) - 1
        given = torch.full((len(chosen), longest), self._vocabulary.end)
        follows = torch.full((len(chosen), longest), IGNORED)
        for row, ids in enumerate(chosen):
            given[row, : len(ids) - 1] = torch.tensor(ids[:-1])
            follows[row, : len(ids) - 1] = torch.tensor(ids[1:])
        return given, follows


class Stems:
    """The frozen layers' output of the images that the writer learns from, as they are and
    ``copies`` - 1 times moved a little, in bfloat16: 130 kB for each with the default system.

    ``tell`` hears how many of how many are done: this can take as long as an epoch.
    """

    def __init__(
        self,
        model: ReportModel,
        images: NDArray[np.uint8],
        rows: Tensor,
        copies: int,
        *,
        seed: int,
        device: torch.device,
        mixed: bool,
        tell: Callable[[int, int], None],
    ) -> None:
        self._place = torch.full((len(images),), -1)
        self._place[rows] = torch.arange(len(rows))
        self._copies: list[Tensor] = []
        model.eval()
        for copy in range(copies):
            generator = torch.Generator().manual_seed(seed_of(seed, "copy", copy))
            parts = []
            with torch.inference_mode():
                for some in rows.split(32):
                    part = to_input(images[some.numpy()], model.image_size)
                    part = jitter(part, generator) if copy else part
                    with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                        stem = model.encoder.stem(part.to(device))
                    # rounded once here for every use, so that mixed precision or not, all epochs
                    # see the same
                    parts.append(stem.to("cpu", torch.bfloat16).contiguous())
                    tell(copy * len(rows) + sum(map(len, parts)), copies * len(rows))
            self._copies.append(torch.cat(parts).clone())

    def of(self, rows: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The images as they are, or one of their copies drawn for all of ``rows``."""
        copy = 0
        if generator is not None:
            copy = int(torch.randint(len(self._copies), (1,), generator=generator))
        return self._copies[copy][self._place[rows]]


def stage(
    model: ReportModel,
    archive: Archive,
    vocabulary: Vocabulary,
    borrowed: Borrowed,
    label_sources: Sequence[str],
    config: WriterConfig,
    *,
    seed: int,
    device: torch.device,
    mixed: bool,
    tell: Callable[[int, int], None],
    name: str = "writer",
) -> Stage:
    """Teaches everything but the stem; the epoch with the lowest validation loss is kept. ``tell``
    hears how far the cache is.
    """
    pairs = archive.rows(config.sources, "train", reports=True)
    validation = archive.rows(config.sources, "val", reports=True)
    draw = torch.Generator().manual_seed(seed_of(seed, "labels"))
    limits = dict.fromkeys(label_sources, config.label_limit)
    labelled = archive.labelled(archive.rows(label_sources, "train"))
    shown = limited(archive, labelled, limits, draw) if config.label_batch else labelled[:0]
    size = model.image_size
    weight = positive_weights(archive.labels[labelled])
    lesson = WriterLesson(model, weight, config.smoothing, config.cache).to(device)
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    own = {id(p) for p in model.encoder.parameters()}
    decoder = [p for p in model.parameters() if id(p) not in own]
    optimizer = torch.optim.Adam(
        [
            {"params": encoder, "lr": config.encoder_rate},
            {"params": decoder, "lr": config.decoder_rate},
        ]
    )
    reports = Reports(vocabulary)
    stems = None
    if config.cache:
        rows = torch.cat([pairs, validation, shown, borrowed.rows]).unique()
        stems = Stems(
            model,
            archive.images,
            rows,
            config.copies,
            seed=seed,
            device=device,
            mixed=mixed,
            tell=tell,
        )

    def order(epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed_of(seed, name, epoch))
        some = borrowed.rows[torch.randperm(len(borrowed.rows), generator=generator)]
        chosen = torch.cat([pairs, some[: config.borrow_limit]])
        return chosen[torch.randperm(len(chosen), generator=generator)]

    def batch(rows: Tensor, _epoch: int, generator: torch.Generator) -> Batch:
        told = [
            archive.cases[row].report or borrowed.report(row, generator) for row in rows.tolist()
        ]
        given, follows = reports.batch(told)
        extra = shown[:0]
        if len(shown):
            extra = shown[torch.randint(len(shown), (config.label_batch,), generator=generator)]
        every = torch.cat([rows, extra])
        if stems is not None:
            images = stems.of(every, generator)
        else:
            images = jitter(to_input(archive.images[every.numpy()], size), generator)
        return images, given, follows, archive.labels[extra]

    def validate(_epoch: int) -> Mapping[str, float]:
        total, count = 0.0, 0
        with torch.inference_mode():
            for part in validation.split(32):
                given, follows = reports.batch([archive.cases[row].report for row in part.tolist()])
                if stems is not None:
                    images = stems.of(part)
                else:
                    images = to_input(archive.images[part.numpy()], size)
                known = int((follows != IGNORED).sum())
                with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                    stem = images.to(device)
                    stem = stem if stems is not None else model.encoder.stem(stem)
                    encoded = model.read(model.encoder.rest(channels_last(stem)))
                    words = model.teach(encoded, given.to(device)).words
                total += float(cross_entropy(words, follows.to(device))) * known
                count += known
        return {"validation_loss": total / max(count, 1)}

    return Stage(
        name,
        lesson,
        optimizer,
        None,
        config.epochs,
        config.batch,
        order,
        batch,
        validate,
        ("validation_loss", False),
        patience=config.patience,
        clip=5.0,
    )


def channels_last(stem: Tensor) -> Tensor:
    """In the number format that autocast works in, or float32 without it."""
    dtype = torch.bfloat16 if torch.is_autocast_enabled(stem.device.type) else torch.float32
    return stem.to(dtype).contiguous(memory_format=torch.channels_last)


def cross_entropy(words: Tensor, follows: Tensor, smoothing: float = 0.0) -> Tensor:
    """Mean over the words (nat)."""
    return functional.cross_entropy(
        words.float().flatten(0, 1),
        follows.flatten(),
        ignore_index=IGNORED,
        label_smoothing=smoothing,
    )
