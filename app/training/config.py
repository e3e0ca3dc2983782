"""A training run as a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from app.errors import AppError
from app.training.corpora import NIH_LABELS, READERS, Corpus

T = TypeVar("T")

FINDINGS = (*NIH_LABELS, "Lung Opacity", "Support Devices", "Fracture")
"""What the findings head names where the configuration doesn't say: ChestX-ray14's labels, then
what reports tell beside them.
"""


@dataclass(frozen=True)
class ImitationConfig:
    """Before the first stage: the encoder learns to see as EfficientNet-Lite0 does. No epochs: the
    stage is left out.
    """

    sources: tuple[str, ...] = ()
    size: int = 128
    epochs: int = 0
    batch: int = 32
    learning_rate: float = 1e-3
    limits: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassifierConfig:
    """First stage: the encoder learns the findings' labels.

    ``sizes`` are the image sizes trained one after the other, ``epochs`` how long at each: small
    pictures first cost a quarter and teach the same. ``limits`` bounds how many images of a source
    one epoch sees. ``imitate`` is the weight of the teacher's maps beside the labels.
    """

    sources: tuple[str, ...] = ("nih", "kermany", "roco")
    sizes: tuple[int, ...] = (128, 256)
    epochs: tuple[int, ...] = (10, 2)
    batch: int = 32
    learning_rate: float = 1e-3
    imitate: float = 0.0
    limits: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WriterConfig:
    """Second stage: the whole network learns the reports (arXiv 2006.10347, "Training
    Procedures").

    ``borrowed`` names sources of reports without images: a labelled image of the ``borrowers``
    may borrow one that tells the same findings, ``borrow_limit`` of them in an epoch.
    ``cache`` keeps what the frozen blocks say of every image in memory.
    """

    sources: tuple[str, ...] = ("roco",)
    borrowed: tuple[str, ...] = ()
    borrowers: tuple[str, ...] = ()
    borrow_limit: int = 0
    attention: str = "paper"
    epochs: int = 10
    patience: int = 3
    batch: int = 24
    encoder_rate: float = 1e-4
    decoder_rate: float = 5e-4
    dropout: float = 0.3
    smoothing: float = 0.0
    cache: bool = True
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
    language: str = "en"
    encoder: str = ""
    findings: tuple[str, ...] = FINDINGS
    max_cases: int = 0
    separate: bool = False
    corpora: dict[str, dict[str, Any]] = field(default_factory=dict)
    drafting: dict[str, Any] = field(default_factory=dict)
    imitation: ImitationConfig = field(default_factory=ImitationConfig)
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    writer: WriterConfig = field(default_factory=WriterConfig)

    def sources(self) -> tuple[str, ...]:
        """Every collection that the run reads, once."""
        named = (
            *self.writer.sources,
            *self.writer.borrowed,
            *self.classifier.sources,
            *(self.imitation.sources if self.imitation.epochs else ()),
        )
        return tuple(dict.fromkeys(named))

    def corpus(self, source: str) -> Corpus:
        """Where and what ``source`` is. Without an entry in ``corpora`` it is a folder and a kind
        of its own name.
        """
        entry = dict(self.corpora.get(source, {}))
        kind = str(entry.pop("kind", source))
        folder = self.data / str(entry.pop("folder", source))
        if self.max_cases:
            entry.setdefault("limit", self.max_cases)
        return Corpus(source, kind, folder, entry)


_SECTIONS = {
    "imitation": ImitationConfig,
    "classifier": ClassifierConfig,
    "writer": WriterConfig,
}


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
    sections: dict[str, Any] = {
        name: _build(file, name, kind, table.pop(name, {})) for name, kind in _SECTIONS.items()
    }
    if data is not None:
        table["data"] = str(data)
    elif "data" in table:
        table["data"] = str((file.parent / table["data"]).resolve())
    config = _build(file, "", TrainConfig, {**table, **sections})
    if not config.name.replace("-", "").isalnum():
        raise AppError(
            f"{file} gives the model no usable name.",
            'Set name = "my-model" (letters, digits and hyphens).',
        )
    for source in config.sources():
        if config.corpus(source).kind not in READERS:
            raise AppError(
                f"{file} names the unknown collection {source!r}.",
                f"Describe it under [corpora.{source}] with kind = one of {', '.join(READERS)}.",
            )
    if len(config.classifier.sizes) != len(config.classifier.epochs):
        raise AppError(
            f"{file}: classifier.sizes and classifier.epochs differ in length.",
            "Give one number of epochs for each size.",
        )
    return config


def _build(file: Path, section: str, kind: type[T], table: Mapping[str, Any]) -> T:
    if not isinstance(table, dict):
        raise AppError(f"{file}: {section} should be a table.", f"Write [{section}] above it.")
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = f"{section}.{name}" if section else name
        if name not in known:
            raise AppError(
                f"{file} has an unknown entry {where!r}.", f"Known: {', '.join(sorted(known))}."
            )
        default = known[name].default
        if isinstance(default, Path):
            value = Path(value)
        elif isinstance(value, list):
            value = tuple(value)
        elif isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        # Only tables come from a factory.
        wanted: type = type(default)
        if not isinstance(default, (bool, int, float, str, tuple, Path)):
            wanted = dict if name not in _SECTIONS or section else type(value)
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise AppError(
                f"{file}: {where} should be of type {wanted.__name__}, not {value!r}.",
                "Correct the file.",
            )
        values[name] = value
    return kind(**values)
