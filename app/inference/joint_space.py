"""Images and words in one space: two small towers on what the drafting model's encoder sees.

The encoder stays as it is; what is learned is a projection of its features and a reader of words,
so that an image and the words that describe it lie near each other (Radford et al., "Learning
Transferable Visual Models From Natural Language Supervision", arXiv 2103.00020; for radiographs
Zhang et al., ConVIRT, arXiv 2010.00747). Vectors have length 1: their dot product is the cosine.

A folder of it holds ``similar.safetensors``, ``similar.json`` and ``MODEL_CARD.md``. Nothing is
unpickled, and the description names the sha256 of the drafting weights that it belongs to. Reading
the description does not import torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import ModelError
from app.files import together
from app.inference import finite
from app.inference.vocabulary import Vocabulary

if TYPE_CHECKING:
    from app.inference.towers import Towers

WEIGHTS, DESCRIPTION, CARD = "similar.safetensors", "similar.json", "MODEL_CARD.md"
FORMAT = 1
_AGAIN = "Install the weights folder again."


@dataclass(frozen=True)
class Shape:
    """What builds the towers.

    channels   of the encoder's feature map
    grid       rows and columns that the map is averaged to, so that sides and bases are told apart
    reduced    channels of one cell of that grid
    hidden     width of the image tower's hidden layer
    words      length of a word's vector, and of each direction of the GRU
    dimension  of the joint space
    dropout    while learning, in both towers
    """

    channels: int = 1024
    grid: int = 4
    reduced: int = 32
    hidden: int = 512
    words: int = 128
    dimension: int = 256
    dropout: float = 0.4


@dataclass(frozen=True)
class SpaceInfo:
    """What is known of a joint space without its weights.

    ``sha256`` is that of its weights file, ``model_sha256`` that of the drafting weights whose
    encoder it reads; ``training`` says what it learned from.
    """

    folder: Path
    sha256: str
    model_id: str
    model_sha256: str
    shape: Shape
    vocabulary: tuple[str, ...]
    training: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Changes with the projection and with the encoder: vectors of another key don't compare
        with this space's.
        """
        return hashlib.sha256(f"{self.sha256} {self.model_sha256}".encode()).hexdigest()


def describe(folder: Path) -> SpaceInfo | None:
    """Read ``similar.json``; None where the folder holds no joint space at all.

    Raises :class:`ModelError` when it is incomplete, damaged or of another version.
    """
    file, weights = folder / DESCRIPTION, folder / WEIGHTS
    if not file.exists() and not weights.exists():
        return None
    for one in (file, weights):
        if not one.is_file():
            raise ModelError(f"The weights folder {folder} has no {one.name}.", _AGAIN)
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
        version = entry["format"]
        info = SpaceInfo(
            folder=folder,
            sha256=str(entry["sha256"]),
            model_id=str(entry["model_id"]),
            model_sha256=str(entry["model_sha256"]),
            shape=Shape(**entry["shape"]),
            vocabulary=tuple(map(str, entry["vocabulary"])),
            training=dict(entry.get("training", {})),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file} is damaged or unreadable.", _AGAIN) from error
    if version != FORMAT:
        raise ModelError(
            f"{file} has format {version}; this version reads {FORMAT}.",
            "Use weights made for this version.",
        )
    return info


def load(info: SpaceInfo) -> tuple[Towers, Vocabulary]:
    """The towers in evaluation mode and float32 on the CPU, and the words that they know.

    Raises :class:`ModelError` when the file is missing, cut off, altered (sha256), of another shape
    than its description says, or holds a number that isn't finite.
    """
    import safetensors
    import safetensors.torch as tensors

    from app.inference.towers import Towers

    file = info.folder / WEIGHTS
    try:
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != info.sha256:
            raise ModelError(f"{file} is cut off or altered: its sha256 differs.", _AGAIN)
        state = {name: value.float() for name, value in tensors.load(data).items()}
        finite.check(file, state, _AGAIN)
        vocabulary = Vocabulary(info.vocabulary)
        towers = Towers(info.shape, len(vocabulary))
        towers.load_state_dict(state, strict=True)
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{file} can't be read as safetensors.", _AGAIN) from error
    except (RuntimeError, ValueError, TypeError) as error:
        raise ModelError(f"{file} and {DESCRIPTION} don't belong together.", _AGAIN) from error
    return towers.eval(), vocabulary


def save(
    folder: Path,
    towers: Towers,
    vocabulary: Sequence[str],
    *,
    model_id: str,
    model_sha256: str,
    training: Mapping[str, Any],
) -> SpaceInfo:
    """Write weights (float16) and description into ``folder``; returns what was written.

    Both are written beside the old ones and then moved into place: a kill leaves the old folder or
    one that :func:`load` refuses by its sha256. Raises :class:`~app.errors.StoreError` when they
    can't be written; the old ones then stay.
    """
    import safetensors.torch as tensors

    state = {name: value.detach().half().cpu() for name, value in towers.state_dict().items()}
    data = tensors.save({name: value.contiguous() for name, value in state.items()})
    entry = {
        "format": FORMAT,
        "sha256": hashlib.sha256(data).hexdigest(),
        "model_id": model_id,
        "model_sha256": model_sha256,
        "shape": asdict(towers.shape),
        "training": dict(training),
        "vocabulary": list(vocabulary),
    }
    text = json.dumps(entry, indent=1, ensure_ascii=False) + "\n"
    with together(folder) as part:
        (part / WEIGHTS).write_bytes(data)
        (part / DESCRIPTION).write_bytes(text.encode())
    info = describe(folder)
    assert info is not None  # written above
    return info
