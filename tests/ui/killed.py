"""A window in a process of its own that is killed once it has stored what it was given."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

WAIT_S = 120.0  # never reached; a loaded machine may be slow


def kill_once_stored(script: str, database: Path, question: str) -> None:
    """Runs ``script`` and kills it when the SQL ``question`` to ``database`` has an answer. Nothing
    tells the window that its end is near: what it stores, it stores by itself.
    """
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    ) as window:
        try:
            last = time.monotonic() + WAIT_S
            while not _answered(database, question):
                assert window.poll() is None, "the window ended by itself"
                assert time.monotonic() < last, f"nothing stored after {WAIT_S:g} s"
                time.sleep(0.05)
        finally:
            window.send_signal(signal.SIGKILL)


def _answered(database: Path, question: str) -> bool:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(question).fetchone() is not None
    except sqlite3.OperationalError:  # not there yet, or its tables aren't
        return False
