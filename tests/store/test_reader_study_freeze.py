"""A freeze that is killed leaves the preparation as it was, or a whole study with its key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import StoreError, StudyError
from app.paths import Paths
from app.reading.beginning import begin_or_go_on, frozen_studies, prepared_studies
from app.reading.cases import Case
from app.reading.preparation import STATE, Preparation
from app.reading.protocol import Protocol
from app.reading.seal import opened
from app.store import reader_study_freeze
from app.store.reader_study import KEY, ReaderStudy
from app.store.reader_study_freeze import freeze

PASSPHRASE = "correct horse"
PROTOCOL = Protocol("pilot", "unpaired", 3, 0.5, ("R1",), 4, training=0)

KILLED = """
import os, sys
from pathlib import Path
from app.reading.preparation import Preparation
from app.store import reader_study_freeze as module

real, left = getattr(module, sys.argv[1]), int(sys.argv[2])
def dies(*given, **named):
    global left
    if left == 0:
        os._exit(9)
    left -= 1
    return real(*given, **named)
setattr(module, sys.argv[1], dies)
prepared, folder = Path(sys.argv[3]), Path(sys.argv[4])
module.freeze(Preparation.load(prepared), prepared, folder, "correct horse")
"""


@pytest.fixture
def places(home: Path) -> Paths:
    return Paths(home).create()


@pytest.fixture
def cases(tmp_path: Path) -> tuple[Case, ...]:
    made = []
    for number in range(10):
        file = tmp_path / f"p{number}.png"
        pixels = np.random.default_rng(number).integers(0, 255, (40, 32), dtype=np.uint8)
        Image.fromarray(pixels).save(file)
        made.append(Case(f"C{number}", file, "Clear.", machine_report="Clear."))
    return tuple(made)


@pytest.fixture
def prepared(places: Paths, cases: tuple[Case, ...]) -> Path:
    return begin_or_go_on(places, PROTOCOL, "list", lambda: cases)[1]


def killed(prepared: Path, folder: Path, where: str, after: int = 0) -> None:
    program = [sys.executable, "-c", KILLED, where, str(after), str(prepared), str(folder)]
    assert subprocess.run(program, check=False).returncode == 9


@pytest.mark.parametrize(
    ("where", "after"), [("write_opaque", 3), ("seal", 0), ("opened", 0), ("_name", 0)]
)
def test_one_killed_before_its_end_is_simply_done_again(
    places: Paths, cases: tuple[Case, ...], prepared: Path, where: str, after: int
) -> None:
    folder = places.home / "reader-studies" / "pilot"
    before = (prepared / STATE).read_bytes()
    killed(prepared, folder, where, after)
    assert (prepared / STATE).read_bytes() == before
    assert not folder.exists()
    assert frozen_studies(places) == ()
    assert prepared_studies(places) == (prepared,)
    preparation, _ = begin_or_go_on(places, PROTOCOL, "list", lambda: cases)
    freeze(preparation, prepared, folder, PASSPHRASE)
    assert frozen_studies(places) == (folder,)
    assert len(opened(folder / KEY, PASSPHRASE)["items"]) == 8
    with ReaderStudy.open(folder) as study:
        assert len(study.order("R1")) == 8
    assert [one.name for one in folder.parent.iterdir()] == ["pilot"]


def test_one_killed_at_its_end_leaves_no_preparation_to_go_on_with(
    places: Paths, cases: tuple[Case, ...], prepared: Path
) -> None:
    folder = places.home / "reader-studies" / "pilot"
    killed(prepared, folder, "remove")
    assert frozen_studies(places) == (folder,)
    assert prepared_studies(places) == ()
    with pytest.raises(StudyError, match="frozen study pilot already"):
        begin_or_go_on(places, PROTOCOL, "list", lambda: cases)
    with pytest.raises(StudyError, match="its preparation is removed"):
        Preparation.load(prepared)
    assert not prepared.exists()
    assert opened(folder / KEY, PASSPHRASE)["items"]


def test_a_key_elsewhere_is_taken_back_when_the_study_cant_be_named(
    places: Paths, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = places.home / "reader-studies" / "pilot", tmp_path / "elsewhere" / "my.key"
    key.parent.mkdir()

    def fails(_part: Path, _folder: Path) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(reader_study_freeze, "_name", fails)
        with pytest.raises(StoreError, match="full"):
            freeze(Preparation.load(prepared), prepared, folder, PASSPHRASE, key=key)
    assert list(key.parent.iterdir()) == []
    assert not folder.exists()
    freeze(Preparation.load(prepared), prepared, folder, PASSPHRASE, key=key)
    assert opened(key, PASSPHRASE)["items"]
    assert not (folder / KEY).exists()
    assert [one.name for one in folder.parent.iterdir()] == ["pilot"]


def test_a_preparation_whose_secret_is_missing_is_refused(prepared: Path) -> None:
    file = prepared / STATE
    content = json.loads(file.read_text())
    del content["secret"]
    file.write_text(json.dumps(content))
    with pytest.raises(StudyError, match="earlier version"):
        Preparation.load(prepared)
