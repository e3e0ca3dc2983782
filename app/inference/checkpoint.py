"""A weights folder: ``model.safetensors``, ``model.json`` and ``MODEL_CARD.md``.

Nothing is unpickled. ``model.json`` holds what builds the model (system, configuration, vocabulary,
findings, preprocessing), the drafting options that it was validated with, and the sha256 of the
weights file, which is checked before a number is read. Beside the weights that file may hold the
training set's mean encoded image, the prior of a search with a ``prior_weight``. Importing this
module does not import torch, so that models can be listed without it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import ModelError
from app.files import together
from app.inference import finite
from app.inference.looks import ATTENTION
from app.inference.vocabulary import Vocabulary

if TYPE_CHECKING:
    import torch

    from app.inference.models.base import Encoded, ReportModel

WEIGHTS, DESCRIPTION, CARD = "model.safetensors", "model.json", "MODEL_CARD.md"
FORMAT = 1
DEFAULT = "densenet121-lstm"
"""The model that drafts when none is named; the first one found where it isn't there."""
PRIOR = "prior.regions"
"""The mean of V over the training set, (c, p), in the weights file."""

_AGAIN = "Install the weights folder again."


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model without loading its weights. ``size_bytes`` is the weights
    file's; ``drafting`` are BeamOptions that stand in for a user's defaults; ``looks`` says where
    its maps come from, "attention" or "gradients"; ``source`` names the system's paper, "" where a
    folder doesn't say.
    """

    model_id: str
    title: str
    system: str
    folder: Path
    sha256: str
    size_bytes: int
    findings: tuple[str, ...]
    vocabulary: tuple[str, ...]
    language: str
    preprocessing: str
    image_size: int
    config: Mapping[str, Any]
    training: Mapping[str, Any]
    drafting: Mapping[str, Any] = field(default_factory=dict)
    looks: str = ATTENTION
    source: str = ""

    @property
    def card(self) -> Path:
        return self.folder / CARD

    @property
    def annotates(self) -> bool:
        """Whether it learned to write a finding and its place in place of reports."""
        config = self.training.get("config") or {}
        return bool((config.get("writer") or {}).get("target") == "annotation")


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, in evaluation mode and float32, on the device it was loaded to.

    ``prior`` is the mean encoded image that came with the weights, one image as the decoder reads
    it, or None.
    """

    model: ReportModel
    vocabulary: Vocabulary
    info: ModelInfo
    prior: Encoded | None = None


def describe(folder: Path) -> ModelInfo:
    """Read ``model.json`` of a weights folder. Raises :class:`ModelError` when it can't be used."""
    file = folder / DESCRIPTION
    weights = folder / WEIGHTS
    if not weights.is_file() or not file.is_file():
        missing = WEIGHTS if not weights.is_file() else DESCRIPTION
        raise ModelError(f"The weights folder {folder} has no {missing}.", _AGAIN)
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
        if entry["format"] != FORMAT:
            raise ModelError(
                f"The weights folder {folder} has format {entry['format']}; this version reads "
                f"{FORMAT}.",
                "Use weights made for this version.",
            )
        return ModelInfo(
            model_id=str(entry["model_id"]),
            title=str(entry["title"]),
            system=str(entry["system"]),
            folder=folder,
            sha256=str(entry["sha256"]),
            size_bytes=weights.stat().st_size,
            findings=tuple(map(str, entry["findings"])),
            vocabulary=tuple(map(str, entry["vocabulary"])),
            language=str(entry["language"]),
            preprocessing=str(entry["preprocessing"]),
            image_size=int(entry["config"]["image_size"]),
            config=dict(entry["config"]),
            training=dict(entry.get("training", {})),
            drafting=dict(entry.get("drafting", {})),
            looks=str(entry.get("looks", ATTENTION)),
            source=str(entry.get("source", "")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file} is damaged or unreadable.", _AGAIN) from error


def list_models(folders: Iterable[Path]) -> list[ModelInfo]:
    """The usable models in the sub-folders of ``folders``: the default one, then by id; the first
    folder wins a name twice used. One that can't be described takes no other away.
    """
    return look_through(folders)[0]


def look_through(
    folders: Iterable[Path],
) -> tuple[list[ModelInfo], dict[str, ModelError]]:
    """The models as in :func:`list_models`, and what is wrong with each that is left out, by its
    folder's name.
    """
    found: dict[str, ModelInfo] = {}
    broken: dict[str, ModelError] = {}
    for parent in folders:
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            if not ((folder / DESCRIPTION).is_file() and (folder / WEIGHTS).is_file()):
                continue
            try:
                info = describe(folder)
            except ModelError as error:
                if folder.name not in found:
                    broken.setdefault(folder.name, error)
            else:
                found.setdefault(info.model_id, info)
    usable = [found[name] for name in sorted(found, key=lambda name: (name != DEFAULT, name))]
    return usable, broken


def load(folder: Path, device: str = "cpu") -> LoadedModel:
    """Load a weights folder for inference.

    Raises :class:`ModelError` when the file is missing, cut off, altered (sha256), of another
    architecture, or holds a number that isn't finite.
    """
    info = describe(folder)
    path = folder / WEIGHTS
    if _sha256(path) != info.sha256:
        raise ModelError(
            f"{path} is not the file that {DESCRIPTION} describes: its sha256 differs, so it is "
            "cut off or altered.",
            _AGAIN,
        )
    import safetensors
    import safetensors.torch as tensors

    from app.inference.models import systems
    from app.inference.models.base import Encoded

    try:
        state = {name: tensor.float() for name, tensor in tensors.load_file(path).items()}
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{path} can't be read as safetensors.", _AGAIN) from error
    finite.check(path, state, _AGAIN)
    vocabulary = Vocabulary(info.vocabulary, "zh" if info.language == "zh" else "en")
    regions = state.pop(PRIOR, None)
    try:
        systems.find(info.system)
    except ValueError as error:
        raise ModelError(
            f"{folder / DESCRIPTION} names an {error}.", "Choose weights made for this version."
        ) from error
    try:
        model = systems.build(info.system, info.config)
        model.load_state_dict(state, strict=True)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} holds weights of another architecture than the system {info.system!r}.",
            "Choose weights made for this version.",
        ) from error
    if len(vocabulary) != info.config.get("vocabulary_size"):
        raise ModelError(f"{folder / DESCRIPTION}: vocabulary and weights differ in size.", _AGAIN)
    prior = None if regions is None else _as_image(model, regions)
    prior = None if prior is None else Encoded(*(part.to(device) for part in prior))
    return LoadedModel(model.to(device).eval(), vocabulary, info, prior)


def parameters(info: ModelInfo) -> int:
    """How many numbers were learned, without loading them: running statistics and the prior are
    none. Raises :class:`ModelError`.
    """
    import safetensors

    path = info.folder / WEIGHTS
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            names = list(file.keys())
            shapes = [file.get_slice(name).get_shape() for name in names if _learned(name)]
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{path} can't be read as safetensors.", _AGAIN) from error
    return sum(math.prod(shape) for shape in shapes)


def _learned(name: str) -> bool:
    return name != PRIOR and "running_" not in name and not name.endswith("num_batches_tracked")


def save(
    folder: Path,
    model: ReportModel,
    *,
    model_id: str,
    title: str,
    system: str,
    vocabulary: Vocabulary,
    findings: Iterable[str],
    preprocessing: str,
    training: Mapping[str, Any] | None = None,
    drafting: Mapping[str, Any] | None = None,
    prior: torch.Tensor | None = None,
) -> ModelInfo:
    """Write a weights folder; the weights in float16, the batch norms' running statistics in
    float32.

    ``drafting`` are the BeamOptions that the model was validated with, ``prior`` (c, p) the mean of
    ``Encoded.regions`` over the training set.

    Both files are written beside the old ones and then moved into place, so that a kill leaves
    either the old folder or one that :func:`load` refuses by its sha256. Raises
    :class:`~app.errors.StoreError` when they can't be written; the old ones then stay.
    """
    import safetensors.torch as tensors

    state = {name: _stored(name, tensor) for name, tensor in model.state_dict().items()}
    if prior is not None:
        state[PRIOR] = _stored(PRIOR, prior)
    data = tensors.save(state)  # save_file would leave it readable to its owner alone
    entry = {
        "format": FORMAT,
        "model_id": model_id,
        "title": title,
        "system": system,
        "sha256": hashlib.sha256(data).hexdigest(),
        "preprocessing": preprocessing,
        "language": vocabulary.language,
        "config": model.config(),
        "findings": list(findings),
        "training": dict(training or {}),
        "drafting": dict(drafting or {}),
        "looks": model.LOOKS,
        "source": model.SOURCE,
        "vocabulary": list(vocabulary),
    }
    text = json.dumps(entry, indent=1, ensure_ascii=False)
    with together(folder) as part:
        (part / WEIGHTS).write_bytes(data)
        (part / DESCRIPTION).write_text(text, encoding="utf-8")
    return describe(folder)


def _stored(name: str, tensor: torch.Tensor) -> torch.Tensor:
    import torch

    # A running variance may lie outside what float16 holds; the counter is not a weight.
    exact = not tensor.is_floating_point() or "running_" in name
    dtype = tensor.dtype if exact else torch.float16
    return tensor.detach().to("cpu", dtype).contiguous()


def _as_image(model: ReportModel, regions: torch.Tensor) -> Encoded:
    """The mean map (c, p) as one encoded image."""
    import torch

    with torch.inference_mode():
        return model.read(regions.view(1, -1, *model.grid))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror}.", _AGAIN) from error
