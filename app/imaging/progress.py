"""How far a search through files has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Looked:
    """So many more files were looked at."""

    files: int
