"""A configuration in, a weights folder out: the stages of the default system in their order."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch as tensors
import torch
from torch import Tensor, nn

from app.errors import AppError
from app.imaging import preprocess
from app.inference import checkpoint, gatekeeper, lite
from app.inference.checkpoint import ModelInfo
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.models.systems import DEFAULT
from app.inference.vocabulary import Vocabulary
from app.training import archive as archives
from app.training import borrowing, classifier, imitation, loop, pretrained, writer
from app.training.batches import to_input
from app.training.config import TrainConfig
from app.training.imitation import Imitator, Lessons
from app.training.journal import Journal
from app.training.loop import Stage
from app.training.processes import Processes, joined


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
    when data are missing or unusable.
    """
    with joined(_device(device_name)) as (processes, device):
        told = say if processes.first else _silent
        return _Run(config, run_folder, told, device, processes, gate).train(weights_folder)


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
        self.archive, self.imports = archives.gather(config, folder, say, gate)
        if processes.first:
            processes.wait()
        self.key = f"{self.archive.digest()} {config.seed} {config.findings} {config.encoder}"

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
        model = DenseNetLstm(
            len(vocabulary),
            len(config.findings),
            preprocess.SIZE,
            dropout=config.writer.dropout,
            attention=config.writer.attention,
        )
        if config.encoder:
            loaded = pretrained.load_encoder(config.data / config.encoder)
            model.encoder.load_state_dict(loaded.state)
            self.say(f"the encoder begins with {loaded.kind}")
        model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._encoder_stages(model)
        loss = self._writer_stage(model, vocabulary)
        facts = self._facts(model, len(pairs), len(validation), len(labelled), loss)
        return self._write(model, vocabulary, facts, weights_folder)

    def _encoder_stages(self, model: DenseNetLstm) -> None:
        config, archive = self.config, self.archive
        imitator = Imitator().to(self.device)
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
                model,
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

    def _writer_stage(self, model: DenseNetLstm, vocabulary: Vocabulary) -> float:
        config = self.config
        borrowed = borrowing.lend(
            self.archive, config.findings, config.writer.borrowed, config.writer.borrowers
        )
        if config.writer.borrowed:
            self.say(f"{len(borrowed.rows)} labelled images may borrow a report")
        if config.writer.cache:
            self.say("computing what the frozen blocks say of every image")
        stage = writer.stage(
            model,
            self.archive,
            vocabulary,
            borrowed,
            config.classifier.sources,
            config.writer,
            seed=config.seed,
            device=self.device,
            mixed=config.mixed_precision,
            tell=lambda done, whole: self.journal.share("frozen blocks", done, whole),
        )
        return self._stage(stage, model)

    def _stage(self, stage: Stage, parts: nn.Module) -> float:
        """Run ``stage`` and keep the ``parts`` that it taught, or take them from an earlier run."""
        file = self._result(stage.name)
        if file.is_file():
            self.say(f"{stage.name}: done already")
            parts.load_state_dict(tensors.load_file(file))
            entry = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
            self.journal.rows += entry["curve"]
            return float(entry["best"])
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
            text = json.dumps({"best": best, "curve": curve})
            file.with_suffix(".json").write_text(text, encoding="utf-8")
            state = {
                name: value.detach().to("cpu").contiguous()
                for name, value in parts.state_dict().items()
            }
            part = file.with_suffix(".part")
            tensors.save_file(state, part)
            os.replace(part, file)
            loop.forget(stage.name, self.journal.folder)
        self.processes.wait()
        return best

    def _result(self, stage: str) -> Path:
        """Where the result of ``stage`` lies: its name changes with all that determined it."""
        stages = ("imitation", "classifier", "writer")
        settings = [
            _plain(getattr(self.config, name)) for name in stages[: stages.index(stage) + 1]
        ]
        text = json.dumps([self.key, self.config.mixed_precision, settings])
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return self.journal.folder / f"{stage}-{digest}.safetensors"

    def _done(self, stage: str) -> bool:
        return self._result(stage).is_file()

    def _facts(
        self, model: DenseNetLstm, pairs: int, validation: int, labelled: int, loss: float
    ) -> dict[str, Any]:
        config, archive = self.config, self.archive
        rows = archive.labelled(archive.rows(config.classifier.sources, "val"))
        scores = classifier.classify(
            model,
            archive.images,
            rows,
            preprocess.SIZE,
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
    def _prior(self, model: DenseNetLstm) -> Tensor:
        """The mean of V (c, p) over the images that the writer learned from."""
        rows = self.archive.rows(self.config.writer.sources, "train", reports=True)
        total = torch.zeros(())
        model.eval()
        for some in rows.split(32):
            images = to_input(self.archive.images[some.numpy()], preprocess.SIZE)
            with torch.autocast(
                self.device.type, torch.bfloat16, enabled=self.config.mixed_precision
            ):
                regions = model.encode(images.to(self.device)).regions
            total = total + regions.double().sum(0).cpu()
        return total / len(rows)

    def _write(
        self, model: DenseNetLstm, vocabulary: Vocabulary, facts: dict[str, Any], weights: Path
    ) -> ModelInfo:
        config = self.config
        folder = weights / config.name
        if self.processes.first:
            info = checkpoint.save(
                folder,
                model,
                model_id=config.name,
                title=config.title,
                system=DEFAULT,
                vocabulary=vocabulary,
                findings=config.findings,
                preprocessing=preprocess.VERSION,
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


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise AppError("There is no CUDA device.", "Use --device cpu.")
    return torch.device(name)


def _silent(_line: str) -> None:
    """Only the first process speaks."""


def _plain(config: object) -> dict[str, object]:
    """A configuration without the data's folder, which is nobody else's business."""
    entry = dataclasses.asdict(config)  # type: ignore[call-overload]
    entry.pop("data", None)
    return dict(entry)
