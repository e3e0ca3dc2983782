"""A configuration in, a weights folder out: the two stages of the default system in their order."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import safetensors.torch as tensors
import torch
from numpy.typing import NDArray

from app.errors import AppError
from app.imaging import preprocess
from app.inference import checkpoint
from app.inference.checkpoint import ModelInfo
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.models.systems import DEFAULT
from app.inference.vocabulary import Vocabulary
from app.training.classifier import (
    LabelledImages,
    areas,
    classify,
    labelled,
    limited,
    split_rows,
    train_classifier,
)
from app.training.config import TrainConfig
from app.training.corpora import READERS, Case, ImportReport
from app.training.images import load_images
from app.training.journal import Journal
from app.training.writer import stem_features, train_writer


def train(
    config: TrainConfig,
    run_folder: Path,
    weights_folder: Path,
    say: Callable[[str], None],
    device_name: str = "auto",
) -> ModelInfo:
    """Run both stages and write ``weights_folder / config.name``.

    The same configuration, data and seed on the same machine's CPU give the same weights. A first
    stage that ``run_folder`` already holds for the same settings and images is used again. Raises
    :class:`AppError` when data are missing or unusable.
    """
    began = time.time()
    device = _device(device_name)
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    torch.use_deterministic_algorithms(device.type == "cpu")
    # Deterministic mode also fills every new tensor, which is for finding bugs and takes four
    # fifths of an epoch's time here; nothing in these networks reads memory that it has not
    # written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    mixed = config.mixed_precision
    journal = Journal(run_folder, say)

    pair_images, pairs = _corpus(config, config.writer.sources, run_folder, say)
    label_images, label_cases = _corpus(config, config.classifier.sources, run_folder, say)
    train_rows, validation_rows = split_rows(pairs, "train"), split_rows(pairs, "val")
    if len(train_rows) < 2 or not len(validation_rows):
        raise AppError(
            "There are too few pairs of image and report to train on.",
            "The collections need cases in the splits train and val.",
        )
    vocabulary = Vocabulary.learn(pairs[row].report for row in train_rows.tolist())
    data = labelled(label_images, label_cases, config.findings)
    say(
        f"{len(train_rows)} pairs to train on, {len(validation_rows)} to validate, "
        f"{len(data.train)} labelled images, {len(vocabulary)} words"
    )

    model = DenseNetLstm(
        len(vocabulary), len(config.findings), preprocess.SIZE, dropout=config.writer.dropout
    ).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    _first_stage(model, data, config, journal, device=device, mixed=mixed)
    generator = torch.Generator().manual_seed(config.seed + 1)
    say("computing what the frozen blocks say of every image")
    stems = [stem_features(model, pair_images, device=device, mixed=mixed)]
    for _ in range(config.writer.copies - 1):
        stems.append(
            stem_features(model, pair_images, device=device, mixed=mixed, generator=generator)
        )
    shown = _thinned(data, config, generator)
    label_stems = stem_features(model, data.images[shown.train.numpy()], device=device, mixed=mixed)
    loss = train_writer(
        model,
        stems,
        [case.report for case in pairs],
        train_rows,
        validation_rows,
        shown,
        label_stems,
        vocabulary,
        config.writer,
        journal,
        device=device,
        mixed=mixed,
        seed=config.seed,
    )
    facts = {
        "seed": config.seed,
        "pairs": {"train": len(train_rows), "validation": len(validation_rows)},
        "labelled_images": len(data.train),
        "validation_loss": loss,
        "finding_auc": _areas(model, data, config, device=device, mixed=mixed),
        "config": _plain(config),
    }
    info = checkpoint.save(
        weights_folder / config.name,
        model,
        model_id=config.name,
        title=config.title,
        system=DEFAULT,
        vocabulary=vocabulary,
        findings=config.findings,
        preprocessing=preprocess.VERSION,
        training=facts,
    )
    journal.record(
        {
            **facts,
            "weights_sha256": info.sha256,
            "device": str(device),
            "seconds": time.time() - began,
            "versions": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": np.__version__,
            },
        }
    )
    say(f"wrote {info.folder} ({info.size_bytes / 1e6:.1f} MB, sha256 {info.sha256[:12]}…)")
    return info


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise AppError("There is no CUDA device.", "Use --device cpu.")
    return torch.device(name)


def _corpus(
    config: TrainConfig, sources: tuple[str, ...], run_folder: Path, say: Callable[[str], None]
) -> tuple[NDArray[np.uint8], list[Case]]:
    cases: list[Case] = []
    for source in sources:
        report = ImportReport(source)
        taken = list(READERS[source](config.data / source, report, {}))
        cases += taken[: config.max_cases or None]
        for line in report.lines():
            say(line)
    if not cases:
        raise AppError(
            f"The collections {', '.join(sources)} hold no usable case.", "See what was left out."
        )
    return load_images(cases, run_folder / "cache", say)


def _first_stage(
    model: DenseNetLstm,
    data: LabelledImages,
    config: TrainConfig,
    journal: Journal,
    *,
    device: torch.device,
    mixed: bool,
) -> None:
    key = hashlib.sha256(
        json.dumps([_plain(config.classifier), config.findings, config.seed]).encode()
    )
    key.update(data.images.tobytes())
    file = journal.folder / f"encoder-{key.hexdigest()[:16]}.safetensors"
    parts = {"encoder": model.encoder, "head": model.head}
    if file.is_file():
        journal.say("the first stage is done already")
        for name, part in parts.items():
            part.load_state_dict(
                {
                    entry.removeprefix(f"{name}."): value
                    for entry, value in tensors.load_file(file).items()
                    if entry.startswith(f"{name}.")
                }
            )
        return
    train_classifier(
        model, data, config.classifier, journal, device=device, mixed=mixed, seed=config.seed
    )
    state = {
        f"{name}.{entry}": value.cpu().contiguous()
        for name, part in parts.items()
        for entry, value in part.state_dict().items()
    }
    tensors.save_file(state, file)


def _thinned(
    data: LabelledImages, config: TrainConfig, generator: torch.Generator
) -> LabelledImages:
    limits = dict.fromkeys(config.classifier.sources, config.writer.label_limit)
    return dataclasses.replace(data, train=limited(data, limits, generator))


def _areas(
    model: DenseNetLstm,
    data: LabelledImages,
    config: TrainConfig,
    *,
    device: torch.device,
    mixed: bool,
) -> dict[str, dict[str, float]]:
    """AUC per finding on the labelled validation images of each source, where it can be
    measured.
    """
    scores = classify(
        model, data.images, data.validation, preprocess.SIZE, device=device, mixed=mixed
    )
    return {
        source: {
            name: round(area, 4)
            for name, area in zip(config.findings, row, strict=True)
            if not np.isnan(area)
        }
        for source, row in areas(data, scores).items()
    }


def _plain(config: object) -> dict[str, object]:
    """A configuration without the data's folder, which is nobody else's business."""
    entry = dataclasses.asdict(config)  # type: ignore[call-overload]
    entry.pop("data", None)
    return dict(entry)
