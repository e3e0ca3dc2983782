"""Smaller parts of the command line: file names, progress, libraries, what an installer holds."""

from __future__ import annotations

import hashlib
import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import libraries
from app.commands.heatmaps import safe_name
from app.commands.options import to_json
from app.commands.progress import Progress
from app.commands.window import size

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("opacity", "opacity"),
        (".", "_"),
        ("../../etc/passwd", "etc_passwd"),
        ("c:\\x", "c_x"),
        ("<nou>", "nou"),
        ("胸部", "胸部"),
        ("", "_"),
        ("a" * 300, "a" * 40),
    ],
)
def test_a_word_becomes_a_file_name_that_stays_in_its_folder(word: str, name: str) -> None:
    assert safe_name(word) == name


def test_numbers_that_json_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"logprob": float("nan")})


def test_json_keeps_letters_and_stays_on_one_line() -> None:
    assert to_json({"text": "Erguß\n胸"}) == '{"text": "Erguß\\n胸"}'


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_progress_is_one_line_that_ends_at_the_total(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(4, "images")
    for done in (2, 4):
        progress.show(done)
    assert "2/4" in terminal.getvalue()
    assert terminal.getvalue().count("\n") == 1


def test_in_a_file_progress_is_at_most_some_ten_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    progress = Progress(1000, "images")
    for done in range(8, 1001, 8):
        progress.show(done)
    lines = file.getvalue().splitlines()
    assert lines[-1] == "1000/1000 images"
    assert len(lines) <= 11


def test_for_one_image_there_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    Progress(1, "images", shown=False).show(1)
    assert file.getvalue() == ""


def test_a_window_size_is_two_numbers() -> None:
    assert size("1600x1000") == size("1600X1000") == size("1600×1000") == (1600, 1000)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves these to the system")
def test_a_missing_library_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "ALWAYS", {"libnothing-of-the-sort.so.9": "libnothing9"})
    assert libraries.missing(x11=False) == ("libnothing9",)
    assert libraries.apt_line(("libnothing9",)) == "sudo apt-get install libnothing9"


@pytest.mark.parametrize(
    ("variables", "used"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "xcb"}, True),
    ],
)
def test_x11_libraries_count_only_where_x11_is_used(
    variables: dict[str, str], used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert libraries.uses_x11() is used


def test_missing_packages_can_be_asked_for_before_anything_is_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "app/commands/libraries.py", "--packages"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_the_installer_takes_along_what_the_program_looks_for_while_running() -> None:
    installer = runpy.run_path(str(ROOT / "build_installer.py"))
    line = installer["arguments"]()
    carried = {option.rsplit(os.pathsep, 1)[-1] for option in line if "--add-data=" in option}
    assert {"resources", "weights", "app/store/migrations"} <= carried
    for source in installer["DATA"]:
        assert (ROOT / source).exists()


def test_the_installers_manifest_lists_every_file(tmp_path: Path) -> None:
    installer = runpy.run_path(str(ROOT / "build_installer.py"))
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.so").write_bytes(b"a")
    (tmp_path / "run").write_bytes(b"b")
    assert installer["write_manifest"](tmp_path) == 2
    first, second = (tmp_path / installer["MANIFEST"]).read_text().splitlines()
    assert first == f"{hashlib.sha256(b'a').hexdigest()}  lib/a.so"
    assert second.endswith("  run")
