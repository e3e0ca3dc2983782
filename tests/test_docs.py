"""The documents say what the program does: keys, rubric, packages, links."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from app.reporting.report import RUBRIC
from app.ui.commands import _COMMANDS
from app.ui.viewer.actions import _ACTIONS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_key_of_window_and_viewer_is_in_the_guide() -> None:
    keys = {key for _, keys, _, _ in _COMMANDS.values() for key in keys}
    keys |= {
        key for group in _ACTIONS.values() for _, _, keys, _, _ in group for key in keys.split()
    }
    guide = text("docs/user-guide.md")
    assert {key for key in keys if f"`{key}`" not in guide} == set()


def test_the_guide_has_the_rubric() -> None:
    guide = text("docs/user-guide.md")
    assert [line for score, line in RUBRIC.items() if f"| {score} | {line} |" not in guide] == []


def test_every_dependency_has_its_reason_and_licence() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    names = [re.split(r"[<>=]", entry)[0] for entry in project["dependencies"]]
    table = text("docs/dependencies.md")
    assert [name for name in names if f"| {name} |" not in table] == []


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    entries = project["dependencies"] + project["optional-dependencies"]["dev"]
    wanted = {re.split(r"[<>=]", entry)[0].lower().replace("_", "-") for entry in entries}
    pinned = {
        line.split("==")[0].lower().replace("_", "-") for line in text("constraints.txt").split()
    }
    assert wanted - pinned == set()


def test_every_system_and_its_training_is_told() -> None:
    told = text("docs/systems.md")
    systems = {
        file.stem
        for file in (ROOT / "app" / "inference" / "models").glob("*.py")
        if re.search(r"^SYSTEM = ", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    recipes = {
        file.name: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in (ROOT / "resources" / "training").glob("*.toml")
    }
    trained = {name: recipe for name, recipe in recipes.items() if "writer" in recipe}
    assert {system for system in systems if f"`{system}`" not in told} == set()
    assert {recipe["system"] for recipe in trained.values()} == systems
    assert {name for name in trained if f"resources/training/{name}" not in told} == set()


def test_the_tests_that_a_fault_is_absent_are_there() -> None:
    named = re.findall(r"`(test_\w+\.py)`: \*([^*]+)\*", text("docs/systems.md"))
    sources = {file.name: file.read_text(encoding="utf-8") for file in ROOT.rglob("tests/**/*.py")}
    assert len(named) > 8
    missing = [
        (file, words)
        for file, words in named
        if f"def test_{re.sub(r'[ ,-]+', '_', words)}(" not in sources.get(file, "")
    ]
    assert missing == []


def test_the_tables_of_the_systems_have_their_place() -> None:
    told = text("docs/systems.md")
    assert told.count("<!-- readingroom compare: begin -->") == 1
    assert told.count("<!-- readingroom compare: end -->") == 1


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []
