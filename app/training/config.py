"""A training run as a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from app.errors import AppError
from app.training.corpora import NIH_LABELS, READERS

T = TypeVar("T")


@dataclass(frozen=True)
class ClassifierConfig:
    """First stage: the encoder learns the findings' labels.

    ``sizes`` are the image sizes trained one after the other, ``epochs`` how long at each: small
    pictures first cost a quarter and teach the same. ``limits`` bounds how many images of a source
    one epoch sees.
    """

    sources: tuple[str, ...] = ("nih", "kermany")
    sizes: tuple[int, ...] = (128, 256)
    epochs: tuple[int, ...] = (10, 2)
    batch: int = 32
    learning_rate: float = 1e-3
    limits: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WriterConfig:
    """Second stage: the whole network learns the reports (arXiv 2006.10347, "Training
    Procedures").
    """

    sources: tuple[str, ...] = ("roco",)
    epochs: int = 10
    patience: int = 3
    batch: int = 24
    encoder_rate: float = 1e-4
    decoder_rate: float = 5e-4
    dropout: float = 0.3
    copies: int = 2
    label_batch: int = 8
    label_limit: int = 1500


@dataclass(frozen=True)
class TrainConfig:
    """Everything that determines a run, but the data."""

    name: str = ""
    title: str = "DenseNet-121 + LSTM + attention"
    data: Path = Path()
    seed: int = 7
    threads: int = 2
    mixed_precision: bool = True
    findings: tuple[str, ...] = NIH_LABELS
    max_cases: int = 0
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    writer: WriterConfig = field(default_factory=WriterConfig)


def load(file: Path, data: Path | None = None) -> TrainConfig:
    """Read ``file``; ``data`` overrides the folder that holds the collections.

    A relative ``data`` in the file is relative to the file. Raises :class:`AppError` on unknown or
    ill-typed entries, naming them.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AppError(
            f"{file} can't be read: {error.strerror}.", "Name an existing TOML file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AppError(f"{file} is not valid TOML: {error}.", "Correct the file.") from error
    classifier = _build(file, "classifier", ClassifierConfig, table.pop("classifier", {}))
    writer = _build(file, "writer", WriterConfig, table.pop("writer", {}))
    if data is not None:
        table["data"] = str(data)
    elif "data" in table:
        table["data"] = str((file.parent / table["data"]).resolve())
    config = _build(file, "", TrainConfig, {**table, "classifier": classifier, "writer": writer})
    if not config.name.replace("-", "").isalnum():
        raise AppError(
            f"{file} gives the model no usable name.",
            'Set name = "my-model" (letters, digits and hyphens).',
        )
    for source in (*config.classifier.sources, *config.writer.sources):
        if source not in READERS:
            raise AppError(
                f"{file} names the unknown collection {source!r}.",
                f"Known collections: {', '.join(READERS)}.",
            )
    if len(config.classifier.sizes) != len(config.classifier.epochs):
        raise AppError(
            f"{file}: classifier.sizes and classifier.epochs differ in length.",
            "Give one number of epochs for each size.",
        )
    return config


def _build(file: Path, section: str, kind: type[T], table: dict[str, Any]) -> T:
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    defaults = {name: item.default for name, item in known.items()}
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = f"{section}.{name}" if section else name
        if name not in known:
            raise AppError(
                f"{file} has an unknown entry {where!r}.", f"Known: {', '.join(sorted(known))}."
            )
        default = defaults[name]
        if isinstance(default, Path):
            value = Path(value)
        elif isinstance(value, list):
            value = tuple(value)
        elif isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if isinstance(default, (bool, int, float, str, tuple)) and type(value) is not type(default):
            raise AppError(
                f"{file}: {where} should be of type {type(default).__name__}, not {value!r}.",
                "Correct the file.",
            )
        values[name] = value
    return kind(**values)
