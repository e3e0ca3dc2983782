"""``readingroom bench``: what is written, with the measuring itself replaced."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.commands import bench

FIGURES = {
    "draft": {"seconds": 0.5, "reference_seconds": 2.0, "ratio": 4.0},
    "memory": {"peak_mib": 512.0},
}


@pytest.fixture
def _measured(monkeypatch: pytest.MonkeyPatch, model_at_home: Path) -> None:
    monkeypatch.setattr(bench, "first_paints", lambda runs: [3.0, 1.0, 2.0])
    monkeypatch.setattr("app.inference.benchmark.run", lambda folder, path, runs, gate: FIGURES)


@pytest.mark.usefixtures("_measured")
def test_the_figures_have_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        **FIGURES,
        "window": {"first_paint_seconds": 2.0},
    }


@pytest.mark.usefixtures("_measured")
def test_the_readable_figures_have_their_units(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench"]) == 0
    text = capsys.readouterr().out
    assert "0.50 s" in text
    assert "4.0 times" in text
    assert "512 MiB" in text


def test_the_first_run_of_the_window_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    paints = iter([9.0, 1.0, 2.0])

    def window(command: list[str], *, env: dict[str, str], **_: Any) -> Any:
        Path(env["READINGROOM_FIRST_PAINT"]).write_text(f"{next(paints)}\n", encoding="ascii")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", window)
    assert bench.first_paints(2) == [1.0, 2.0]


def test_a_window_that_does_not_open_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", "no Qt")
    )
    assert cli.main(["bench"]) == 2
    assert "no Qt" in capsys.readouterr().err


@pytest.mark.parametrize("runs", ["0", "-3", "x"])
def test_a_senseless_number_of_runs_is_refused(runs: str) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["bench", f"--runs={runs}"])
    assert left.value.code == 2


def test_the_viewers_figures_have_the_promised_keys(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Path | None, int]] = []

    def run(image: Path | None, runs: int) -> dict[str, float]:
        asked.append((image, runs))
        return {"drag_ms": 5.0}

    monkeypatch.setattr("app.ui.viewer_benchmark.run", run)
    assert cli.main(["bench", "viewer", "--json", "--runs", "2"]) == 0
    assert json.loads(capsys.readouterr().out) == {"viewer": {"drag_ms": 5.0}}
    assert asked == [(None, 2)]


def test_an_image_without_viewer_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--image", "x.dcm"]) == 2
    assert "bench viewer" in capsys.readouterr().err
