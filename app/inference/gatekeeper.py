"""What kind of picture is this? The part of the gate that looks at the picture itself.

As system 2 tells frontal from lateral views: features of a network that learned to see on
photographs, their principal components, k-means clusters with names. Beyond it, a linear layer on
the same components gives each kind a probability (clusters alone don't tell a lateral from a
frontal chest well enough: ``docs/gate.md``), and the distance to the nearest cluster of frontal
chests tells a picture of a kind that nobody thought of. It needs no report model. Fitted by
:mod:`app.training.views`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from app.errors import ModelError
from app.imaging import preprocess
from app.imaging.radiograph import Radiograph, View
from app.inference import lite

ENCODER, WEIGHTS, DESCRIPTION = "lite0.safetensors", "gate.safetensors", "gate.json"
FORMAT = 1
SIDE = 160
"""Side of what the network sees: a wrong kind of picture shows at a glance."""

FRONTAL, LATERAL, SIDEWAYS = "frontal", "lateral", "on its side"
SENTENCES = {
    FRONTAL: "",
    SIDEWAYS: "The picture looks like a frontal chest radiograph lying on its side; it must be "
    "upright.",
    "upside down": "The picture looks like a frontal chest radiograph turned by 180°, upside down.",
    "negative": "The picture looks like the negative of a frontal chest radiograph: its black and "
    "white are inverted.",
    LATERAL: "The picture looks like a lateral view; the model has learned from frontal views "
    "(PA and AP).",
    "section": "The picture looks like a section (CT or MRI), not like a radiograph.",
    "ultrasound": "The picture looks like an ultrasound image, not like a radiograph.",
    "other part": "The picture looks like a radiograph of another part of the body, of a detail, "
    "or like an angiogram, not like a whole frontal chest.",
    "photograph": "The picture looks like a photograph, a drawing or a page of text, not like a "
    "radiograph.",
    "pattern": "The picture looks empty or like a mere pattern, such as noise or a gradient.",
}
"""The kinds that are told apart, and what is said of each."""

TURNED = (
    "The picture looks like a frontal chest radiograph turned by 90° to the {}; it must be upright."
)
UNKNOWN = "The picture looks unlike every frontal chest radiograph that the gate has learned from."

_AGAIN = "Install the weights folder again."


@dataclass(frozen=True)
class Sight:
    """What one picture looks like.

    kind         the likeliest of :data:`SENTENCES`, and its ``confidence`` in [0, 1]
    frontal      probability of an upright frontal chest radiograph in [0, 1]
    cluster      the kind that the nearest cluster is named after
    distance     to the nearest cluster of frontal chests, in standard deviations of a component
    """

    kind: str
    confidence: float
    frontal: float
    cluster: str
    distance: float


class Gatekeeper:
    """The network and what was fitted on its features.

    ``fitted`` holds float tensors: ``mean`` (1280,), ``turn`` (1280, d), ``weight`` (d, kinds),
    ``bias`` (kinds,) and ``centres`` (clusters, c) in the first c components. ``kinds`` names the
    columns, ``names`` the clusters. A picture passes when its frontal probability is ``floor`` or
    more and its distance at most ``reach``.
    """

    def __init__(
        self,
        encoder: lite.LiteEncoder,
        fitted: dict[str, Tensor],
        kinds: Sequence[str],
        names: Sequence[str],
        floor: float,
        reach: float,
    ) -> None:
        self.encoder = encoder
        self.kinds, self.names = tuple(kinds), tuple(names)
        self.floor, self.reach = floor, reach
        device = next(encoder.parameters()).device
        self.fitted = {name: value.to(device) for name, value in fitted.items()}

    def look(self, images: NDArray[np.uint8]) -> list[Sight]:
        """(n, S, S) as :func:`app.imaging.preprocess.equalised` makes them → what each shows."""
        return self.judge(features(self.encoder, images))

    @torch.inference_mode()
    def judge(self, found: Tensor) -> list[Sight]:
        """(n, 1280) features → what the pictures look like."""
        fitted = self.fitted
        points = (found.to(fitted["mean"].device) - fitted["mean"]) @ fitted["turn"]
        sure = (points @ fitted["weight"] + fitted["bias"]).softmax(1)
        centres = fitted["centres"]
        far = torch.cdist(points[:, : centres.shape[1]], centres)
        own = [number for number, name in enumerate(self.names) if name == FRONTAL]
        nearest, reach = far.argmin(1).tolist(), far[:, own].amin(1).tolist()
        column = self.kinds.index(FRONTAL)
        return [
            Sight(self.kinds[best], row[best], row[column], self.names[place], distance)
            for row, best, place, distance in zip(
                sure.tolist(), sure.argmax(1).tolist(), nearest, reach, strict=True
            )
        ]

    def reason(self, sight: Sight) -> str:
        """One sentence on why no draft should be made of such a picture; empty when it passes."""
        near = sight.distance <= self.reach
        if near and sight.frontal >= self.floor:
            return ""
        return SENTENCES.get(sight.kind, "") or UNKNOWN

    def reasons(self, images: NDArray[np.uint8]) -> list[str]:
        """(n, S, S) equalised → for each, :meth:`reason`, with the side to which it is turned."""
        sights = self.look(images)
        told = [self.reason(sight) for sight in sights]
        for place, sight in enumerate(sights):
            if told[place] and sight.kind == SIDEWAYS:
                told[place] = TURNED.format(self._side(images[place]))
        return told

    def _side(self, image: NDArray[np.uint8]) -> str:
        """To which side the (S, S) image is turned: turned back, it is the likelier chest.

        The network learned on photographs and their mirror images, so that its features alone
        hardly tell one side from the other.
        """
        left, right = self.look(np.stack([np.rot90(image, -1), np.rot90(image, 1)]))
        return "left" if left.frontal >= right.frontal else "right"


def merged(radiograph: Radiograph, told: tuple[str, ...], shown: str) -> tuple[str, ...]:
    """What the tags and the picture say against drafting, each thing once.

    Tags that speak of a chest don't outweigh a picture that shows a hand; where both see a lateral
    view, or the image is blank, the tags' sentence is enough.
    """
    same = radiograph.view is View.LATERAL and shown == SENTENCES[LATERAL]
    blank = shown and radiograph.pixels.min() == radiograph.pixels.max()
    return told if not shown or same or blank else (*told, shown)


@torch.inference_mode()
def features(encoder: lite.LiteEncoder, images: NDArray[np.uint8]) -> Tensor:
    """(n, S, S) uint8, equalised → (n, 1280): the network's last layer, averaged over the image."""
    device = next(encoder.parameters()).device
    inputs = torch.from_numpy(preprocess.normalise(images)).unsqueeze(1).to(device)
    if inputs.shape[-1] != SIDE:
        inputs = functional.interpolate(
            inputs, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False
        )
    seen: Tensor = encoder(inputs)
    return seen.mean((2, 3))


def load(folder: Path, device: str = "cpu") -> Gatekeeper | None:
    """The gate's files in ``folder``, or None when there is nothing of it, so that a program
    without them goes by the tags alone.

    Raises :class:`ModelError` when a file is missing beside others, cut off, altered or of another
    version.
    """
    files = [folder / name for name in (DESCRIPTION, WEIGHTS, ENCODER)]
    if not any(file.exists() for file in files):
        return None
    for file in files:
        if not file.is_file():
            raise ModelError(f"The gate's folder {folder} has no {file.name}.", _AGAIN)
    told = _description(folder / DESCRIPTION)
    fitted = _tensors(folder / WEIGHTS, told.sha256)
    encoder = lite.folded(lite.load(folder / ENCODER, device))
    shapes = {name: tuple(value.shape) for name, value in fitted.items()}
    axes, near = shapes.get("turn", (0, 0))[-1], shapes.get("centres", (0, 0))[-1]
    if shapes != {
        "mean": (lite.CHANNELS,),
        "turn": (lite.CHANNELS, axes),
        "weight": (axes, len(told.kinds)),
        "bias": (len(told.kinds),),
        "centres": (len(told.names), near),
    }:
        raise ModelError(f"{folder / DESCRIPTION} and {WEIGHTS} don't belong together.", _AGAIN)
    return Gatekeeper(encoder, fitted, told.kinds, told.names, told.floor, told.reach)


def save(folder: Path, keeper: Gatekeeper, note: dict[str, object]) -> None:
    """Write ``gate.safetensors`` (float16) and ``gate.json``; the network's file stays as it is.

    ``note`` says what it was fitted on.
    """
    import safetensors.torch as tensors

    folder.mkdir(parents=True, exist_ok=True)
    data = tensors.save(
        {name: value.half().cpu().contiguous() for name, value in keeper.fitted.items()}
    )
    entry = {
        "format": FORMAT,
        "preprocessing": preprocess.VERSION,
        "encoder_sha256": lite.SHA256,
        "sha256": hashlib.sha256(data).hexdigest(),
        "floor": keeper.floor,
        "reach": keeper.reach,
        "kinds": list(keeper.kinds),
        "clusters": list(keeper.names),
        "fitted_on": note,
    }
    text = json.dumps(entry, indent=1, ensure_ascii=False) + "\n"
    for name, content in ((WEIGHTS, data), (DESCRIPTION, text.encode())):
        # Moved into place, the description last: a kill leaves what load refuses by its sha256.
        part = folder / (name + ".part")
        part.write_bytes(content)
        os.replace(part, folder / name)


class _Description(NamedTuple):
    sha256: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    floor: float
    reach: float


def _description(file: Path) -> _Description:
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
        made_for = entry["format"], entry["preprocessing"], entry["encoder_sha256"]
        told = _Description(
            str(entry["sha256"]),
            tuple(map(str, entry["kinds"])),
            tuple(map(str, entry["clusters"])),
            float(entry["floor"]),
            float(entry["reach"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file} is damaged or unreadable.", _AGAIN) from error
    if made_for != (FORMAT, preprocess.VERSION, lite.SHA256):
        raise ModelError(f"{file} was made for another version of the program.", _AGAIN)
    if (
        FRONTAL not in told.kinds
        or FRONTAL not in told.names
        or not set(told.kinds) <= set(SENTENCES)
    ):
        raise ModelError(f"{file} names other kinds of pictures than this version knows.", _AGAIN)
    return told


def _tensors(file: Path, sha256: str) -> dict[str, Tensor]:
    import safetensors
    import safetensors.torch as tensors

    try:
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ModelError(f"{file} is cut off or altered: its sha256 differs.", _AGAIN)
        return {name: value.float() for name, value in tensors.load(data).items()}
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{file} can't be read as safetensors.", _AGAIN) from error
