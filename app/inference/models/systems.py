"""The report-writing systems by name, as ``model.json`` names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.inference.models.base import ReportModel
from app.inference.models.densenet_lstm import DenseNetLstm

DEFAULT = "densenet_lstm"

_SYSTEMS: dict[str, Callable[..., ReportModel]] = {DEFAULT: DenseNetLstm}


def build(system: str, config: Mapping[str, Any]) -> ReportModel:
    """A model with random weights. Raises ValueError for a system that this version does not
    know.
    """
    if system not in _SYSTEMS:
        raise ValueError(f"unknown system {system!r}")
    return _SYSTEMS[system](**config)
