"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.errors import StoreError
from app.files import appending, replacing, together, write_text


def test_new_text_takes_the_place_of_the_old(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    write_text(file, "old")
    write_text(file, "new 心")
    assert file.read_text(encoding="utf-8") == "new 心"
    assert list(tmp_path.iterdir()) == [file]


def test_error_half_way_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    write_text(file, "old")

    def write_half() -> None:
        with replacing(file) as handle:
            handle.write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_files_written_together_come_together_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with together(out) as part:
        (part / "a").write_text("a")
        (part / "b").write_text("b")
        assert not (out / "a").exists()

    def stopped() -> None:
        with together(out) as part:
            (part / "a").write_text("another")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped()

    def full() -> None:
        with together(out) as part:
            (part / "a").write_text("another")
            raise OSError(28, os.strerror(28))

    with pytest.raises(StoreError, match="disk is full"):
        full()
    assert {one.name: one.read_text() for one in out.iterdir()} == {"a": "a", "b": "b"}


def test_lines_are_added_and_what_stands_in_the_way_is_told(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    for line in ("one\n", "zwei 心\n"):
        with appending(file) as handle:
            handle.write(line)
    assert file.read_text(encoding="utf-8") == "one\nzwei 心\n"
    nowhere = appending(tmp_path / "none" / "lines.txt")
    with pytest.raises(StoreError, match="none does not exist"), nowhere:
        pass


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (28, "disk is full"),
        (13, "may not be written"),
        (30, "may not be written"),
        (5, "could not be written"),
    ],
)
def test_each_failure_has_its_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match=sentence) as caught:
        write_text(tmp_path / "file.txt", "new")
    assert str(tmp_path / "file.txt") in caught.value.message
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="needs links and permissions of POSIX")
def test_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "file.txt", tmp_path / "link.txt"
    write_text(file, "old")
    file.chmod(0o600)
    link.symlink_to(file)
    write_text(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o600
