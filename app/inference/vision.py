"""torchvision, importable beside any build of torch.

A CPU build of torch beside torchvision's default wheel fails at import with ``operator
torchvision::nms does not exist``: the wheel's compiled operators can't load, and the Python side
registers a fake implementation for them all the same. Declaring the two schemas first makes the
models and transforms usable; nothing else of torchvision is used here.
"""

from __future__ import annotations

import importlib
from types import ModuleType

import torch

_kept: list[torch.library.Library] = []  # a Library's declarations go away with it


def models() -> ModuleType:
    """The module ``torchvision.models``."""
    try:
        return importlib.import_module("torchvision.models")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept.append(library)
    return importlib.import_module("torchvision.models")
