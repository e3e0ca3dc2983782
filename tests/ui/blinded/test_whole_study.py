"""Two hundred items and three readers through the real window, from the protocol to the figures.

One reader's program is killed in mid-case. Afterwards the figures are computed apart from the
exported CSV, and an attacker with a reader's rights looks for the arms.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from app.cli import main
from app.reading import allocation
from app.reading.allocation import allocate, drawn
from app.reading.analysis import wording
from app.reading.cases import Case
from app.reading.leakage import leak_test
from app.reading.preparation import Preparation
from app.reading.protocol import from_toml
from app.store.reader_study import DATABASE, IMAGES, ReaderStudy
from app.store.reader_study import PROTOCOL as PROTOCOL_FILE
from app.ui.application import make_application
from app.ui.blinded.window import ReadingWindow

WAIT_MS = 30_000
PROTOCOL = """
name = "whole"
design = "unpaired"
seed = 4
margin = 0.5
readers = ["R1", "R2", "R3"]
per_arm = 100
training = 3
repeats = 10
dark_gap = 0.0
questions = ["guess"]
"""
WORDS = (
    *("heart", "lungs", "normal", "clear", "effusion", "opacity", "right", "left", "base"),
    *("apex", "mild", "small", "large", "seen"),
)
KILLED = """
import os, signal, sys
from pathlib import Path
from app.store.reader_study import ReaderStudy
from app.ui.application import make_application
from app.ui.blinded.window import ReadingWindow

application = make_application()
window = ReadingWindow(ReaderStudy.open(Path(sys.argv[1])), "R1")
window.show()
done = 0
while True:
    application.processEvents()
    if window.form.isVisible() and window.session.item is not None:
        window.form.scored.emit(1 + done % 5)
        if done == 60:
            window.form.comment.setPlainText("in mid-case")
            window.form.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        window.next_item()
        done += 1
"""


def listed(folder: Path) -> None:
    rng = np.random.default_rng(8)
    folder.mkdir()
    (folder / "protocol.toml").write_text(PROTOCOL)
    with (folder / "cases.csv").open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["case", "image", "report", "machine_report"])
        for number in range(210):
            name = f"p{number}.png"
            pixels = rng.integers(0, 255, (24, 24), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name)
            texts = [" ".join(rng.choice(WORDS, int(rng.integers(5, 12)))) for _ in range(2)]
            writer.writerow([f"case{number}", name, *texts])


def read_on(qtbot: QtBot, folder: Path, reader: str, rng: np.random.Generator) -> ReadingWindow:
    """Sit down and read to the end, with keys."""
    study = ReaderStudy.open(folder)
    window = ReadingWindow(study, reader)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    while not window.session.finished:
        qtbot.waitUntil(window.form.isVisible, timeout=WAIT_MS)
        key = Qt.Key(int(Qt.Key.Key_1) + int(rng.choice(5, p=[0.05, 0.05, 0.1, 0.2, 0.6])))
        qtbot.keyClick(window.viewer, key)
        window.form.questions["guess"].chip(str(rng.choice(["human", "machine"]))).click()
        qtbot.keyClick(window.viewer, Qt.Key.Key_Return)
    window.close()
    study.close()
    return window


def chance(inside: list[float], outside: list[float]) -> float:
    return float(stats.mannwhitneyu(inside, outside).pvalue)


@pytest.mark.skipif(os.name == "nt", reason="a program is killed with SIGKILL")
def test_a_whole_study(
    qtbot: QtBot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READINGROOM_PASSPHRASE", "correct horse")
    make_application()
    listed(tmp_path / "list")
    files = [str(tmp_path / "list" / name) for name in ("protocol.toml", "cases.csv")]
    assert main(["study", "create", files[0], "--cases", files[1]]) == 0
    prepared = home / "reader-studies-preparation" / "whole"
    arm_of = {entry["code"]: entry for entry in Preparation.load(prepared).key()["items"]}
    assert main(["study", "freeze", "whole", "--accept"]) == 0
    folder = home / "reader-studies" / "whole"

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], capture_output=True, timeout=120, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with ReaderStudy.open(folder) as study:
        assert study.progress()[0].done + study.progress()[0].training_done == 60
        kept = [event for event in study.events("R1") if event.kind == "comment"]
        assert [event.value for event in kept] == ["in mid-case"]
        in_hand = kept[0].item
    rng = np.random.default_rng(1)
    window = read_on(qtbot, folder, "R1", rng)
    assert window.session.order[60].code == in_hand
    for reader in ("R2", "R3"):
        read_on(qtbot, folder, reader, rng)

    attack(folder, arm_of)

    assert main(["study", "lock", "whole"]) == 0
    assert main(["study", "unblind", "whole"]) == 0
    out = tmp_path / "out"
    assert main(["study", "export", "whole", "--out", str(out)]) == 0
    with (out / "ratings.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert Counter(row["reader"] for row in rows) == {"R1": 213, "R2": 213, "R3": 213}
    assert all(row["arm"] == arm_of[row["item"]]["arm"] for row in rows)
    assert [row["comment"] for row in rows if row["comment"]] == ["in mid-case"]
    real = [row for row in rows if row["training"] == "0" and not row["repeat_of"]]
    text = (out / "results.md").read_text(encoding="utf-8")
    for arm in ("human", "machine"):
        scores = [int(row["score"]) for row in real if row["arm"] == arm]
        good = sum(score >= 4 for score in scores)
        low, high = proportion_confint(good, len(scores), method="wilson")
        shares = [f"{100 * scores.count(score) / len(scores):.0f}" for score in (5, 4, 3, 2, 1)]
        share = f"{100 * good / 300:.0f} ({100 * low:.0f} to {100 * high:.0f})"
        assert f"| all | {arm} | 300 | {' | '.join(shares)} | {share} |" in text
    means: dict[str, dict[str, list[int]]] = {"human": {}, "machine": {}}
    for row in real:
        means[row["arm"]].setdefault(row["case"], []).append(int(row["score"]))
    human, machine = (
        [float(np.mean(scores)) for scores in means[arm].values()] for arm in ("human", "machine")
    )
    for name, test in (("Mann", stats.mannwhitneyu), ("Brunner", stats.brunnermunzel)):
        line = next(line for line in text.splitlines() if name in line)
        assert wording.p_value(float(test(machine, human).pvalue)) == line.split("|")[2].strip()
    gap = np.mean([s for v in means["machine"].values() for s in v]) - np.mean(
        [s for v in means["human"].values() for s in v]
    )
    line = next(line for line in text.splitlines() if "difference of means" in line)
    assert line.split("|")[2].strip().startswith(wording.number(float(gap)))
    assert (out / "figure6.png").is_file()


def attack(folder: Path, arm_of: dict[str, dict[str, str]]) -> None:
    """With a reader's rights: the database, images, names, sizes, times, orders and texts."""
    machine = {code for code, entry in arm_of.items() if entry["arm"] == "machine"}
    connection = sqlite3.connect(folder / DATABASE)
    items = connection.execute(
        "SELECT rowid, code, image, report, image_sha256 FROM items"
    ).fetchall()
    seen = connection.execute("SELECT reader, place, code FROM orders").fetchall()
    events = connection.execute("SELECT item, id, clock FROM events").fetchall()
    whole = "\n".join(connection.iterdump())
    connection.close()
    for word in ("machine_report", "arm", "case1", "p1.png", "repeat_of", "training human"):
        assert f"'{word}'" not in whole
        assert f" {word} " not in whole.split("CREATE TABLE seats")[0]

    def told(values: dict[str, float]) -> float:
        inside = [value for code, value in values.items() if code in machine]
        return chance(inside, [value for code, value in values.items() if code not in machine])

    features: dict[str, dict[str, float]] = {
        "row": {row[1]: row[0] for row in items},
        "code": {row[1]: sum(ord(c) * 64**n for n, c in enumerate(row[1][::-1])) for row in items},
        "hash": {row[1]: int(row[4][:8], 16) for row in items},
        "size": {row[1]: (folder / IMAGES / row[2]).stat().st_size for row in items},
        "inode": {row[1]: (folder / IMAGES / row[2]).stat().st_ino for row in items},
        "words": {row[1]: len(row[3].split()) for row in items},
    }
    for reader in ("R1", "R2", "R3"):
        features[f"place {reader}"] = {code: place for who, place, code in seen if who == reader}
    features["event"] = {item: number for item, number, _ in events}
    found = {name: told(values) for name, values in features.items()}
    # One false alarm in a hundred such attacks.
    assert min(found.values()) > 0.01 / len(found), found
    # Drawing again what the protocol, which lies open, says: no code comes out a second time.
    protocol = from_toml((folder / PROTOCOL_FILE).read_text(encoding="utf-8"), folder)
    listed = [Case(f"x{n}", Path(), "Clear.", machine_report="Clear.") for n in range(210)]
    for guess in (0, protocol.seed):
        again = allocate(
            protocol, drawn(protocol, listed, guess), {one.case: "Clear." for one in listed}, guess
        )
        assert not {item.code for item in again} & arm_of.keys()
    secret = str(allocation.new_secret()).encode()  # the known one of all tests
    assert not any(
        secret in file.read_bytes() for file in folder.parent.parent.rglob("*") if file.is_file()
    )
    times = [file.stat().st_mtime for file in (folder / IMAGES).iterdir()]
    assert len(set(times)) == 1
    texts = {row[1]: row[3] for row in items}
    codes = [[c for c in texts if (c in machine) == which] for which in (False, True)]
    arms = [[texts[code] for code in arm] for arm in codes]
    groups = [arm_of[code]["case"] for arm in codes for code in arm]
    assert not leak_test(arms[0], arms[1], 0, groups).flagged
    for file in folder.parent.parent.rglob("*"):
        if file.is_file() and file.suffix in (".log", ".json", ".toml"):
            content = file.read_text(encoding="utf-8", errors="replace")
            assert not any(code in content for code in arm_of), file
    assert "arm" not in json.dumps(sorted(p.name for p in folder.iterdir()))
