"""The log tells what went wrong and nothing about patients."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import log


@pytest.fixture
def file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Path]:
    root = logging.getLogger()
    level = root.level
    handler = log.set_up(tmp_path / "logs")
    yield tmp_path / "logs" / log.NAME
    log.tear_down(handler)
    root.setLevel(level)


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put both hooks back afterwards."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)


def test_lines_have_time_level_and_module(file: Path) -> None:
    logging.getLogger("app.somewhere").warning("Something odd.")
    [line] = file.read_text(encoding="utf-8").splitlines()
    assert line.endswith("Z WARNING app.somewhere: Something odd.")


def test_traceback_is_written_with_the_programs_own_paths(file: Path) -> None:
    try:
        log.without_paths(None)  # type: ignore[arg-type]
    except TypeError:
        logging.getLogger("app").exception("Failed")
    text = file.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert str(Path(log.__file__)) in text
    assert "TypeError" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/data/Doe^Jane/1.dcm is short", "<path>.dcm is short"),
        ("/data/Jane van Doe/a b.dcm is short", "<path>.dcm is short"),
        ("No such file: '/data/Jane Doe/it.png'", "No such file: '<path>.png'"),
        ('"C:\\Users\\Jane Doe\\x.dcm" failed', '"<path>.dcm" failed'),
        ("C:\\Users\\Jane\\x.dcm failed", "<path>.dcm failed"),
        ("~/Doe/scan failed", "<path> failed"),
        ("see https://sqlite.org/rescode.html", "see https://sqlite.org/rescode.html"),
        ("PA/AP ratio 3/4", "PA/AP ratio 3/4"),
    ],
)
def test_paths_outside_the_program_are_taken_out(text: str, expected: str) -> None:
    assert log.without_paths(text) == expected


def test_unwritable_folder_means_no_log_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    assert log.set_up(tmp_path / "logs") is None


def test_file_is_turned_over_when_full(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("app")
    for _ in range(12):
        logger.info("x" * (log.SIZE // 10))
    names = sorted(path.name for path in file.parent.iterdir())
    assert names == [log.NAME, f"{log.NAME}.1"]
    assert all(path.stat().st_size <= log.SIZE for path in file.parent.iterdir())


def test_uncaught_error_is_logged_and_told(file: Path, hooks: None) -> None:
    told: list[BaseException] = []
    log.catch_unhandled(told.append)
    error = ValueError("of ours")
    sys.excepthook(ValueError, error, None)
    assert told == [error]
    assert "ValueError: of ours" in file.read_text(encoding="utf-8")


def test_uncaught_error_of_a_thread_is_logged_and_told(file: Path, hooks: None) -> None:
    told: list[BaseException] = []
    log.catch_unhandled(told.append)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert isinstance(told[0], ZeroDivisionError)
    assert "ZeroDivisionError" in file.read_text(encoding="utf-8")


def test_interrupt_is_not_an_error(
    file: Path, hooks: None, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[BaseException] = []
    log.catch_unhandled(told.append)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert told == []
    assert file.read_text(encoding="utf-8") == ""
