"""Pairs of image and text → the joint space that similar cases are found in.

The encoder of the drafting weights is frozen: what it sees of every image, and of a few moved and
relit copies, is computed once. On these features the two towers learn by the symmetric InfoNCE loss
(van den Oord et al., arXiv 1807.03748): in a batch, each image should be nearer to its own text
than to the others', and each text to its own image. The best epoch is chosen on a part of the
training groups that the towers don't learn from; the validation split is kept for
:mod:`app.training.retrieval_scores`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from app.errors import AppError
from app.files import together, try_folder
from app.imaging import preprocess
from app.inference import checkpoint, devices, joint_space
from app.inference.fast_encoder import FastEncoder
from app.inference.joint_space import SpaceInfo
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.towers import Towers, coarse, padded, word_ids
from app.inference.vocabulary import Vocabulary
from app.training import archive as archives
from app.training import arrays, loop
from app.training.archive import Archive
from app.training.batches import jitter, to_input
from app.training.classifier import rate
from app.training.journal import Journal
from app.training.loop import Batch, Stage, seed_of
from app.training.processes import Processes
from app.training.similar_config import SimilarConfig

Say = Callable[[str], None]
_TOGETHER = 32
STAGE = "similar"
BEST_OF = 10
"""The epoch with the highest mean recall among so many is kept."""


class Lesson(nn.Module):
    """regions (B, c, g, g), words (B, T), kept (B, T) → the symmetric InfoNCE loss, a scalar."""

    def __init__(self, towers: Towers) -> None:
        super().__init__()
        self.towers = towers

    def forward(self, regions: Tensor, words: Tensor, kept: Tensor) -> Tensor:
        towers = self.towers
        images, texts = towers.image(regions.float()), towers.text(words, kept)
        return info_nce(images, texts, towers.scale())


def info_nce(images: Tensor, texts: Tensor, scale: Tensor) -> Tensor:
    """Mean cross entropy of finding each image's own text and each text's own image in the batch.

    ``images`` and ``texts`` (B, d) of length 1, row by row a pair; ``scale`` = 1 / temperature.
    """
    scores = scale * images @ texts.T
    own = torch.arange(len(scores), device=scores.device)
    both = functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)
    return both / 2


def train(
    config: SimilarConfig,
    run_folder: Path,
    model_folder: Path,
    out: Path,
    say: Say,
    gate: Path | None = None,
) -> SpaceInfo:
    """Learn the joint space of the drafting weights in ``model_folder`` and write it to ``out``.

    The same configuration, data, weights and seed give the same space on the same machine, also
    when the run was killed on its way. Raises :class:`AppError` when data are missing or too few,
    or a folder can't be written to.
    """
    try_folder(out)
    torch.set_num_threads(config.threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    encoder = FrozenEncoder(model_folder)
    archive, imports = archives.gather(config.collections(), run_folder, say, gate)
    pairs = archive.rows(config.sources, "train", reports=True)
    learned, held = parted(archive, pairs, config.held, config.seed)
    if len(learned) < 2 or len(held) < 2:
        raise AppError(
            "There are too few pairs of image and report to learn from.",
            "The collections need cases of more patients in the split train.",
        )
    texts = [archive.cases[row].report for row in learned.tolist()]
    vocabulary = Vocabulary.learn(texts, minimum_count=config.minimum_count)
    say(f"{len(learned)} pairs to learn from, {len(held)} to choose on, {len(vocabulary)} words")
    copies = [
        features(encoder, archive, copy, config.shape.grid, config.seed, run_folder, say)
        for copy in range(config.copies)
    ]
    torch.manual_seed(config.seed)
    towers = Towers(config.shape, len(vocabulary))
    journal = Journal(run_folder, say)
    best = loop.run(
        stage(towers, archive, vocabulary, copies, learned, held, config),
        journal,
        seed=config.seed,
        key=_digest(archive.digest(), encoder.sha256, sorted(config.told().items(), key=str)),
        device=torch.device("cpu"),
        mixed=False,
        processes=Processes(),
    )
    loop.forget(STAGE, run_folder)
    facts = {
        "pairs": {"learned": len(learned), "chosen_on": len(held)},
        "recall_chosen_on": best,
        "data": imports,
        "curves": journal.rows,
        "config": config.told(),
    }
    info = joint_space.save(
        out,
        towers,
        tuple(vocabulary),
        model_id=encoder.model_id,
        model_sha256=encoder.sha256,
        training=facts,
    )
    journal.record({**facts, "weights_sha256": info.sha256})
    say(f"wrote {out} (sha256 {info.sha256[:12]}…)")
    return info


class FrozenEncoder:
    """The encoder of a weights folder, on the CPU. Raises ModelError when there is none to use."""

    def __init__(self, folder: Path) -> None:
        loaded = checkpoint.load(folder)
        if not isinstance(loaded.model, DenseNetLstm):
            raise AppError(
                f"The system of {folder} has no encoder that a joint space can be learned on.",
                "Name a model of the default system.",
            )
        self.model_id, self.sha256 = loaded.info.model_id, loaded.info.sha256
        self._size = loaded.info.image_size
        device = torch.device("cpu")
        self._encode = FastEncoder(loaded.model.encoder, device, devices.encoder_dtype(device))

    def regions(
        self, images: NDArray[np.uint8], grid: int, generator: torch.Generator | None = None
    ) -> Tensor:
        """(B, S, S) equalised → (B, c, grid, grid); moved and relit with a ``generator``."""
        batch = to_input(np.array(images), self._size)
        if generator is not None:
            batch = jitter(batch, generator)
        with torch.inference_mode():
            return coarse(self._encode(batch), grid)


def features(
    encoder: FrozenEncoder,
    archive: Archive,
    copy: int,
    grid: int,
    seed: int,
    run_folder: Path,
    say: Say,
) -> NDArray[np.float16]:
    """(n, c, grid, grid) of every image: as it is for ``copy`` 0, else moved and relit.

    Kept in ``run_folder`` and mapped into memory; used again for the same images and weights.
    Raises StoreError when it can't be kept.
    """
    key = _digest(archive.digest(), encoder.sha256, copy and seed, copy, grid, preprocess.VERSION)
    file = run_folder / "cache" / f"regions-{key}.npy"
    if not file.is_file():
        say(f"computing what the encoder sees, {f'copy {copy}' if copy else 'as it is'}")
        generator = torch.Generator().manual_seed(seed_of(seed, STAGE, copy)) if copy else None
        parts = []
        for first in range(0, len(archive.images), _TOGETHER):
            some = archive.images[first : first + _TOGETHER]
            parts.append(encoder.regions(some, grid, generator).half().numpy())
            if first and not first % (32 * _TOGETHER):
                say(f"{first} of {len(archive.images)} images")
        with together(file.parent) as part, (part / file.name).open("wb") as stream:
            arrays.write(stream, np.concatenate(parts))
    kept: NDArray[np.float16] = np.load(file, mmap_mode="r")
    return kept


def parted(archive: Archive, rows: Tensor, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """``rows`` to learn from, and those of about a ``share`` of the groups to choose on.

    A group, hence a patient, is on one side only.
    """
    groups = [archive.cases[row].group for row in rows.tolist()]
    drawn = sorted(set(groups), key=lambda group: _digest(seed, group))
    apart = set(drawn[: max(1, round(share * len(drawn)))])
    chosen = torch.tensor([group in apart for group in groups])
    return rows[~chosen], rows[chosen]


def stage(
    towers: Towers,
    archive: Archive,
    vocabulary: Vocabulary,
    copies: list[NDArray[np.float16]],
    learned: Tensor,
    held: Tensor,
    config: SimilarConfig,
) -> Stage:
    """Teaches the towers; the epoch with the best mean recall among ten on ``held`` is kept."""
    ids = {
        row: word_ids(vocabulary, archive.cases[row].report)
        for row in (*learned.tolist(), *held.tolist())
    }
    decayed = [value for value in towers.parameters() if value.ndim > 1]
    others = [value for value in towers.parameters() if value.ndim <= 1]
    groups: list[dict[str, object]] = [
        {"params": decayed},
        {"params": others, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(
        groups,
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
    )
    steps = config.epochs * -(-len(learned) // config.batch)

    def order(epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed_of(config.seed, STAGE, epoch))
        return learned[torch.randperm(len(learned), generator=generator)]

    def batch(rows: Tensor, _epoch: int, generator: torch.Generator) -> Batch:
        which = torch.randint(len(copies), (len(rows),), generator=generator).tolist()
        regions = np.stack(
            [copies[copy][row] for copy, row in zip(which, rows.tolist(), strict=True)]
        )
        words = padded([ids[row] for row in rows.tolist()])
        kept = torch.rand(words.shape, generator=generator) >= config.word_dropout
        none = ~(kept & (words >= 0)).any(1, keepdim=True)
        return torch.from_numpy(regions), words, kept | none

    def validate(_epoch: int) -> dict[str, float]:
        images, texts = vectors(towers, copies[0][held.numpy()], [ids[r] for r in held.tolist()])
        among = {
            name: float((ranks < BEST_OF).mean())
            for name, ranks in zip(("text", "image"), pair_ranks(images @ texts.T), strict=True)
        }
        mean = sum(among.values()) / 2
        return {
            "validation_recall": mean,
            **{f"validation_{name}": share for name, share in among.items()},
        }

    return Stage(
        STAGE,
        Lesson(towers),
        optimizer,
        torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, [steps])),
        config.epochs,
        config.batch,
        order,
        batch,
        validate,
        ("validation_recall", True),
    )


@torch.inference_mode()
def vectors(
    towers: Towers, regions: NDArray[np.float16], words: list[list[int]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, c, g, g) and n texts → their vectors (n, d) each, in evaluation mode."""
    towers.eval()
    images, texts = [], []
    for first in range(0, len(words), 256):
        some = torch.from_numpy(np.array(regions[first : first + 256], np.float32))
        images.append(towers.image(some).numpy())
        texts.append(towers.text(padded(words[first : first + 256])).numpy())
    return np.concatenate(images), np.concatenate(texts)


def pair_ranks(scores: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cosines (n images, n texts), pairs on the diagonal → how many others stand before each
    image's own text (n,), and before each text's own image (n,).

    An equal one counts as before: chance must not pass for skill. For the same reason a cosine
    that is no number stands last.
    """
    scores = np.where(np.isnan(scores), np.float32(-np.inf), scores)
    own = np.diagonal(scores)
    before_text = (scores >= own[:, None]).sum(1) - 1
    before_image = (scores >= own[None, :]).sum(0) - 1
    return before_text.astype(np.int64), before_image.astype(np.int64)


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
