"""A training run as a TOML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.inference.options import DRAFTING, BeamOptions
from app.training import toml_entries
from app.training.corpora import NIH_LABELS, READERS, Corpus

FINDINGS = (*NIH_LABELS, "Lung Opacity", "Support Devices", "Fracture")
"""What the findings head names where the configuration doesn't say: ChestX-ray14's labels, then
what reports tell beside them.
"""


REPORT, ANNOTATION = "report", "annotation"
TARGETS = (REPORT, ANNOTATION)
"""What a writer can learn of a report."""

STARTS = ("words", "decoder")
"""What a model can begin with."""


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

    ``target`` is what is learned of a report: the whole "report", or its "annotation", a finding
    with its place in at most five words (:mod:`app.training.annotating`).
    ``borrowed`` names sources of reports without images: a labelled image of the ``borrowers``
    may borrow one that tells the same findings, ``borrow_limit`` of them in an epoch.
    ``cache`` keeps what the frozen blocks say of every image in memory.
    """

    sources: tuple[str, ...] = ("roco",)
    borrowed: tuple[str, ...] = ()
    borrowers: tuple[str, ...] = ()
    borrow_limit: int = 0
    target: str = "report"
    epochs: int = 10
    patience: int = 3
    batch: int = 24
    encoder_rate: float = 1e-4
    decoder_rate: float = 5e-4
    smoothing: float = 0.0
    cache: bool = True
    copies: int = 2
    label_batch: int = 8
    label_limit: int = 1500


@dataclass(frozen=True)
class RoundsConfig:
    """Between the stages, for a system that begins a report with a label of its own: the recurrent
    cascade's rounds (Shin et al., CVPR 2016). No epochs: they are left out.

    ``minimum`` cases make a label; a label with more than the mean and one standard deviation is
    split into one part for every ``per_part`` cases. ``epochs`` teach the labels in each round,
    ``writer_epochs`` the words in the first. ``limit`` bounds how often a label's cases are shown
    in an epoch: more are drawn from, fewer are repeated up to a third of it.
    """

    epochs: int = 0
    writer_epochs: int = 3
    minimum: int = 30
    per_part: int = 50
    limit: int = 150
    batch: int = 32
    learning_rate: float = 1e-3
    head_rate: float = 1e-2


@dataclass(frozen=True)
class TrainConfig:
    """Everything that determines a run, but the data.

    ``system`` is one of :func:`app.inference.models.systems.names`, ``model`` its own options,
    ``start`` files of the user's that it begins with, relative to the data's folder: ``words``
    (GloVe) and ``decoder`` (a folder).
    """

    name: str = ""
    title: str = ""
    system: str = "densenet_lstm"
    model: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)
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
    rounds: RoundsConfig = field(default_factory=RoundsConfig)
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
    "rounds": RoundsConfig,
    "writer": WriterConfig,
}


_LEAST = {
    # A zero has a meaning: left out, all, never, or a rate at which nothing is learned.
    0: (
        *("max_cases", "imitation.epochs", "imitation.learning_rate"),
        *("classifier.epochs", "classifier.learning_rate", "classifier.imitate"),
        *("rounds.epochs", "rounds.writer_epochs", "rounds.learning_rate", "rounds.head_rate"),
        *("writer.borrow_limit", "writer.patience", "writer.label_batch"),
        *("writer.encoder_rate", "writer.decoder_rate"),
    ),
    1: (
        *("threads", "imitation.size", "imitation.limits"),
        *("classifier.sizes", "classifier.limits"),
        *("rounds.minimum", "rounds.per_part", "rounds.limit"),
        *("writer.epochs", "writer.copies", "writer.label_limit"),
    ),
    # The loop drops a batch of one, over which batch norm has no variance.
    2: ("imitation.batch", "classifier.batch", "rounds.batch", "writer.batch"),
}


def load(file: Path, data: Path | None = None) -> TrainConfig:
    """Read ``file``; ``data`` overrides the folder that holds the collections.

    A relative ``data`` in the file is relative to the file. Raises :class:`AppError` on unknown or
    ill-typed entries and on numbers that make no sense, naming them.
    """
    table = toml_entries.read(file, data)
    sections: dict[str, Any] = {
        name: toml_entries.build(file, name, kind, table.pop(name, {}))
        for name, kind in _SECTIONS.items()
    }
    config = toml_entries.build(file, "", TrainConfig, {**table, **sections})
    if not config.name.replace("-", "").isalnum():
        raise AppError(
            f"{file} gives the model no usable name.",
            'Set name = "my-model" (letters, digits and hyphens).',
        )
    check_sources(file, config)
    if config.writer.target not in TARGETS:
        raise AppError(
            f"{file}: writer.target is {config.writer.target!r}.", f"Known: {', '.join(TARGETS)}."
        )
    unknown = sorted(set(config.start) - set(STARTS))
    if unknown:
        raise AppError(
            f"{file} has an unknown entry 'start.{unknown[0]}'.", f"Known: {', '.join(STARTS)}."
        )
    if len(config.classifier.sizes) != len(config.classifier.epochs):
        raise AppError(
            f"{file}: classifier.sizes and classifier.epochs differ in length.",
            "Give one number of epochs for each size.",
        )
    toml_entries.check_numbers(file, config, _LEAST, shares=("writer.smoothing",))
    _check_drafting(file, config)
    return config


def _check_drafting(file: Path, config: TrainConfig) -> None:
    try:
        BeamOptions().filled(config.drafting)
    except ValueError as error:
        raise AppError(
            f"{file}: [drafting] can't be used: {str(error).rstrip('.')}.",
            f"It may hold: {', '.join(DRAFTING)}.",
        ) from error


def check_sources(file: Path, config: TrainConfig) -> None:
    """Raises AppError for a collection of no known kind."""
    for source in config.sources():
        if config.corpus(source).kind not in READERS:
            raise AppError(
                f"{file} names the unknown collection {source!r}.",
                f"Describe it under [corpora.{source}] with kind = one of {', '.join(READERS)}.",
            )
