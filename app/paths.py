"""Where things lie: the user's data folder, and what was shipped with the program.

Everything a user makes is in one data folder, so that a copy of that folder is a complete backup.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.files import make_folder

HOME_VARIABLE = "READINGROOM_HOME"


@dataclass(frozen=True)
class Paths:
    """The files of one data folder. Nothing is created before :meth:`create`."""

    home: Path

    @classmethod
    def find(
        cls, data_dir: Path | str | None = None, environment: Mapping[str, str] | None = None
    ) -> Paths:
        """The data folder: ``data_dir``, else ``READINGROOM_HOME``, else the platform's own
        place."""
        variables = os.environ if environment is None else environment
        chosen = str(data_dir) if data_dir else variables.get(HOME_VARIABLE, "").strip()
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        return cls(Path(platformdirs.user_data_dir("readingroom", appauthor=False)))

    def create(self) -> Paths:
        """Create the data folder. Raises :class:`app.errors.StoreError` when that can't be done."""
        make_folder(self.home)
        return self

    @property
    def database(self) -> Path:
        return self.home / "readingroom.sqlite"

    @property
    def settings(self) -> Path:
        return self.home / "settings.json"

    @property
    def templates(self) -> Path:
        """The user's own templates; the built-in ones are in :func:`builtin_templates`."""
        return self.home / "templates.toml"

    @property
    def backups(self) -> Path:
        return self.home / "backups"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def weights(self) -> Path:
        """The user's own models, one folder each."""
        return self.home / "weights"

    def weights_folders(self) -> tuple[Path, ...]:
        """Folders in which to look for models: the user's own first, then the shipped ones."""
        return (self.weights, shipped_weights())


def program_folder() -> Path:
    """The folder that holds ``resources/`` and ``weights/``.

    A frozen build unpacks them where PyInstaller says (``sys._MEIPASS``); a checkout has them
    beside the package; an installed package has them in ``share/readingroom`` of its environment.
    """
    unpacked = getattr(sys, "_MEIPASS", None)
    if unpacked:
        return Path(unpacked)
    checkout = Path(__file__).resolve().parent.parent
    installed = Path(sys.prefix) / "share" / "readingroom"
    return checkout if (checkout / "resources").is_dir() or not installed.is_dir() else installed


def resources() -> Path:
    """Icons, templates and the synthetic study of the first start."""
    return program_folder() / "resources"


def shipped_weights() -> Path:
    """The models that come with the program, one folder each."""
    return program_folder() / "weights"


def shipped_gate() -> Path:
    """The gate that looks at pictures before they are drafted; no model of reports."""
    return shipped_weights() / "gate"


def builtin_templates() -> Path:
    return resources() / "templates.toml"
