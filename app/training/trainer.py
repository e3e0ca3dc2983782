"""A configuration in, a weights folder out: the stages in their order, for any system."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from app.errors import AppError
from app.files import try_folder
from app.imaging import preprocess
from app.inference import checkpoint, gatekeeper, lite
from app.inference.checkpoint import ModelInfo
from app.inference.models.base import ReportModel
from app.inference.vocabulary import Vocabulary
from app.training import (
    annotating,
    beginnings,
    borrowing,
    classifier,
    context_picture,
    imitation,
    loop,
    results,
    rounds,
    writer,
)
from app.training import archive as archives
from app.training.batches import to_input
from app.training.config import ANNOTATION, TrainConfig
from app.training.imitation import Imitator, Lessons
from app.training.journal import Journal
from app.training.loop import Stage
from app.training.processes import Processes, device_of, joined


def train(
    config: TrainConfig,
    run_folder: Path,
    weights_folder: Path,
    say: Callable[[str], None],
    device_name: str = "auto",
    gate: Path | None = None,
) -> ModelInfo:
    """Run the stages and write ``weights_folder / config.name``.

    The same configuration, data and seed on the same machine's CPU give the same weights, also when
    the run was killed on its way and started again. A stage that ``run_folder`` already holds for
    the same settings and images is used again. ``gate`` is the folder of the gate and its
    EfficientNet-Lite0, which imitation and the separation of views need. Raises :class:`AppError`
    when data are missing or unusable, or a folder can't be written to.
    """
    with joined(device_of(device_name)) as (processes, device):
        told = say if processes.first else _silent
        if processes.first:
            try_folder(weights_folder / config.name)
        return _Run(config, run_folder, told, device, processes, gate).train(weights_folder)


_SECTIONS_OF = {"labels-1": "rounds", "writer-1": "writer", "labels-2": "writer"}
"""The last section of the configuration that determines a stage which has none of its own."""


class _Run:
    def __init__(
        self,
        config: TrainConfig,
        folder: Path,
        say: Callable[[str], None],
        device: torch.device,
        processes: Processes,
        gate: Path | None,
    ) -> None:
        self.config, self.device, self.processes = config, device, processes
        self.say, self.gate = say, gate
        self.began = time.time()
        _determine(config, device)
        self.journal = Journal(folder, say)
        # The first process prepares what the others then find.
        if not processes.first:
            processes.wait()
        beginnings.check(config)
        size = beginnings.image_size(config)
        self.archive, self.imports = archives.gather(config, folder, say, gate, size)
        if processes.first:
            processes.wait()
        if config.writer.target == ANNOTATION:
            self.archive = annotating.annotated(self.archive)
        self.key = " ".join(
            str(part)
            for part in (
                *(self.archive.digest(), config.seed, config.findings, config.encoder),
                *(config.system, config.model, config.start, config.writer.target),
            )
        )

    def train(self, weights_folder: Path) -> ModelInfo:
        config, archive = self.config, self.archive
        pairs = archive.rows(config.writer.sources, "train", reports=True)
        validation = archive.rows(config.writer.sources, "val", reports=True)
        if len(pairs) < 2 or not len(validation):
            raise AppError(
                "There are too few pairs of image and report to train on.",
                "The collections need cases in the splits train and val.",
            )
        lenders = set(config.writer.borrowed)
        texts = [archive.cases[row].report for row in pairs.tolist()]
        texts += [case.report for case in archive.texts if case.source in lenders]
        vocabulary = Vocabulary.learn(texts, "zh" if config.language == "zh" else "en")
        labelled = archive.labelled(archive.rows(config.classifier.sources, "train"))
        self.say(
            f"{len(pairs)} pairs to train on, {len(validation)} to validate, "
            f"{len(labelled)} labelled images, {len(vocabulary)} words"
        )
        torch.manual_seed(config.seed)
        model = beginnings.build(config, vocabulary, self.say)
        model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        words: list[str] = []
        if config.rounds.epochs:  # what they lack is told now, not after the encoder's hours
            rounds.labelled(model)
            words = rounds.first_words(archive, pairs, config.rounds.minimum)
        self._encoder_stages(model)
        if words:
            self._rounds(model, vocabulary, words, pairs, validation)
        loss = self._writer_stage(model, vocabulary)
        facts = self._facts(model, len(pairs), len(validation), len(labelled), loss)
        return self._write(model, vocabulary, facts, weights_folder)

    def _encoder_stages(self, model: ReportModel) -> None:
        config, archive = self.config, self.archive
        imitator = Imitator(model.encoder.channels).to(self.device)
        lessons: Lessons | None = None
        wanted = config.imitation.epochs or config.classifier.imitate
        if wanted and not self._done("classifier"):
            if self.gate is None:
                raise AppError(
                    "The configuration asks for imitation, but the teacher's weights are missing.",
                    "Leave [imitation] and classifier.imitate out, or install weights/gate.",
                )
            self.say("asking the teacher what it sees in every image")
            sources = {*config.imitation.sources}
            sources |= set(config.classifier.sources) if config.classifier.imitate else set()
            lessons = imitation.lessons(
                lite.load(self.gate / gatekeeper.ENCODER, str(self.device)),
                archive.images,
                archive.rows(sources, "train"),
                device=self.device,
                mixed=config.mixed_precision,
            )
        if config.imitation.epochs and not self._done("classifier"):
            assert lessons is not None  # asked for above
            parts = nn.ModuleDict({"encoder": model.encoder, "imitator": imitator})
            stage = imitation.stage(
                model.encoder,
                imitator,
                archive,
                lessons,
                config.imitation,
                seed=config.seed,
                device=self.device,
            )
            self._stage(stage, parts)
        parts = nn.ModuleDict({"encoder": model.encoder, "head": model.head})
        stage = classifier.stage(
            model,
            archive,
            config.classifier,
            imitator if config.classifier.imitate else None,
            lessons if config.classifier.imitate else None,
            seed=config.seed,
            device=self.device,
            mixed=config.mixed_precision,
        )
        self._stage(stage, parts)

    def _rounds(
        self,
        model: ReportModel,
        vocabulary: Vocabulary,
        words: list[str],
        pairs: Tensor,
        validation: Tensor,
    ) -> None:
        """The first round whole and the labels of the second (:mod:`app.training.rounds`); the
        labels begin with ``words``.
        """
        config, archive = self.config, self.archive
        system = rounds.labelled(model)
        self.say(f"{len(words)} labels: {', '.join(words)}")
        ids = [vocabulary.encode(word)[1] for word in words]
        taught = rounds.by_word(archive, pairs, words)
        tested = rounds.by_word(archive, validation, words)

        def teach(name: str, label_words: list[int], labels: tuple[Tensor, Tensor]) -> None:
            # New weights are drawn from a seed of their own: how much was drawn before depends on
            # whether the run was killed.
            torch.manual_seed(loop.seed_of(config.seed, name, "relabel"))
            system.relabel(label_words)
            stage = rounds.stage(
                name,
                model,
                archive,
                (pairs, labels[0]),
                (validation, labels[1]),
                config.rounds,
                seed=config.seed,
                device=self.device,
                mixed=config.mixed_precision,
            )
            self._stage(stage, stage.lesson)

        teach("labels-1", ids, (taught, tested))
        self._writer_stage(model, vocabulary, "writer-1", config.rounds.writer_epochs)
        seen, theirs = (
            rounds.contexts(
                model,
                archive,
                rows,
                vocabulary,
                device=self.device,
                mixed=config.mixed_precision,
            )
            for rows in (pairs, validation)
        )
        finer, origin = rounds.split(taught, seen, config.rounds.per_part, config.seed)
        parts = [origin.count(label) for label in range(len(words))]
        split = [f"{word} {n}" for word, n in zip(words, parts, strict=True) if n > 1]
        if split:
            self.say(f"{len(words)} labels became {len(origin)}: {', '.join(split)}")
        else:
            self.say("no label has enough cases to be split")
        if self.processes.first:
            drawn = context_picture.draw(self.journal.folder, words, taught, finer, seen)
            self.say(f"contexts: {drawn or 'no picture, as no finding was split'}")
        nearest = rounds.by_nearest(taught, seen, finer, tested, theirs)
        teach("labels-2", [ids[label] for label in origin], (finer, nearest))

    def _writer_stage(
        self,
        model: ReportModel,
        vocabulary: Vocabulary,
        name: str = "writer",
        epochs: int | None = None,
    ) -> float:
        config = self.config
        borrowed = borrowing.lend(
            self.archive, config.findings, config.writer.borrowed, config.writer.borrowers
        )
        if config.writer.borrowed:
            self.say(f"{len(borrowed.rows)} labelled images may borrow a report")
        if config.writer.cache:
            self.say("computing what the frozen layers say of every image")
        stage = writer.stage(
            model,
            self.archive,
            vocabulary,
            borrowed,
            config.classifier.sources,
            config.writer if epochs is None else replace(config.writer, epochs=epochs),
            seed=config.seed,
            device=self.device,
            mixed=config.mixed_precision,
            tell=lambda done, whole: self.journal.share("frozen layers", done, whole),
            name=name,
        )
        return self._stage(stage, model)

    def _stage(self, stage: Stage, parts: nn.Module) -> float:
        """Run ``stage`` and keep the ``parts`` that it taught, or take them from an earlier run."""
        file = self._result(stage.name)
        if file.is_file():
            self.say(f"{stage.name}: done already")
            best, curve = results.take(file, parts)
            self.journal.rows += curve
            return best
        best = loop.run(
            stage,
            self.journal,
            seed=self.config.seed,
            key=file.stem,
            device=self.device,
            mixed=self.config.mixed_precision,
            processes=self.processes,
        )
        if self.processes.first:
            curve = [row for row in self.journal.rows if row["stage"] == stage.name]
            results.keep(file, parts, best, curve)
            loop.forget(stage.name, self.journal.folder)
        self.processes.wait()
        return best

    def _result(self, stage: str) -> Path:
        """Where the result of ``stage`` lies: its name changes with all that determined it."""
        sections = ("imitation", "classifier", "rounds", "writer")
        last = _SECTIONS_OF.get(stage, stage)
        settings = [
            _plain(getattr(self.config, name)) for name in sections[: sections.index(last) + 1]
        ]
        text = json.dumps([self.key, self.config.mixed_precision, settings])
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return self.journal.folder / f"{stage}-{digest}.safetensors"

    def _done(self, stage: str) -> bool:
        return self._result(stage).is_file()

    def _facts(
        self, model: ReportModel, pairs: int, validation: int, labelled: int, loss: float
    ) -> dict[str, Any]:
        config, archive = self.config, self.archive
        rows = archive.labelled(archive.rows(config.classifier.sources, "val"))
        scores = classifier.classify(
            model,
            archive.images,
            rows,
            model.image_size,
            device=self.device,
            mixed=config.mixed_precision,
        )
        found = {
            source: {
                name: round(area, 4)
                for name, area in zip(config.findings, row, strict=True)
                if not np.isnan(area)
            }
            for source, row in classifier.areas(archive, rows, scores).items()
        }
        return {
            "seed": config.seed,
            "pairs": {"train": pairs, "validation": validation},
            "labelled_images": labelled,
            "data": self.imports,
            "validation_loss": loss,
            "finding_auc": found,
            "curves": self.journal.rows,
            "config": _plain(config),
        }

    @torch.inference_mode()
    def _prior(self, model: ReportModel) -> Tensor:
        """The mean of V (c, p) over the images that the writer learned from."""
        rows = self.archive.rows(self.config.writer.sources, "train", reports=True)
        total = torch.zeros(())
        model.eval()
        for some in rows.split(32):
            images = to_input(self.archive.images[some.numpy()], model.image_size)
            with torch.autocast(
                self.device.type, torch.bfloat16, enabled=self.config.mixed_precision
            ):
                regions = model.encode(images.to(self.device)).regions
            total = total + regions.double().sum(0).cpu()
        return total / len(rows)

    def _write(
        self, model: ReportModel, vocabulary: Vocabulary, facts: dict[str, Any], weights: Path
    ) -> ModelInfo:
        config = self.config
        folder = weights / config.name
        if self.processes.first:
            info = checkpoint.save(
                folder,
                model,
                model_id=config.name,
                title=config.title or model.TITLE,
                system=config.system,
                vocabulary=vocabulary,
                findings=config.findings,
                preprocessing=preprocess.version(model.image_size),
                training=facts,
                drafting=config.drafting,
                prior=self._prior(model),
            )
            self.journal.record(
                {
                    **facts,
                    "weights_sha256": info.sha256,
                    "device": str(self.device),
                    "processes": self.processes.count,
                    "seconds": time.time() - self.began,
                    "seconds_in": self.journal.seconds,
                    "versions": {
                        "python": platform.python_version(),
                        "torch": torch.__version__,
                        "numpy": np.__version__,
                    },
                }
            )
            self.say(f"wrote {folder} ({info.size_bytes / 1e6:.1f} MB, sha256 {info.sha256[:12]}…)")
        self.processes.wait()
        return checkpoint.describe(folder)


def _determine(config: TrainConfig, device: torch.device) -> None:
    torch.set_num_threads(config.threads)
    torch.use_deterministic_algorithms(device.type == "cpu")
    # Deterministic mode also fills every new tensor, which is for finding bugs and takes four
    # fifths of an epoch's time here; nothing in these networks reads memory that it has not
    # written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _silent(_line: str) -> None:
    """Only the first process speaks."""


def _plain(config: object) -> dict[str, object]:
    """A configuration without the data's folder, which is nobody else's business."""
    entry = dataclasses.asdict(config)  # type: ignore[call-overload]
    entry.pop("data", None)
    return dict(entry)
