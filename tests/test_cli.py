"""What holds for every command: options, exit codes, one line per error, a quick --help."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import __version__, cli
from app.errors import ModelError, StudyError
from app.inference.checkpoint import ModelInfo
from app.paths import Paths

ROOT = Path(__file__).resolve().parents[1]


def walk(
    parser: argparse.ArgumentParser, name: str
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be run, as it is typed, with its parser."""
    nested = [
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    ]
    if not nested or "run" in parser._defaults:
        yield name, parser
    for action in nested:
        for word, child in action.choices.items():
            yield from walk(child, f"{name} {word}")


COMMANDS = dict(walk(cli.build_parser(), "readingroom"))


STUDY_DEEDS = (
    *("create", "preflight", "exclude", "rewrite", "discard", "freeze", "read", "status"),
    *("withdraw", "lock", "unblind", "export"),
)


def test_the_commands_are_those_that_were_promised() -> None:
    assert set(COMMANDS) == {
        "readingroom",
        "readingroom open",
        "readingroom draft",
        "readingroom models",
        "readingroom export ratings",
        "readingroom export measurements",
        *(f"readingroom study {deed}" for deed in STUDY_DEEDS),
        "readingroom train",
        "readingroom evaluate",
        "readingroom compare",
        *(f"readingroom similar {deed}" for deed in ("train", "evaluate", "rebuild")),
        "readingroom bench",
        "readingroom doctor",
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `(.+?)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    common = {"-h", "--help", "--data-dir"}
    options = {
        option
        for action in COMMANDS[name]._actions
        for option in action.option_strings
        if name == "readingroom" or option not in common
    }
    assert name in sections
    assert {option for option in options if f"`{option}" not in sections[name]} == set()


def test_help_and_models_import_neither_torch_nor_qt(home: Path) -> None:
    code = (
        "import sys\n"
        "from app import cli\n"
        "assert cli.main(['models']) == 0\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit: pass\n"
        "slow = {'torch', 'PySide6', 'sqlalchemy', 'pydicom', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "--version"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.stdout == f"readingroom {__version__}\n"


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_data_folder_can_be_named_before_and_after_the_command(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def look(places: Paths) -> tuple[list[ModelInfo], dict[str, ModelError]]:
        seen.append(places.home)
        return [], {}

    monkeypatch.setattr("app.commands.models.installed", look)
    option = ["--data-dir", str(tmp_path)]
    assert cli.main([*option, "models"] if place == "before" else ["models", *option]) == 0
    assert seen == [tmp_path]


def test_without_an_option_the_environment_names_the_data_folder(home: Path) -> None:
    assert Paths.find().home == home


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["paint"])
    assert left.value.code == 2
    assert "paint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said", "command"),
    [
        (["draft", "a.png", "--beams", "x"], "'x' is not a number from 1 to 20", "draft"),
        (["study"], "are required: WHAT", "study"),
        (["study", "freeze"], "are required: STUDY", "study freeze"),
    ],
)
def test_wrong_use_is_one_line_that_names_the_help(
    wrong: list[str], said: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(wrong)
    assert left.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("readingroom: ")
    assert said in line
    assert line.endswith(f"See readingroom {command} --help.")


def test_what_a_user_can_mend_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_places: Paths) -> None:
        raise StudyError("The file a.dcm is cut off.", "Copy it again.")

    monkeypatch.setattr("app.commands.models.installed", fail)
    assert cli.main(["models"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "readingroom: The file a.dcm is cut off. Copy it again.\n"
    assert captured.out == ""


def test_control_c_ends_quietly_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_places: Paths) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.commands.models.installed", interrupt)
    assert cli.main(["models"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_our_own_faults_keep_their_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_places: Paths) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("app.commands.models.installed", break_down)
    with pytest.raises(ZeroDivisionError):
        cli.main(["models"])


def test_a_reader_that_leaves_is_no_error(model_at_home: Path) -> None:
    done = subprocess.run(
        f"'{sys.executable}' -m app models --json | true",
        shell=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    "text", ["1600", "1600x", "x900", "16x9", "99999x900", "9999x900", "-1x-1"]
)
def test_a_bad_window_size_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["open", ".", f"--size={text}"])
    assert left.value.code == 2
    assert "1600x1000" in capsys.readouterr().err


def test_without_a_screen_the_window_says_so_instead_of_aborting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert cli.main([]) == 2
    assert "screen" in capsys.readouterr().err


def test_opening_what_is_not_there_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["open", str(tmp_path / "nothing.dcm")]) == 2
    assert "nothing.dcm" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["train"], "cascade"),
        (["similar", "train"], "similar"),
        (["similar", "evaluate"], "similar"),
        (["evaluate", "cascade", "--out", "out", "--config"], "cascade"),
        (["compare", "--out", "out", "--config"], "cascade"),
    ],
)
def test_a_configuration_without_a_folder_of_data_asks_for_one(
    command: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = str(ROOT / "resources" / "training" / f"{name}.toml")
    assert cli.main([*command, shipped]) == 2
    said = capsys.readouterr().err
    assert f"{shipped} names no folder" in said
    assert "--data" in said
