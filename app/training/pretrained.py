"""A DenseNet-121 that others trained, as the start of our encoder.

Two kinds of files are read when a user has them: torchvision's ImageNet weights
(``densenet121-a639ec97.pth``) and the radiograph models of torchxrayvision (a pickled module, or
its state). Nothing in such a file is ever run (:mod:`app.training.unpickling`).

Each kind was trained on another range of gray values than ours, x = (g - 127.5) / 63.75 for a gray
value g in 0..255. The difference goes into the first convolution:

- torchxrayvision: u = (2 g / 255 - 1) · 1024 = 512 x. A factor alone: exact everywhere.
- ImageNet: u_c = (g / 255 - m_c) / s_c = (0.25 / s_c) x + (0.5 - m_c) / s_c for each colour c. The
  three channels' weights are summed with their factors; the constants add the same to every place
  that lies wholly in the image, and are taken from the running mean of the batch norm behind the
  convolution. Exact but for the first two and the last rows and columns of that convolution's
  output: its padding is a zero of u there (the mean colour of ImageNet) and a zero of x here (mid
  gray), so the result is that of the original on an image framed in mid gray.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from app.errors import AppError
from app.inference.models.densenet_lstm import CHANNELS, DenseNetEncoder
from app.training.unpickling import tensors

IMAGENET, XRAYVISION = "torchvision-imagenet", "torchxrayvision"

XRAYVISION_FINDINGS = (
    "Atelectasis",
    "Consolidation",
    "Infiltration",
    "Pneumothorax",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Effusion",
    "Pneumonia",
    "Pleural_Thickening",
    "Cardiomegaly",
    "Nodule",
    "Mass",
    "Hernia",
    "Lung Lesion",
    "Fracture",
    "Lung Opacity",
    "Enlarged Cardiomediastinum",
)
"""What the 18 rows of torchxrayvision's classifier stand for."""

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours in [0, 1], as torchvision's weights expect them."""

_XRAYVISION_SCALE = 512.0
_FIRST, _BEHIND = "features.conv0.weight", "features.norm0.running_mean"
_OLD_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")
_HINT = "Use densenet121-a639ec97.pth of torchvision or a densenet121 file of torchxrayvision."


@dataclass(frozen=True)
class Pretrained:
    """An encoder that others trained.

    kind      "torchvision-imagenet" or "torchxrayvision"
    state     a whole state for :class:`~app.inference.models.densenet_lstm.DenseNetEncoder`,
              float32, for our range of gray values
    findings  by name, a finding's row (1024,) and bias () in the file's own classifier
    """

    kind: str
    state: dict[str, Tensor]
    findings: dict[str, tuple[Tensor, Tensor]]

    @torch.no_grad()
    def into_head(self, head: nn.Linear, findings: Sequence[str]) -> tuple[str, ...]:
        """Copy the rows of ``findings`` that the file has into ``head``; returns their names.

        A torchxrayvision model has all 18 rows, those too that its own collections have no labels
        for: such a row is a random start, no worse than ours.
        """
        copied = tuple(name for name in findings if name in self.findings)
        for name in copied:
            weight, bias = self.findings[name]
            head.weight[findings.index(name)] = weight
            head.bias[findings.index(name)] = bias
        return copied


def load_encoder(file: Path) -> Pretrained:
    """Read a pretrained DenseNet-121.

    Raises AppError when the file can't be read, names anything but weights and the modules of a
    DenseNet, or holds another network.
    """
    state = {_new_name(name): tensor for name, tensor in tensors(file).items()}
    with torch.device("meta"):  # names and shapes alone
        expected = DenseNetEncoder().state_dict()
    first = state.get(_FIRST)
    colours = 0 if first is None or first.ndim != 4 else first.shape[1]
    if colours not in (1, 3) or "classifier.weight" not in state:
        raise AppError(f"{file} holds no DenseNet-121 that is known here.", _HINT)
    wrong = [name for name, like in expected.items() if not _fits(name, state, like, colours)]
    if wrong:
        raise AppError(f"{file} holds no whole DenseNet-121: see {wrong[0]}.", _HINT)
    encoder = {
        # older files don't count their batches
        name: state[name].to(like.dtype)
        if name in state
        else torch.zeros(like.shape, dtype=like.dtype)
        for name, like in expected.items()
    }
    kind = XRAYVISION if colours == 1 else IMAGENET
    if kind == XRAYVISION:
        encoder[_FIRST] = encoder[_FIRST] * _XRAYVISION_SCALE
    else:
        _to_gray(encoder)
    return Pretrained(kind, encoder, _head(state) if kind == XRAYVISION else {})


def _to_gray(encoder: dict[str, Tensor]) -> None:
    """Three channels in ImageNet's range → one in ours, in place."""
    weight = encoder[_FIRST].double()
    mean = torch.tensor(_MEAN, dtype=torch.float64)
    std = torch.tensor(_STD, dtype=torch.float64)
    constant = torch.einsum("ocyx,c->o", weight, (0.5 - mean) / std)
    encoder[_FIRST] = torch.einsum("ocyx,c->oyx", weight, 0.25 / std).unsqueeze(1).float()
    encoder[_BEHIND] = (encoder[_BEHIND].double() - constant).float()


def _head(state: Mapping[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    weight, bias = state["classifier.weight"], state.get("classifier.bias")
    rows = len(XRAYVISION_FINDINGS)
    if weight.shape != (rows, CHANNELS) or bias is None or bias.shape != (rows,):
        return {}
    return dict(
        zip(XRAYVISION_FINDINGS, zip(weight.float(), bias.float(), strict=True), strict=True)
    )


def _fits(name: str, state: Mapping[str, Tensor], like: Tensor, colours: int) -> bool:
    if name not in state:
        return name.endswith("num_batches_tracked")
    shape = (like.shape[0], colours, *like.shape[2:]) if name == _FIRST else like.shape
    tensor = state[name]
    plain = tensor.layout is torch.strided and tensor.device.type == "cpu"
    plain = plain and not tensor.is_quantized and not tensor.is_complex()
    return plain and tensor.shape == shape and bool(tensor.isfinite().all())


def _new_name(name: str) -> str:
    """``denselayer1.norm.1.`` of torchvision's files, before module names lost their dots."""
    return _OLD_NAME.sub(r"\1\2", name.removeprefix("module."))
