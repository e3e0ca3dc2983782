"""The report-writing systems by name: every module of this package that has a ``SYSTEM``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from app.inference import models
from app.inference.models.base import ReportModel

DEFAULT = "densenet_lstm"


def names() -> list[str]:
    """The systems that this version knows, the default one first."""
    found = [name for name in _modules() if hasattr(_module(name), "SYSTEM")]
    return sorted(found, key=lambda name: (name != DEFAULT, name))


def find(system: str) -> type[ReportModel]:
    """The class of ``system``. Raises ValueError for one that this version does not know."""
    if system in _modules():
        chosen = getattr(_module(system), "SYSTEM", None)
        if isinstance(chosen, type) and issubclass(chosen, ReportModel):
            return chosen
    raise ValueError(f"unknown system {system!r}; known: {', '.join(names())}")


def build(system: str, config: Mapping[str, Any]) -> ReportModel:
    """A model with random weights. Raises ValueError for a system that this version does not
    know.
    """
    return find(system)(**config)


def _modules() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(models.__path__)]


def _module(name: str) -> Any:
    return importlib.import_module(f"{models.__name__}.{name}")
