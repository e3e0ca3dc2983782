"""The recurrent cascade's rounds (Shin et al., CVPR 2016): labels, words, contexts, finer labels.

1. The annotations' first words with enough cases are the labels (the paper: 17 patterns with 30
   cases or more). A CNN learns them, the rare shown more often and the frequent less.
2. The recurrent network learns the annotations behind them.
3. The joint image/text context of every annotated image is the mean of the network's states over
   its words. A label with more cases than the mean and one standard deviation is split by k-means
   over the contexts into k = round(n / 50) parts (theirs: 17 → 57).
4. The CNN learns the finer labels, all but its last layer from the first round; then the writer's
   stage teaches the words again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from app.errors import AppError
from app.inference.models.base import Encoded, Encoder, ReportModel
from app.inference.vocabulary import Vocabulary
from app.training.archive import Archive
from app.training.batches import jitter, to_input
from app.training.clusters import k_means, squared_distances
from app.training.config import RoundsConfig
from app.training.loop import Batch, Stage, seed_of

UNLABELLED = -1


@runtime_checkable
class Labelled(Protocol):
    """A system whose first word is a label that the image gives it."""

    labels: nn.Linear | None

    def relabel(self, label_words: Sequence[int]) -> None: ...

    def label_logits(self, pooled: Tensor) -> Tensor: ...

    def contexts(self, encoded: Encoded, tokens: Tensor, written: Tensor) -> Tensor: ...


def labelled(model: ReportModel) -> Labelled:
    """``model`` as a system with labels. Raises AppError where it has none."""
    if not isinstance(model, Labelled):
        raise AppError(
            f"The system {model.NAME} has no labels that rounds could teach.",
            'Take [rounds] out, or choose system = "cascade".',
        )
    return model


def first_words(archive: Archive, rows: Tensor, minimum: int) -> list[str]:
    """The annotations' first words with at least ``minimum`` cases, most frequent first.

    Raises AppError when there are fewer than two.
    """
    counts = Counter(_first(archive.cases[row].report) for row in rows.tolist())
    found = [word for word, count in counts.most_common() if word and count >= minimum]
    if len(found) < 2:
        raise AppError(
            f"Only {len(found)} annotations begin with a word that {minimum} cases share.",
            "Lower rounds.minimum, or add cases.",
        )
    return found


def by_word(archive: Archive, rows: Tensor, words: Sequence[str]) -> Tensor:
    """Each of ``rows``' label (m,) int64, its place in ``words``; ``UNLABELLED`` without one."""
    place = {word: number for number, word in enumerate(words)}
    told = [place.get(_first(archive.cases[row].report), UNLABELLED) for row in rows.tolist()]
    return torch.tensor(told, dtype=torch.int64)


@torch.inference_mode()
def contexts(
    model: ReportModel,
    archive: Archive,
    rows: Tensor,
    vocabulary: Vocabulary,
    *,
    device: torch.device,
    mixed: bool,
) -> NDArray[np.float32]:
    """The joint image/text contexts of ``rows``, (m, hidden) float32."""
    model.eval()
    system = labelled(model)
    parts = []
    for some in rows.split(32):
        ids = [vocabulary.encode(archive.cases[row].report)[1:-1] for row in some.tolist()]
        longest = max(max(map(len, ids)), 1)
        tokens = torch.full((len(ids), longest), vocabulary.end)
        for place, each in enumerate(ids):
            tokens[place, : len(each)] = torch.tensor(each, dtype=torch.int64)
        written = tokens != vocabulary.end
        images = to_input(archive.images[some.numpy()], model.image_size).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            encoded = model.encode(images)
        told = system.contexts(encoded.to(torch.float32), tokens.to(device), written.to(device))
        parts.append(told.float().cpu().numpy())
    return np.concatenate(parts)


def split(
    labels: Tensor, seen: NDArray[np.float32], per_part: int, seed: int
) -> tuple[Tensor, list[int]]:
    """Finer labels (m,) int64 and for each of them the label that it came from.

    A label with more cases than the mean and one standard deviation of all is split by k-means over
    the contexts ``seen`` (m, hidden) into k = round(n / per_part) parts; the others stay.
    """
    counts = torch.bincount(labels[labels != UNLABELLED])
    numbers = counts.double()
    most = float(numbers.mean() + numbers.std(correction=0))
    finer = torch.full_like(labels, UNLABELLED)
    origin: list[int] = []
    for label, count in enumerate(counts.tolist()):
        members = (labels == label).nonzero().flatten()
        parts = max(round(count / per_part), 1) if count > most else 1
        assigned = np.zeros(len(members), np.int64)
        if parts > 1:
            points = seen[members.numpy()]
            assigned = squared_distances(points, k_means(points, parts, seed)).argmin(axis=1)
        kept = np.unique(assigned)  # k-means may leave a part empty
        finer[members] = torch.as_tensor(np.searchsorted(kept, assigned)) + len(origin)
        origin += [label] * len(kept)
    return finer, origin


class LabelLesson(nn.Module):
    """images (B, 1, s, s), labels (B,) int64 → cross entropy."""

    def __init__(self, model: ReportModel) -> None:
        super().__init__()
        self.encoder: Encoder = model.encoder
        labels = labelled(model).labels
        assert labels is not None
        self.labels = labels

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        pooled = self.encoder(images).flatten(2).mean(dim=2)
        return functional.cross_entropy(self.labels(pooled).float(), labels)


def stage(
    name: str,
    model: ReportModel,
    archive: Archive,
    taught: tuple[Tensor, Tensor],
    tested: tuple[Tensor, Tensor],
    config: RoundsConfig,
    *,
    seed: int,
    device: torch.device,
    mixed: bool,
) -> Stage:
    """Teaches the encoder and the labels; ``taught`` and ``tested`` are rows and their labels.

    In an epoch a label shows at most ``config.limit`` of its cases, one with fewer than a third of
    that repeats them up to it.
    """
    lesson = LabelLesson(model).to(device)
    optimizer = torch.optim.AdamW(
        [
            {"params": list(lesson.encoder.parameters()), "lr": config.learning_rate},
            {"params": list(lesson.labels.parameters()), "lr": config.head_rate},
        ],
        weight_decay=1e-2,
    )
    rows, labels = (part[taught[1] != UNLABELLED] for part in taught)
    label_of = dict(zip(rows.tolist(), labels.tolist(), strict=True))
    known = tested[1] != UNLABELLED

    def order(epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed_of(seed, name, epoch))
        chosen = [
            _balanced(rows[labels == label], config.limit, generator)
            for label in labels.unique().tolist()
        ]
        every = torch.cat(chosen)
        return every[torch.randperm(len(every), generator=generator)]

    def batch(some: Tensor, _epoch: int, generator: torch.Generator) -> Batch:
        images = to_input(archive.images[some.numpy()], model.image_size)
        told = torch.tensor([label_of[row] for row in some.tolist()])
        return jitter(images, generator), told

    def validate(_epoch: int) -> Mapping[str, float]:
        lost, right, count = 0.0, 0, 0
        with torch.inference_mode():
            pairs = zip(tested[0][known].split(32), tested[1][known].split(32), strict=True)
            for some, told in pairs:
                images = to_input(archive.images[some.numpy()], model.image_size).to(device)
                with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                    logits = lesson.labels(lesson.encoder(images).flatten(2).mean(dim=2)).float()
                lost += float(functional.cross_entropy(logits, told.to(device), reduction="sum"))
                right += int((logits.argmax(1).cpu() == told).sum())
                count += len(some)
        return {"label_loss": lost / max(count, 1), "label_accuracy": right / max(count, 1)}

    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, config.epochs * -(-len(order(1)) // config.batch)
    )
    return Stage(
        name,
        lesson,
        optimizer,
        schedule,
        config.epochs,
        config.batch,
        order,
        batch,
        validate,
        ("label_loss", False),
    )


def by_nearest(
    labels: Tensor,
    seen: NDArray[np.float32],
    finer: Tensor,
    others: Tensor,
    theirs: NDArray[np.float32],
) -> Tensor:
    """The finer labels of ``others``, cases that the split has not seen: of the parts of a case's
    label the one whose mean context is nearest.
    """
    found = torch.full_like(others, UNLABELLED)
    for place, label in enumerate(others.tolist()):
        parts = finer[labels == label].unique().tolist() if label != UNLABELLED else []
        if parts:
            means = [seen[(finer == part).numpy()].mean(0) for part in parts]
            far = [float(np.linalg.norm(theirs[place] - mean)) for mean in means]
            found[place] = parts[int(np.argmin(far))]
    return found


def _balanced(rows: Tensor, limit: int, generator: torch.Generator) -> Tensor:
    least = min(-(-limit // 3), limit)
    turns = max(-(-least // len(rows)), 1)
    shuffled = [rows[torch.randperm(len(rows), generator=generator)] for _ in range(turns)]
    return torch.cat(shuffled)[: limit if len(rows) >= least else least]


def _first(annotation: str) -> str:
    return annotation.split(" ", 1)[0]
