"""What a package needs to be imported: less than the whole application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

PROGRAM = """
import importlib, pkgutil, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {
            "PySide6", "alembic", "imagecodecs", "jieba", "jpeg_ls", "openjpeg", "platformdirs",
            "pydicom", "pylibjpeg", "rle", "sqlalchemy",
        }:
            raise ImportError(f"{name} is not installed")

sys.meta_path.insert(0, Missing())
import app.inference, app.training
count = 0
for package in (app.inference, app.training):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
        count += 1
from pathlib import Path
from app.imaging.reading import read_image
print(count, read_image(Path(sys.argv[1])).pixels.shape)
"""


def test_the_model_runs_and_trains_on_pictures_without_qt_pydicom_and_sql(
    tmp_path: Path,
) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8)).save(picture)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(picture)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    count, _, shape = done.stdout.strip().partition(" ")
    assert int(count) > 15
    assert shape == "(6, 8)"
