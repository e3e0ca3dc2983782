"""The key opens with its passphrase only, and says so in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import StudyError, UsageError
from app.reading.seal import opened, seal

CONTENT = {"items": [{"code": "K7QF", "arm": "machine"}]}


def test_what_was_sealed_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "key.sealed"
    seal(CONTENT, "correct horse", file)
    assert opened(file, "correct horse") == CONTENT
    assert b"machine" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_the_same_content_is_never_sealed_alike(tmp_path: Path) -> None:
    for name in ("a", "b"):
        seal(CONTENT, "correct horse", tmp_path / name)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    seal(CONTENT, "correct horse", tmp_path / "key")
    with pytest.raises(StudyError, match="passphrase is wrong, or the file was altered"):
        opened(tmp_path / "key", "wrong horse")


def test_one_altered_byte_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "key"
    seal(CONTENT, "correct horse", file)
    parts = json.loads(file.read_text())
    first = parts["sealed"][0]
    parts["sealed"] = ("A" if first != "A" else "B") + parts["sealed"][1:]
    file.write_text(json.dumps(parts))
    with pytest.raises(StudyError, match="was altered"):
        opened(file, "correct horse")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "readingroom-sealed-key-1"}', "\x00"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(StudyError, match="is not the sealed key"):
        opened(tmp_path / "key", "correct horse")


def test_a_missing_key_and_a_short_passphrase_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="There is no key file"):
        opened(tmp_path / "key", "correct horse")
    with pytest.raises(UsageError, match="fewer than 8"):
        seal(CONTENT, "short", tmp_path / "key")
    assert not (tmp_path / "key").exists()
