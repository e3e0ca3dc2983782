"""Settings survive restarts, hand edits and broken files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.settings import RECENT_LIMIT, Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_missing_file_gives_defaults(file: Path) -> None:
    assert Settings.load(file) == Settings()
    assert not file.exists()


def test_saved_settings_come_back(file: Path) -> None:
    settings = Settings(
        user_name="Dr. Søren 心",
        device="cpu",
        beams=5,
        length_normalised=True,
        draft_automatically=False,
        attention_opacity=0.25,
        recent=("/a", "/b"),
        recent_commands=("viewer_fit",),
        shortcuts=(("viewer_fit", ("F", "Ctrl+0")), ("viewer_invert", ())),
        window_geometry="AdnQywAD==",
    )
    settings.save(file)
    assert Settings.load(file) == settings


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_broken_file_gives_defaults_and_is_kept_aside(
    file: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(content)
    assert Settings.load(file) == Settings()
    assert not file.exists()
    assert file.with_name("settings.json.broken").read_bytes() == content


def test_second_broken_file_does_not_take_the_place_of_the_first(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for content in (b"one", b"two"):
        file.write_bytes(content)
        Settings.load(file)
    kept = sorted(path.read_bytes() for path in file.parent.iterdir())
    assert kept == [b"one", b"two"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("beams", "3"),
        ("beams", True),
        ("beams", None),
        ("device", "tpu"),
        ("user_name", 7),
        ("hide_identity", 1),
        ("hide_identity", "yes"),
        ("recent", "/a"),
        ("attention_opacity", "0.1"),
        ("attention_opacity", float("nan")),
    ],
)
def test_value_of_the_wrong_kind_falls_back_alone(file: Path, name: str, value: object) -> None:
    file.write_text(json.dumps({name: value, "colour_map": "viridis"}))
    assert Settings.load(file) == Settings(colour_map="viridis")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("beams", 0, 1),
        ("beams", 1e9, 20),
        ("beams", float("inf"), 20),
        ("attention_opacity", 1, 1.0),
        ("attention_opacity", -3, 0.0),
        ("font_size", 4000, 48),
    ],
)
def test_numbers_are_kept_in_their_range(
    file: Path, name: str, value: float, expected: float
) -> None:
    file.write_text(json.dumps({name: value}))
    assert getattr(Settings.load(file), name) == expected


def test_unknown_settings_of_a_newer_version_are_ignored(file: Path) -> None:
    file.write_text('{"from_the_future": 1, "user_name": "me"}')
    assert Settings.load(file) == Settings(user_name="me")


def test_recent_paths_are_distinct_newest_first_and_few() -> None:
    settings = Settings()
    for number in range(RECENT_LIMIT + 5):
        settings = settings.with_recent(f"/{number}")
    settings = settings.with_recent(Path("/8"))
    assert settings.recent[:2] == ("/8", f"/{RECENT_LIMIT + 4}")
    assert len(settings.recent) == len(set(settings.recent)) == RECENT_LIMIT


def test_keys_of_the_wrong_kind_are_left_out_alone(file: Path) -> None:
    file.write_text(json.dumps({"shortcuts": {"a": ["K"], "b": "K", "c": [1], "d": []}}))
    assert Settings.load(file).shortcuts == (("a", ("K",)), ("d", ()))
    file.write_text(json.dumps({"shortcuts": ["K"], "beams": 4}))
    assert Settings.load(file) == Settings(beams=4)
