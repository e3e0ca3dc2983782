"""A training run of the joint space as a TOML file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.inference.checkpoint import DEFAULT
from app.inference.joint_space import Shape
from app.training import toml_entries
from app.training.config import ClassifierConfig, TrainConfig, WriterConfig, check_sources


@dataclass(frozen=True)
class SimilarConfig:
    """Everything that determines a run, but the data.

    model          id of the drafting weights whose encoder is used, and stays as it is
    held           share of the training groups that the best epoch is chosen on
    copies         how often every training image is shown to the encoder, moved and relit anew
    word_dropout   share of the words of a text that a step doesn't see
    minimum_count  how often a word must be seen to be learned
    """

    data: Path = Path()
    model: str = DEFAULT
    seed: int = 7
    threads: int = 1
    sources: tuple[str, ...] = ("roco",)
    separate: bool = False
    held: float = 0.1
    copies: int = 4
    epochs: int = 12
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    word_dropout: float = 0.15
    minimum_count: int = 2
    corpora: dict[str, dict[str, Any]] = field(default_factory=dict)
    shape: Shape = field(default_factory=Shape)

    def collections(self) -> TrainConfig:
        """The same collections, splits and seed as a training of reports has."""
        return TrainConfig(
            name="similar",
            data=self.data,
            seed=self.seed,
            separate=self.separate,
            corpora=self.corpora,
            classifier=ClassifierConfig(sources=()),
            writer=WriterConfig(sources=self.sources),
        )

    def told(self) -> dict[str, Any]:
        """For the record, without the data's folder, which is nobody else's business."""
        entry = asdict(self)
        entry.pop("data")
        return entry


_LEAST = {
    0: ("learning_rate", "weight_decay", "minimum_count"),
    1: (
        *("threads", "copies", "epochs", "shape.channels", "shape.grid", "shape.reduced"),
        *("shape.hidden", "shape.words", "shape.dimension"),
    ),
    2: ("batch",),  # the loop drops a batch of one, in which there is nothing to tell apart
}


def load(file: Path, data: Path | None = None) -> SimilarConfig:
    """Read ``file``; ``data`` overrides the folder that holds the collections.

    A relative ``data`` in the file is relative to the file. Raises :class:`AppError` on unknown or
    ill-typed entries and on numbers that make no sense, naming them.
    """
    table = toml_entries.read(file, data)
    shape = toml_entries.build(file, "shape", Shape, table.pop("shape", {}))
    config = toml_entries.build(file, "", SimilarConfig, {**table, "shape": shape})
    check_sources(file, config.collections())
    toml_entries.check_numbers(file, config, _LEAST, ("word_dropout", "shape.dropout"))
    if not 0 < config.held < 1:
        raise AppError(
            f"{file}: held should be a share between 0 and 1, not {config.held}.",
            "With 0.1, a tenth of the training groups chooses the best epoch.",
        )
    return config
