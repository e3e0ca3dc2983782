"""A study from its protocol to its results, on the command line."""

from __future__ import annotations

import csv
import json
import secrets
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import stats
from signed_reports import fill

from app.cli import main
from app.inference.checkpoint import describe
from app.reading.preparation import Preparation
from app.reading.session import Session
from app.store.reader_study import ReaderStudy

WORDS = (
    *("heart", "normal", "size", "lungs", "clear", "effusion", "right", "left", "base", "opacity"),
    *("nodule", "apex", "mild", "small", "large", "pleural", "line", "tube", "tip", "seen"),
)
PROTOCOL = """
name = "pilot"
title = "A pilot"
design = "unpaired"
seed = 11
margin = 0.5
readers = ["R1", "R2", "R3"]
per_arm = 15
training = 2
repeats = 3
questions = ["guess"]
"""


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A protocol and a list of 40 cases whose texts carry no signal."""
    monkeypatch.setenv("READINGROOM_PASSPHRASE", "correct horse")
    folder = tmp_path / "list"
    folder.mkdir()
    (folder / "protocol.toml").write_text(PROTOCOL)
    rng = np.random.default_rng(1)

    def text() -> str:
        return " ".join(rng.choice(WORDS, int(rng.integers(6, 14)))).capitalize() + "."

    with (folder / "cases.csv").open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["case", "image", "report", "patient", "machine_report"])
        for number in range(40):
            name = f"p{number}.png"
            pixels = rng.integers(0, 255, (32, 24), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name)
            writer.writerow([f"C{number:02}", name, text(), f"P{number}", text()])
    return folder


def study(*words: str) -> int:
    return main(["study", *words])


def create(folder: Path) -> int:
    return study("create", str(folder / "protocol.toml"), "--cases", str(folder / "cases.csv"))


def read_all(folder: Path, readers: tuple[str, ...] = ("R1", "R2", "R3")) -> None:
    """Every reader scores every item by a coin of their own."""
    for reader in readers:
        rng = np.random.default_rng(ord(reader[1]))
        with ReaderStudy.open(folder) as opened:
            session = Session(
                opened.protocol,
                opened.order(reader),
                opened.events(reader),
                lambda event, r=reader, s=opened: s.append(r, event),  # type: ignore[misc]
                now=lambda: datetime(2026, 5, 4, tzinfo=UTC),
            )
            opened.claim(reader, session.sitting)
            while not session.finished:
                session.shown()
                session.give_score(int(rng.integers(1, 6)))
                session.answer("guess", str(rng.choice(["human", "machine"])))
                session.submit()
            opened.release(reader, session.sitting)


def test_a_whole_study(listed: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert create(listed) == 0
    prepared = home / "reader-studies-preparation" / "pilot"
    assert prepared.stat().st_mode & 0o077 == 0
    assert study("preflight", "pilot") == 0
    assert "| words, median |" in capsys.readouterr().out
    arms = Preparation.load(prepared).key()["items"]
    assert study("freeze", "pilot", "--accept") == 0
    assert not prepared.exists()
    folder = home / "reader-studies" / "pilot"
    read_all(folder)
    assert study("status", "pilot", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["state"] == "frozen"
    assert [reader["done"] for reader in told["readers"]] == [33, 33, 33]
    assert study("lock", "pilot") == 0
    assert study("unblind", "pilot") == 0
    assert study("export", "pilot", "--out", str(home / "out")) == 0

    with (home / "out" / "ratings.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 3 * 35
    by_code = {entry["code"]: entry for entry in arms}
    assert all(row["arm"] == by_code[row["item"]]["arm"] for row in rows)
    real = [row for row in rows if row["training"] == "0" and not row["repeat_of"]]
    human = [int(row["score"]) for row in real if row["arm"] == "human"]
    machine = [int(row["score"]) for row in real if row["arm"] == "machine"]
    means: dict[str, list[int]] = {}
    for row in real:
        means.setdefault(f"{row['arm']} {row['case']}", []).append(int(row["score"]))
    cases = {name: float(np.mean(values)) for name, values in means.items()}
    text = (home / "out" / "results.md").read_text(encoding="utf-8")
    assert f"| all | human | {len(human)} |" in text
    assert f"| all | machine | {len(machine)} |" in text
    p = stats.mannwhitneyu(
        [value for name, value in cases.items() if name.startswith("machine")],
        [value for name, value in cases.items() if name.startswith("human")],
    ).pvalue
    assert f"{p:.3f}" in next(line for line in text.splitlines() if "Mann" in line)
    assert (home / "out" / "figure6.png").stat().st_size > 5000
    listed_claim = (home / "out" / "checklist-claim.md").read_text(encoding="utf-8")
    assert "from 40, and 2 for training" in listed_claim
    assert "given in the list of cases" in listed_claim
    assert (home / "out" / "checklist-decide-ai.csv").is_file()


def test_nothing_outside_the_key_tells_the_arms(listed: Path, home: Path) -> None:
    """What lies on the disk after the freeze holds no case, no source, and no draft of another
    arm; the order of codes, files and times says nothing."""
    create(listed)
    prepared = home / "reader-studies-preparation" / "pilot"
    entries = Preparation.load(prepared).key()["items"]
    study("freeze", "pilot", "--accept")
    machine = [entry["code"] for entry in entries if entry["arm"] == "machine"]
    codes = [entry["code"] for entry in entries]
    place = [codes.index(code) for code in machine]
    p = stats.mannwhitneyu(place, [n for n in range(len(codes)) if n not in place]).pvalue
    assert p > 0.01
    # What is sealed is noise, in which any three letters may stand.
    files = [f for f in home.rglob("*") if f.is_file() and f.name != "key.sealed"]
    assert any(file.name == "study.sqlite" for file in files)
    for file in files:
        content = file.read_bytes()
        assert b"C00" not in content or file.suffix == ".png"
        assert b"human report" not in content.lower()
        if file.suffix in (".sqlite", ".log", ".json"):
            assert b"machine_report" not in content
            assert b'"arm"' not in content
    images = sorted((home / "reader-studies" / "pilot" / "images").iterdir())
    assert len({file.stat().st_mtime for file in images}) == 1


def test_the_preflight_stops_the_freeze(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (listed / "cases.csv").read_text().splitlines()
    rows = list(csv.reader(text))
    for row in rows[1:]:
        row[4] = row[4].replace(".", " <nou>.")
    with (listed / "cases.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows(rows)
    create(listed)
    assert study("freeze", "pilot") == 2
    told = capsys.readouterr().err
    assert "unknown word" in told
    assert "AUC" in told
    assert not (home / "reader-studies" / "pilot").exists()
    assert (home / "reader-studies-preparation" / "pilot").is_dir()


def test_excluding_and_rewording_are_logged_and_sealed(listed: Path, home: Path) -> None:
    create(listed)
    prepared = home / "reader-studies-preparation" / "pilot"
    before = Preparation.load(prepared)
    gone = before.arms["human"][0]
    assert study("exclude", "pilot", gone, "--why", "a lateral") == 0
    after = Preparation.load(prepared)
    assert gone not in after.arms["human"]
    assert len(after.arms["human"]) == 15
    code = after.items()[0].code
    assert study("rewrite", "pilot", code, "--text", "NEW words", "--why", "typo") == 0
    changed = Preparation.load(prepared)
    assert {i.report for i in changed.items() if i.code == code} == {"New words."}
    assert "a lateral" in changed.log[-2]
    assert "typo" in changed.log[-1]


def test_one_item_or_all_are_rewritten_neutrally(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (listed / "cases.csv").read_text()
    (listed / "cases.csv").write_text(text.replace(".,P", " compared to prior.,P"))
    create(listed)
    prepared = home / "reader-studies-preparation" / "pilot"
    human = [i for i in Preparation.load(prepared).items() if i.arm == "human" and not i.repeat_of]
    code = human[0].code
    assert study("rewrite", "pilot", code, "--neutrally") == 0
    after = {i.code: i.report for i in Preparation.load(prepared).items()}
    assert "compared" not in after[code]
    assert "compared" in after[human[1].code]
    assert study("rewrite", "pilot", "--neutrally") == 0
    after = {i.code: i.report for i in Preparation.load(prepared).items()}
    assert not any("compared" in after[item.code] for item in human)
    assert len(Preparation.load(prepared).log) == 1 + len({item.case for item in human})
    assert study("preflight", "pilot") == 0
    told = capsys.readouterr().out
    assert "rewritten: 15 of 15 texts of the human arm and 0 of 15 of the machine arm." in told
    assert "## Each rewritten text" in told
    for words in (("--neutrally", "--text", "x"), (), ("--text", "x")):
        assert study("rewrite", "pilot", *words) == 2
        assert "Name one item" in capsys.readouterr().err
    assert study("rewrite", "pilot", "NOCODE", "--neutrally") == 2
    assert "There is no item NOCODE" in capsys.readouterr().err


def test_a_report_without_a_word_is_not_frozen_in_spite_of_it(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (listed / "cases.csv").open(newline="") as handle:
        rows = list(csv.reader(handle))
    with (listed / "cases.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows([rows[0], *([*row[:4], "..."] for row in rows[1:])])
    create(listed)
    assert study("freeze", "pilot", "--accept") == 2
    assert "16 reports have no word" in capsys.readouterr().err
    assert not (home / "reader-studies" / "pilot").exists()


@pytest.fixture
def undrafted(listed: Path) -> Path:
    """The list with no machine reports, for a study of four cases."""
    with (listed / "cases.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))[:8]
    with (listed / "cases.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, [*rows[0]][:4], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    small = PROTOCOL.replace("= 15", "= 2").replace("training = 2", "training = 0")
    (listed / "protocol.toml").write_text(small.replace("repeats = 3", "repeats = 0"))
    return listed


def create_with(folder: Path, *options: str) -> int:
    protocol, cases = str(folder / "protocol.toml"), str(folder / "cases.csv")
    return study("create", protocol, "--cases", cases, "--device", "cpu", "--force", *options)


@pytest.mark.parametrize("model", ["looking", "tracing"])
def test_any_installed_model_makes_the_machines_arm_and_is_named_with_its_weights(
    undrafted: Path, home: Path, two_systems_at_home: Path, model: str
) -> None:
    assert create_with(undrafted, "--model", model) == 0
    prepared = Preparation.load(home / "reader-studies-preparation" / "pilot")
    named = f"{model} {describe(two_systems_at_home / model).sha256}"
    assert prepared.protocol.model == model
    assert set(prepared.models.values()) == {named}
    assert any(line.endswith(f"are drafted by {named}") for line in prepared.log)
    sealed = prepared.key()["items"]
    assert {item["model"] for item in sealed if item["arm"] == "machine"} == {named}


def test_a_model_that_is_not_installed_is_said_before_anything_is_drawn(
    undrafted: Path, home: Path, two_systems_at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create_with(undrafted, "--model", "other") == 2
    assert "looking" in capsys.readouterr().err
    assert not (home / "reader-studies-preparation" / "pilot").exists()
    # Also the protocol's own: a study's model can't be changed once it is begun.
    protocol = undrafted / "protocol.toml"
    protocol.write_text(protocol.read_text() + 'model = "other"\n')
    assert create_with(undrafted) == 2
    assert "looking" in capsys.readouterr().err
    assert not (home / "reader-studies-preparation" / "pilot").exists()


def test_a_machines_arm_is_not_made_by_two_models(
    undrafted: Path, home: Path, two_systems_at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create_with(undrafted, "--model", "looking") == 0
    assert create_with(undrafted, "--model", "tracing") == 2
    assert "another protocol" in capsys.readouterr().err
    # The same name, but other weights than those that began it.
    folder = home / "reader-studies-preparation" / "pilot"
    begun = Preparation.load(folder)
    _, *others = begun.drafts
    older = dict.fromkeys(others, "looking 00")
    replace(begun, drafts=dict.fromkeys(others, "Normal."), models=older).save(folder)
    assert create_with(undrafted, "--model", "looking") == 2
    assert "were begun by looking 00" in capsys.readouterr().err


def test_a_discarded_preparation_leaves_its_name_free(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create(listed)
    folder = home / "reader-studies-preparation" / "pilot"
    (folder / "notes.txt").write_text("mine")
    (listed / "protocol.toml").write_text(PROTOCOL.replace('"R3"', '"R4"'))
    assert create(listed) == 2
    assert "discard that preparation" in capsys.readouterr().err
    assert study("discard", "pilot") == 0
    assert [file.name for file in folder.iterdir()] == ["notes.txt"]
    assert create(listed) == 0
    assert Preparation.load(folder).protocol.readers == ("R1", "R2", "R4")
    assert study("discard", str(listed)) == 2
    assert "no study being prepared" in capsys.readouterr().err
    assert (listed / "cases.csv").exists()


def test_a_folder_of_the_study_s_name_is_not_taken_for_the_study(
    listed: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(listed)
    (listed / "pilot").mkdir()
    monkeypatch.chdir(listed)
    assert study("freeze", "pilot", "--accept") == 0
    assert study("status", "pilot") == 0
    monkeypatch.chdir(home / "reader-studies")
    assert study("status", "pilot") == 0
    assert study("status", str(home / "reader-studies" / "pilot")) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a screen")
def test_reading_without_a_screen_is_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert study("read", "pilot", "--reader", "R1") == 2
    assert "There is no screen to show a window on" in capsys.readouterr().err


@pytest.mark.parametrize("deed", ["exclude", "withdraw"])
def test_a_reason_is_more_than_blanks(
    listed: Path, home: Path, deed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        study(deed, "pilot", "R1", "--why", " ")
    assert left.value.code == 2
    assert "the reason is empty" in capsys.readouterr().err


def test_a_protocol_that_is_no_text_is_not_said_to_be_missing(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (listed / "protocol.toml").write_bytes(PROTOCOL.encode("utf-16"))
    assert create(listed) == 2
    assert "is not a text in UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("status", "nothing"), "There is no frozen study"),
        (("preflight", "nothing"), "There is no study being prepared"),
        (("create", "nothing.toml", "--cases", "x.csv"), "can't be read"),
    ],
)
def test_what_is_not_there_is_said(
    home: Path, words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study(*words) == 2
    assert sentence in capsys.readouterr().err


def test_unblinding_wants_the_lock_the_key_and_the_passphrase(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    create(listed)
    study("freeze", "pilot", "--accept", "--key", str(home / "apart.sealed"))
    folder = home / "reader-studies" / "pilot"
    assert not (folder / "key.sealed").exists()

    def refused(*words: str) -> str:
        capsys.readouterr()
        assert study(*words) == 2
        return capsys.readouterr().err

    key = ("--key", str(home / "apart.sealed"))
    assert "can't be unblinded" in refused("unblind", "pilot", *key)
    assert study("lock", "pilot", "--accept") == 0
    assert "can't be locked" in refused("lock", "pilot")
    assert "There is no key file" in refused("unblind", "pilot")
    monkeypatch.setenv("READINGROOM_PASSPHRASE", secrets.token_hex(8))
    assert "passphrase is wrong" in refused("unblind", "pilot", *key)
    monkeypatch.setenv("READINGROOM_PASSPHRASE", "correct horse")
    assert "can't be exported" in refused("export", "pilot")
    assert not (folder / "key.json").exists()
    assert study("unblind", "pilot", *key) == 0
    assert "Nobody has rated" in refused("export", "pilot")


def test_a_frozen_study_is_not_prepared_again(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create(listed)
    study("freeze", "pilot", "--accept")
    assert create(listed) == 2
    assert "a frozen study pilot already" in capsys.readouterr().err
    assert study("exclude", "pilot", "C01", "--why", "late") == 2
    assert "isn't changed any more" in capsys.readouterr().err


def test_a_freeze_that_fails_leaves_the_preparation(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create(listed)
    prepared = home / "reader-studies-preparation" / "pilot"
    preparation = Preparation.load(prepared)
    preparation.case(preparation.arms["human"][3]).image.unlink()
    assert study("freeze", "pilot", "--accept") == 2
    assert capsys.readouterr().err
    assert prepared.is_dir()
    assert not (home / "reader-studies" / "pilot").exists()


@pytest.fixture
def signed_at_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """44 signed reports in the database, Anna's; and a protocol for some of them."""
    monkeypatch.setenv("READINGROOM_PASSPHRASE", "correct horse")
    fill(home / "readingroom.sqlite", tmp_path / "images", 44)
    protocol = tmp_path / "protocol.toml"
    protocol.write_text(PROTOCOL.replace("per_arm = 15", "per_arm = 10"))
    return protocol


def test_cases_come_from_signed_reports(
    signed_at_home: Path, home: Path, model_at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("create", str(signed_at_home), "--from-database", "--force")
    assert study(*words) == 2
    assert "Which readers are Anna, Ben?" in capsys.readouterr().err
    people = ("--person", "Anna=", "--person", "Ben=R2")
    assert study(*words, *people) == 0
    assert "44 studies of the database can be cases" in capsys.readouterr().err
    prepared = Preparation.load(home / "reader-studies-preparation" / "pilot")
    assert prepared.source == "database"
    assert "created from signed reports of the database" in prepared.log[0]
    opened_by_ben = {case.case for case in prepared.cases if "R2" in case.drafted_by}
    assert len(opened_by_ben) == 15
    case_of = {item.code: item.case for item in prepared.items()}
    orders = prepared.orders()
    assert not opened_by_ben & {case_of[code] for code in orders["R2"]}
    assert opened_by_ben & {case_of[code] for code in orders["R1"]}
    # What was taken stays as it was taken: a report signed later changes nothing.
    fill(home / "readingroom.sqlite", signed_at_home.parent / "images", 45)
    assert study(*words, *people) == 0
    assert Preparation.load(home / "reader-studies-preparation" / "pilot").cases == prepared.cases
    assert study("create", str(signed_at_home), "--cases", "none.csv") == 2


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--person", "Anna=", "--person", "Ben="), "needs 102 cases of different patients"),
        (("--person", "Anna=R9"), "There is no reader R9"),
        (("--person", "Zoe=R1"), "Nobody called Zoe"),
    ],
)
def test_a_database_that_does_not_do_is_said(
    signed_at_home: Path, more: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    signed_at_home.write_text(PROTOCOL.replace("per_arm = 15", "per_arm = 50"))
    assert study("create", str(signed_at_home), "--from-database", *more) == 2
    assert sentence in capsys.readouterr().err


def test_a_list_or_the_database_not_both_and_not_none(
    listed: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, cases = str(listed / "protocol.toml"), str(listed / "cases.csv")
    assert study("create", file, "--from-database") == 2
    assert "There is no database" in capsys.readouterr().err
    assert study("create", file, "--cases", cases, "--person", "Anna=R1") == 2
    assert "--person goes with --from-database" in capsys.readouterr().err
    for words in (("--cases", cases, "--from-database"), (), ("--from-database", "--person", "x")):
        with pytest.raises(SystemExit):
            study("create", file, *words)
