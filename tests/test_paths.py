"""Files lie where the user said, else where the platform says; any build finds its own."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import pytest

from app.errors import StoreError
from app.paths import Paths, builtin_templates, program_folder, resources, shipped_weights


def test_explicit_folder_wins_over_the_variable(tmp_path: Path) -> None:
    elsewhere = {"READINGROOM_HOME": str(tmp_path / "variable")}
    assert Paths.find(tmp_path / "explicit", elsewhere).home == tmp_path / "explicit"
    assert Paths.find(None, elsewhere).home == tmp_path / "variable"


def test_platform_decides_when_nobody_else_does() -> None:
    expected = Path(platformdirs.user_data_dir("readingroom", appauthor=False))
    assert Paths.find(None, {}).home == expected
    assert Paths.find(None, {"READINGROOM_HOME": "  "}).home == expected


def test_tilde_and_relative_folders_become_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.find("here", {}).home == tmp_path / "here"
    assert Paths.find("~/there", {}).home == Path.home() / "there"


def test_everything_of_a_user_is_in_the_one_folder(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data")
    assert not paths.home.exists()
    assert paths.create().home.is_dir()
    files = (paths.database, paths.settings, paths.templates, paths.logs, paths.backups)
    assert all(file.parent == paths.home for file in files)
    assert paths.weights_folders() == (paths.home / "weights", shipped_weights())


def test_file_in_the_place_of_the_data_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(StoreError, match="a file is in its way"):
        Paths(tmp_path / "data").create()


def test_shipped_files_are_found_in_a_checkout() -> None:
    assert (program_folder() / "app").is_dir()
    assert builtin_templates().is_file()


def test_frozen_build_has_its_files_where_it_unpacked_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources() == tmp_path / "resources"
    assert shipped_weights() == tmp_path / "weights"
