"""The same DenseNet-121, arranged for speed at inference.

Every layer of a dense block is norm → ReLU → 1 × 1 convolution → norm → ReLU → 3 × 3 convolution.
With s and b the scale and shift of a batch norm at inference, and t = -b / s:

* The second norm folds into the 1 × 1 convolution before it, as usual.
* The first reads a concatenation and has no convolution before it, but
  ReLU(s·x + b) = s·max(x, t) + b for s > 0 (min for s < 0), exactly. So one clamp remains of norm
  and ReLU; s and b move into the 1 × 1 convolution *after* them, which has no padding and takes a
  constant as it is.
* In a transition, the average over 2 × 2 pixels and the 1 × 1 convolution are both linear and
change
  places: a quarter of the multiplications.
* A dense block writes into one channels-last buffer; nothing is concatenated.

The weights are rounded to ``dtype`` after folding, and the shift is computed from the rounded
weights, so that a channel below its threshold still contributes nothing in bfloat16.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from app.inference.models.densenet_lstm import DenseNetEncoder


class _Pointwise(NamedTuple):
    """norm → ReLU → 1 × 1 convolution (→ norm) as clamp → linear.

    low, high (c,) with high None where no channel needs it; weight (o, c), bias (o,).
    """

    low: Tensor
    high: Tensor | None
    weight: Tensor
    bias: Tensor

    def clamp(self, values: Tensor) -> Tensor:
        """(…, c) → (…, c), contiguous."""
        if self.high is None:
            return torch.maximum(values, self.low)
        return torch.clamp(values, self.low, self.high)

    def linear(self, clamped: Tensor) -> Tensor:
        return functional.linear(clamped, self.weight, self.bias)


class _Layer(NamedTuple):
    """One layer of a dense block: (n, h, w, c) → the (n, h, w, growth) that it adds."""

    inner: _Pointwise
    weight: Tensor

    def __call__(self, values: Tensor) -> Tensor:
        inner = self.inner.linear(self.inner.clamp(values)).relu_()
        outer = functional.conv2d(inner.permute(0, 3, 1, 2), self.weight, padding=1)
        return outer.permute(0, 2, 3, 1)


class FastEncoder:
    """A :class:`DenseNetEncoder` in evaluation mode, copied and folded; the original is left as it
    is.

    Gives the same as the original within rounding: about 1e-6 of the output's norm in float32, 1e-2
    in bfloat16. ``dtype`` is that of the convolutions; the last norm and the output are float32.
    """

    def __init__(
        self, encoder: DenseNetEncoder, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        self.device, self.dtype = device, dtype
        with torch.no_grad():
            self._fold(encoder.features)

    def _fold(self, features: Any) -> None:
        # torchvision's modules are found by name, which no type checker follows: hence Any.
        parts = dict(features.named_children())
        scale, shift = _affine(parts["norm0"])
        stem = _double(parts["conv0"].weight) * scale.view(-1, 1, 1, 1)
        self._stem = self._image_weight(stem)
        self._stem_bias = self._put(shift)
        self._blocks: list[tuple[list[_Layer], _Pointwise | None]] = []
        for number in range(1, 5):
            layers = [
                _Layer(
                    self._pointwise(layer.norm1, layer.conv1, layer.norm2),
                    self._image_weight(_double(layer.conv2.weight)),
                )
                for layer in parts[f"denseblock{number}"].children()
            ]
            transition = parts.get(f"transition{number}")
            self._blocks.append(
                (layers, self._pointwise(transition.norm, transition.conv) if transition else None)
            )
        scale, shift = _affine(parts["norm5"])
        self._scale = scale.to(self.device, torch.float32)
        self._shift = shift.to(self.device, torch.float32)

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """(B, 1, S, S) float → (B, 1024, S / 32, S / 32) float32, channels last in memory."""
        images = images.to(self.device, self.dtype).contiguous(memory_format=torch.channels_last)
        stem = functional.conv2d(images, self._stem, self._stem_bias, stride=2, padding=3).relu_()
        values = _halved_maximum(stem.permute(0, 2, 3, 1))
        for layers, transition in self._blocks:
            values = _dense_block(values, layers)
            if transition is not None:
                clamped = transition.clamp(values).permute(0, 3, 1, 2)
                pooled = functional.avg_pool2d(clamped, 2).permute(0, 2, 3, 1)
                values = transition.linear(pooled)
        return (values.float() * self._scale + self._shift).relu_().permute(0, 3, 1, 2)

    def _pointwise(self, norm: Any, conv: Any, after: Any | None = None) -> _Pointwise:
        scale, shift = _affine(norm)
        weight = _double(conv.weight)[:, :, 0, 0]
        bias = torch.zeros(weight.shape[0], dtype=torch.float64)
        if after is not None:
            outer, bias = _affine(after)
            weight = weight * outer.unsqueeze(1)
        # A channel with (nearly) no scale is the constant ReLU(b), whatever comes in.
        constant = scale.abs() < 1e-12
        bias = bias + weight[:, constant] @ shift[constant].clamp(min=0.0)
        threshold = torch.where(constant, 0.0, -shift / torch.where(constant, 1.0, scale))
        threshold = threshold.to(self.dtype).double()
        weight = (weight * torch.where(constant, 0.0, scale)).to(self.dtype)
        bias = bias - weight.double() @ threshold
        low = torch.where(scale >= 0, threshold, -torch.inf)
        high = torch.where(scale >= 0, torch.inf, threshold)
        return _Pointwise(
            self._put(low),
            None if bool((scale >= 0).all()) else self._put(high),
            self._put(weight),
            self._put(bias),
        )

    def _put(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.device, self.dtype).contiguous()

    def _image_weight(self, weight: Tensor) -> Tensor:
        return self._put(weight).contiguous(memory_format=torch.channels_last)


def _dense_block(values: Tensor, layers: list[_Layer]) -> Tensor:
    """(n, h, w, c) → (n, h, w, c + growth · layers): each layer reads all that stands before it."""
    channels = values.shape[3]
    growth = layers[0].weight.shape[0]
    buffer = values.new_empty((*values.shape[:3], channels + growth * len(layers)))
    buffer[..., :channels] = values
    for layer in layers:
        buffer[..., channels : channels + growth] = layer(buffer[..., :channels])
        channels += growth
    return buffer


def _halved_maximum(values: Tensor) -> Tensor:
    """The maximum over 3 × 3 with stride 2 and padding 1 of an (n, h, w, c) ≥ 0 with even h and w.

    Rows, then columns: torch's own pooling is several times slower in bfloat16 on a CPU.
    """
    rows = torch.maximum(values[:, 0::2], values[:, 1::2])
    torch.maximum(rows[:, 1:], values[:, 1:-2:2], out=rows[:, 1:])
    both = torch.maximum(rows[:, :, 0::2], rows[:, :, 1::2])
    torch.maximum(both[:, :, 1:], rows[:, :, 1:-2:2], out=both[:, :, 1:])
    return both


def _affine(norm: Any) -> tuple[Tensor, Tensor]:
    """A batch norm at inference as scale and shift, (c,) float64 each."""
    deviation = torch.sqrt(_double(norm.running_var) + float(norm.eps))
    scale = _double(norm.weight) / deviation
    return scale, _double(norm.bias) - _double(norm.running_mean) * scale


def _double(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", torch.float64)
