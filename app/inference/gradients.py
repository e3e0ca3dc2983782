"""Grad-CAM through a report model: which regions a word depends on, where the model has no
attention of its own (Selvaraju et al., arXiv 1610.02391).

For the word written at step t, the gradient of its logit by the encoder's map V (c, p) is averaged
over the regions to one weight a_k per channel; the map is ReLU(Σ_k a_k V_k), scaled to the sum 1.
It tells what the logit is sensitive to, which isn't where a model "looks".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.func import functional_call

if TYPE_CHECKING:
    from app.inference.models.base import Encoded, ReportModel


def grad_cam(model: ReportModel, encoded: Encoded, tokens: Tensor, start: int = 0) -> Tensor:
    """One map for each of the words ``tokens`` (T,) int64 of one encoded image: (T, p) float32,
    each ≥ 0 and with the sum 1. A word that no region speaks for gets the even map.

    The words are ``tokens`` after ``start``. The model's parameters get no gradients.
    """
    steps = len(tokens)
    # cuDNN's LSTMs have no backward pass in evaluation mode.
    plain = torch.backends.cudnn.flags(enabled=False)
    with torch.inference_mode(False), torch.enable_grad(), plain:
        words = tokens.clone()
        regions = encoded.regions.float().clone()
        # Each word is a row of its own: one backward pass gives the gradients of all.
        each = regions.expand(steps, -1, -1).clone().requires_grad_()
        given = torch.cat([words.new_full((1,), start), words[:-1]])
        taught = functional_call(_Teacher(model), _copied(model), (each, given.expand(steps, -1)))
        own = torch.arange(steps, device=words.device)
        chosen = taught[own, own].gather(1, words.unsqueeze(1)).sum()
        (gradient,) = torch.autograd.grad(chosen, each)
    weights = gradient.mean(dim=2, keepdim=True)
    maps = (weights * regions).sum(dim=1).clamp(min=0.0)
    total = maps.sum(dim=1, keepdim=True)
    even = torch.full_like(maps, 1.0 / maps.shape[1])
    return torch.where(total > 0, maps / total.clamp(min=torch.finfo(maps.dtype).tiny), even)


class _Teacher(nn.Module):
    """V (B, c, p) and words (B, T) → the logits (B, T, vocabulary) of the words that follow."""

    def __init__(self, model: ReportModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, regions: Tensor, given: Tensor) -> Tensor:
        model = self.model
        return model.teach(model.read(regions.unflatten(2, model.grid)), given).words


def _copied(model: ReportModel) -> dict[str, Tensor]:
    """Copies of what lies behind the encoder and was made under inference mode: such tensors can't
    take part in a graph.
    """
    parts = (*model.named_parameters(), *model.named_buffers())
    return {
        f"model.{name}": part.clone()
        for name, part in parts
        if part.is_inference() and not name.startswith("encoder.")
    }
