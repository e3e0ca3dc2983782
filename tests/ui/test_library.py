"""What the worklist keeps of a study, to open it from again."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from app.imaging.study import open_study
from app.ui.library import record_of


def test_a_study_from_an_archive_is_remembered_by_the_archive(tmp_path: Path) -> None:
    picture = tmp_path / "chest.png"
    Image.fromarray(np.arange(6400, dtype=np.uint8).reshape(80, 80)).save(picture)
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(picture, "deep/chest.png")
    (study,) = open_study(archive)
    record = record_of(study)
    assert record.paths == (archive,)
    (again,) = open_study(record.paths[0])
    assert again.study_id == record.study_id == open_study(picture)[0].study_id
