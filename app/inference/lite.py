"""EfficientNet-Lite0 (Tan & Le, arXiv 1905.11946, without squeeze-and-excitation, ReLU6 for swish):
a small network that learned to see on photographs.

It is nobody's report writer. The gate asks it what kind of picture an image is, since it knows
hands, photographs and text from each other; and a new encoder may learn from it how to see before
it learns findings. Weights: ImageNet, Apache License 2.0 (see ``NOTICE``), as safetensors.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from app.errors import ModelError

CHANNELS = 1280
STRIDE = 32
SHA256 = "106bd32e25e2f688fbe3dd6fa60ee968f5a5b1da28af70d7d22a610db42f259f"
"""Of the shipped file; :func:`load` refuses any other."""


class _Stage(NamedTuple):
    """``repeats`` blocks in a row; the first one has the ``stride``."""

    expand: int
    channels: int
    repeats: int
    stride: int
    kernel: int


_STAGES = (
    _Stage(1, 16, 1, 1, 3),
    _Stage(6, 24, 2, 2, 3),
    _Stage(6, 40, 2, 2, 5),
    _Stage(6, 80, 3, 2, 3),
    _Stage(6, 112, 3, 1, 5),
    _Stage(6, 192, 4, 2, 5),
    _Stage(6, 320, 1, 1, 3),
)


class _Convolution(nn.Module):
    """Convolution, batch norm and, if wanted, ReLU6.

    Padded as TensorFlow's "SAME", in which the weights were trained: with a stride, the odd pixel
    goes to the right and to the bottom.
    """

    def __init__(
        self,
        into: int,
        out: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        *,
        act: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(into, out, kernel, stride, groups=groups, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(out, eps=1e-3)
        self._act = act

    def forward(self, values: Tensor) -> Tensor:
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        pads = []
        for side in (values.shape[3], values.shape[2]):
            short = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            pads += [short // 2, short - short // 2]
        if any(pads):
            values = functional.pad(values, pads)
        values = self.norm(self.conv(values))
        return functional.relu6(values) if self._act else values


class _Block(nn.Module):
    """Inverted residual: widen, filter each channel, narrow."""

    def __init__(self, into: int, stage: _Stage, stride: int) -> None:
        super().__init__()
        wide = into * stage.expand
        layers = [_Convolution(into, wide, 1)] if stage.expand > 1 else []
        layers.append(_Convolution(wide, wide, stage.kernel, stride, groups=wide))
        layers.append(_Convolution(wide, stage.channels, 1, act=False))
        self.layers = nn.Sequential(*layers)
        self._skip = stride == 1 and into == stage.channels

    def forward(self, values: Tensor) -> Tensor:
        out: Tensor = self.layers(values)
        return values + out if self._skip else out


class LiteEncoder(nn.Module):
    """(B, 1, S, S) float in the numbers of ``preprocess.normalise`` → (B, 1280, S / 32, S / 32),
    the last layer before pooling.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_Convolution(3, 32, 3, 2)]
        into = 32
        for stage in _STAGES:
            for number in range(stage.repeats):
                layers.append(_Block(into, stage, stage.stride if number == 0 else 1))
                into = stage.channels
        layers.append(_Convolution(into, CHANNELS, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        # ImageNet's numbers were (x - 127) / 128, the product's are (x - 127.5) / 63.75.
        photograph = images * (63.75 / 128) + (0.5 / 128)
        out: Tensor = self.layers(photograph.expand(-1, 3, -1, -1))
        return out


def folded(network: LiteEncoder) -> LiteEncoder:
    """The same network for inference alone, changed in place: batch norms go into the convolutions
    before them, memory is laid out channels last. The same numbers to rounding, in 3/4 of the time.
    """
    for part in network.modules():
        if isinstance(part, _Convolution) and isinstance(part.norm, nn.BatchNorm2d):
            part.conv = fuse_conv_bn_eval(part.conv, part.norm)
            part.norm = nn.Identity()
    for weight in network.parameters():
        weight.requires_grad_(False)
        if weight.ndim == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return network


def load(file: Path, device: str = "cpu") -> LiteEncoder:
    """The shipped network in evaluation mode. Raises :class:`ModelError` for any other file."""
    import safetensors.torch as tensors

    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"{file} can't be read: {error.strerror}.", "Install the weights folder again."
        ) from error
    if digest != SHA256:
        raise ModelError(
            f"{file} is cut off or altered: its sha256 differs.",
            "Install the weights folder again.",
        )
    network = LiteEncoder()
    network.load_state_dict(
        {name: value.float() for name, value in tensors.load_file(file).items()}
    )
    return network.to(device).eval()
