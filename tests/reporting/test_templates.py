"""Templates are read, written and found by their shortcut."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import StoreError
from app.paths import builtin_templates
from app.reporting.templates import Template, expand, load, merged, save

CLEAR = Template(".clear", "Lungs clear", "The lungs are clear.")
CLEAR_LEFT = Template("x.clear", "Other", "Left clear.")


def test_built_in_templates_are_complete_and_distinct() -> None:
    templates = load(builtin_templates())
    assert len(templates) >= 5
    assert len({template.shortcut for template in templates}) == len(templates)


def test_saved_templates_come_back(tmp_path: Path) -> None:
    file = tmp_path / "templates.toml"
    odd = Template(".odd", 'a "title" \\ with\ttab', 'line one\nline two \x7f 心 \'x\' """')
    save(file, [CLEAR, odd])
    assert load(file) == (CLEAR, odd)


def test_missing_file_holds_no_templates(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == ()


@pytest.mark.parametrize(
    "content",
    [
        "not toml at all [",
        "template = 3",
        "template = [3]",
        '[[template]]\nshortcut = "a b"\ntext = "x"',
        '[[template]]\nshortcut = ".a"',
        "[[template]]\nshortcut = 1\ntext = 2",
    ],
)
def test_broken_file_is_said_with_its_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / "templates.toml"
    file.write_text(content)
    with pytest.raises(StoreError, match=r"templates\.toml"):
        load(file)


def test_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    file = tmp_path / "templates.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StoreError, match="not valid"):
        load(file)


@pytest.mark.parametrize("before", ["", "Heart normal. ", "Heart\n", "(", "心脏不大。"])
def test_shortcut_at_the_cursor_is_replaced(before: str) -> None:
    assert expand(before + ".clear", [CLEAR]) == (6, "The lungs are clear.")


@pytest.mark.parametrize("text", ["", ".clea", ".clear ", "Unclear.clear", "nothing"])
def test_text_without_a_shortcut_at_the_cursor_stays(text: str) -> None:
    assert expand(text, [CLEAR]) is None


def test_longer_shortcut_wins() -> None:
    assert expand("x.clear", [CLEAR, CLEAR_LEFT]) == (7, "Left clear.")


def test_own_template_takes_the_place_of_the_built_in_one() -> None:
    own = Template(".clear", "Mine", "Clear.")
    assert merged([CLEAR, CLEAR_LEFT], [own]) == (own, CLEAR_LEFT)
