"""``readingroom doctor``: one line per thing looked at, and what to do where it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli
from app.commands import doctor, libraries
from app.paths import Paths, shipped_weights


def lines(check: str, places: Paths) -> list[doctor.Line]:
    return list(getattr(doctor, check)(places))


@pytest.fixture
def places(home: Path) -> Paths:
    return Paths(home)


def test_every_packages_version_is_said(places: Paths) -> None:
    said = {line.what: line.said for line in lines("packages", places)}
    assert set(said) == set(doctor.PACKAGES)
    assert said["pydicom"].startswith("3.")


def test_a_package_that_cannot_be_imported_is_a_problem(
    places: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", {"nothing-like-it": "nothing_like_it"})
    (line,) = lines("packages", places)
    assert not line.ok
    assert line.advice


def test_every_compressed_syntax_has_a_decoder(places: Paths) -> None:
    found = lines("decoders", places)
    assert len(found) >= 8
    assert [line.what for line in found if not line.ok] == []


def test_missing_libraries_come_with_the_line_that_installs_them(
    places: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "missing", lambda x11: ("libegl1", "libgl1"))
    monkeypatch.setattr(libraries, "has_fonts", lambda: False)
    system, fonts = lines("system_libraries", places)
    assert system.advice == "sudo apt-get install libegl1 libgl1"
    assert not fonts.ok


def test_weights_are_checked_by_their_sha256(model_at_home: Path, tmp_path: Path) -> None:
    found = {line.what: line for line in lines("weights", Paths.find())}
    assert found["weights densenet121-lstm"].ok
    damaged = tmp_path / "weights" / "densenet121-lstm"
    damaged.mkdir(parents=True)
    for file in model_at_home.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes().replace(b"\x00", b"\x01", 1))
    found = {line.what: line for line in lines("weights", Paths(tmp_path))}
    assert not found["weights densenet121-lstm"].ok


def test_a_database_that_is_none_is_a_problem(places: Paths) -> None:
    assert [line.ok for line in lines("database", places)] == [True]
    places.database.write_bytes(b"not a database at all, but long enough to be read" * 40)
    (line,) = lines("database", places)
    assert not line.ok
    assert line.advice


def test_a_data_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (line,) = lines("data_folder", Paths(tmp_path / "file"))
    assert not line.ok
    assert "READINGROOM_HOME" in line.advice


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 2)])
def test_the_exit_code_says_whether_something_is_broken(
    ok: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = doctor.Line("thing", ok, "looked at", "Mend it.")
    monkeypatch.setattr(doctor, "CHECKS", (lambda _places: iter([line]),))
    assert cli.main(["doctor"]) == code
    out = capsys.readouterr().out
    assert "thing: looked at" in out
    assert ("Mend it." in out) is not ok


def test_the_weights_of_similar_cases_are_checked_and_fit_the_shipped_model(
    places: Paths, tmp_path: Path
) -> None:
    (line,) = lines("similar_cases", places)
    assert line.ok
    assert line.said.endswith("as described")
    damaged = places.weights / "similar"
    damaged.mkdir(parents=True)
    for file in (shipped_weights() / "similar").iterdir():
        (damaged / file.name).write_bytes(file.read_bytes()[:-1] + b"\x07")
    (line,) = lines("similar_cases", places)
    assert not line.ok
    assert line.advice


def test_without_the_models_own_weights_similar_cases_are_not_used(
    model_at_home: Path, places: Paths
) -> None:
    (line,) = lines("similar_cases", places)
    assert line.ok
    assert "not used" in line.said
