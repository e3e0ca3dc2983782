"""``readingroom draft`` with a model of random weights: the command is tested, not the drafts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app import cli
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter

KEYS = {
    "path",
    "view",
    "gate",
    "model",
    "looks",
    "weights_sha256",
    "device",
    "seconds",
    "findings",
    "drafts",
}

pytestmark = pytest.mark.usefixtures("model_at_home")


@pytest.fixture(scope="module")
def loaded() -> dict[Any, Reporter]:
    """Models in memory, kept between the tests of this module: loading is what takes time."""
    return {}


@pytest.fixture(autouse=True)
def _load_once(loaded: dict[Any, Reporter], monkeypatch: pytest.MonkeyPatch) -> None:
    def reporter(folder: Path, device: str, options: BeamOptions, gate: Path) -> Reporter:
        assert gate.name == "gate"  # it would refuse these pictures, which show nothing
        key = folder.resolve(), device, options
        if key not in loaded:
            loaded[key] = Reporter(folder, device, options)
        return loaded[key]

    monkeypatch.setattr("app.inference.reporter.Reporter", reporter)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with two gray pictures that the gate lets pass and a colour one that it refuses."""
    folder = tmp_path / "images"
    (folder / "more").mkdir(parents=True)
    random = np.random.default_rng(1)
    for name, shape in (("a.png", (90, 120)), ("more/b.png", (120, 90))):
        gray = random.integers(0, 255, shape, dtype=np.uint8)
        Image.fromarray(gray).save(folder / name)
    colour = np.zeros((90, 90, 3), dtype=np.uint8)
    colour[:, :45, 0], colour[:, 45:, 2] = 250, 250
    Image.fromarray(colour).save(folder / "c.png")
    return folder


def drafted(capsys: pytest.CaptureFixture[str], *options: str, code: int = 0) -> list[Any]:
    """The objects that `draft --json` wrote."""

    def refuse(constant: str) -> float:
        raise AssertionError(f"{constant} is not JSON")

    assert cli.main(["draft", "--json", "--device", "cpu", *options]) == code
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line, parse_constant=refuse) for line in lines]


def test_an_object_has_exactly_the_promised_keys(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (answer,) = drafted(capsys, str(images / "a.png"))
    assert set(answer) == KEYS
    assert answer["path"] == str(images / "a.png")
    assert answer["gate"] == {"ok": True, "reasons": []}
    assert answer["model"] == "densenet121-lstm"
    assert answer["device"] == "cpu"
    assert set(answer["seconds"]) == {"load", "preprocess", "encode", "decode"}
    assert [set(finding) for finding in answer["findings"]] == [{"name", "probability"}] * 2
    for draft in answer["drafts"]:
        assert set(draft) == {"rank", "text", "words", "logprob", "score", "attention"}


def test_maps_by_gradients_are_never_called_attention(
    images: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, two_systems: Path
) -> None:
    own = tmp_path / "home" / "weights"
    own.parent.mkdir(exist_ok=True)
    own.symlink_to(two_systems, target_is_directory=True)
    options = ("--data-dir", str(own.parent), str(images / "a.png"))
    (looking,) = drafted(capsys, *options, "--model", "looking")
    maps = tmp_path / "maps"
    (traced,) = drafted(capsys, *options, "--model", "tracing", "--heatmaps", str(maps))
    assert (looking["looks"], traced["looks"]) == ("attention", "gradients")
    for answer in (looking, traced):
        for draft in answer["drafts"]:
            assert set(draft) == {"rank", "text", "words", "logprob", "score", answer["looks"]}
            assert len(draft[answer["looks"]]) == len(draft["words"])
    with Image.open(next(maps.rglob("*.png"))) as picture:
        assert picture.text["Map"] == "Grad-CAM through the encoder"
        assert picture.text["Model"] == "tracing"


def test_three_distinct_drafts_are_ranked_by_their_logprob(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (answer,) = drafted(capsys, str(images / "a.png"))
    drafts = answer["drafts"]
    assert [draft["rank"] for draft in drafts] == [1, 2, 3]
    assert len({draft["text"] for draft in drafts}) == 3
    logprobs = [draft["logprob"] for draft in drafts]
    assert logprobs == sorted(logprobs, reverse=True)


def test_every_word_has_a_map_that_sums_to_one(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (answer,) = drafted(capsys, str(images / "a.png"))
    for draft in answer["drafts"]:
        maps = np.array(draft["attention"])
        assert maps.shape == (len(draft["words"]), 8, 8)
        np.testing.assert_allclose(maps.sum(axis=(1, 2)), 1.0, atol=1e-4)


def test_one_beam_gives_one_draft(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (answer,) = drafted(capsys, str(images / "a.png"), "--beams", "1")
    assert len(answer["drafts"]) == 1


def test_length_normalised_drafts_are_ranked_by_another_number(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (plain,) = drafted(capsys, str(images / "a.png"))
    (normalised,) = drafted(capsys, str(images / "a.png"), "--length-normalised")
    assert plain["drafts"][0]["score"] == plain["drafts"][0]["logprob"]
    assert normalised["drafts"][0]["score"] > normalised["drafts"][0]["logprob"]
    scores = [draft["score"] for draft in normalised["drafts"]]
    assert scores == sorted(scores, reverse=True)


def test_a_folder_stands_for_the_images_in_and_below_it(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (images / "notes.txt").write_text("not an image")
    answers = drafted(capsys, str(images))
    names = [Path(answer["path"]).relative_to(images).as_posix() for answer in answers]
    assert names == ["a.png", "c.png", "more/b.png"]


def test_a_refused_image_gets_reasons_and_no_drafts_unless_forced(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (refused,) = drafted(capsys, str(images / "c.png"))
    assert refused["gate"]["ok"] is False
    assert refused["gate"]["reasons"]
    assert refused["drafts"] == []
    (forced,) = drafted(capsys, str(images / "c.png"), "--force")
    assert forced["gate"] == refused["gate"]
    assert len(forced["drafts"]) == 3


def test_a_bad_file_gets_its_own_line_and_the_rest_goes_on(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.dcm"
    bad.write_text("this is text")
    first, second, third = drafted(
        capsys, str(images / "a.png"), str(bad), str(images / "more"), code=2
    )
    assert set(second) == {"path", "error"}
    assert second["path"] == str(bad)
    assert "bad.dcm" in second["error"]
    assert len(first["drafts"]) == len(third["drafts"]) == 3


def test_a_path_that_is_not_there_is_a_bad_file_too(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, found = drafted(capsys, str(images / "no.png"), str(images / "a.png"), code=2)
    assert set(missing) == {"path", "error"}
    assert len(found["drafts"]) == 3


def test_drafting_in_a_batch_gives_what_drafting_alone_gives(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    together = drafted(capsys, str(images))
    alone = [
        answer
        for name in ("a.png", "c.png", "more/b.png")
        for answer in drafted(capsys, str(images / name))
    ]
    for one, other in zip(together, alone, strict=True):
        assert [draft["words"] for draft in one["drafts"]] == [
            draft["words"] for draft in other["drafts"]
        ]


def test_progress_goes_to_stderr(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["draft", "--json", "--device", "cpu", str(images)]) == 0
    captured = capsys.readouterr()
    assert "3/3" in captured.err
    assert all(line.startswith("{") for line in captured.out.splitlines())


def test_the_readable_form_says_what_a_draft_is_not(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["draft", "--device", "cpu", str(images / "a.png"), str(images / "c.png")]) == 0
    text = capsys.readouterr().out
    assert "Not for diagnosis" in text
    assert "not fit to be drafted" in text


def test_heat_maps_are_saved_per_word_in_a_folder_per_image(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maps = tmp_path / "maps"
    (answer,) = drafted(capsys, str(images / "a.png"), "--heatmaps", str(maps))
    (folder,) = maps.iterdir()
    saved = sorted(folder.iterdir())
    assert len(saved) == sum(len(draft["words"]) for draft in answer["drafts"])
    assert all(file.suffix == ".png" and not file.name.startswith(".") for file in saved)
    with Image.open(saved[0]) as picture:
        assert (picture.width, picture.height) == (120, 90)
        assert picture.mode == "RGB"


def test_heat_maps_that_cannot_be_written_stop_with_a_sentence(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert cli.main(["draft", str(images / "a.png"), "--heatmaps", str(tmp_path / "file")]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


def test_nothing_to_draft_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.main(["draft", str(tmp_path / "empty")]) == 2
    assert "no image" in capsys.readouterr().err


@pytest.mark.parametrize("beams", ["0", "-1", "x", "1.5", "21"])
def test_a_senseless_number_of_beams_is_refused(beams: str, images: Path) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["draft", str(images), f"--beams={beams}"])
    assert left.value.code == 2


def test_damaged_weights_stop_with_a_sentence(
    images: Path,
    home: Path,
    model_at_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damaged = tmp_path / "home" / "weights" / "densenet121-lstm"
    damaged.mkdir(parents=True)
    for file in model_at_home.iterdir():
        content = file.read_bytes()
        (damaged / file.name).write_bytes(
            content[:-100] if file.suffix == ".safetensors" else content
        )
    options = ["--data-dir", str(tmp_path / "home")]
    assert cli.main(["draft", str(images / "a.png"), *options]) == 2
    assert "sha256" in capsys.readouterr().err
