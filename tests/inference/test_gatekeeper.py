"""The gate that looks: what passes, what is refused and with which words, and files it won't read.

With the shipped gate; how often it is right on real pictures is in docs/gate.md, and held here on
the real studies beside the checkout where there are any.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.errors import ModelError
from app.imaging import gate, preprocess
from app.imaging.radiograph import Header, Radiograph, View
from app.imaging.reading import read_image
from app.inference import checkpoint, gatekeeper
from app.inference.gatekeeper import SENTENCES, TURNED, UNKNOWN, Gatekeeper, Sight, merged
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.paths import resources, shipped_gate
from app.training import counterexamples

SYNTHETIC = resources() / "synthetic"
FRONTAL = read_image(SYNTHETIC / "frontal.dcm")


@pytest.fixture(scope="module")
def keeper() -> Gatekeeper:
    loaded = gatekeeper.load(shipped_gate())
    assert loaded is not None
    return loaded


def said(keeper: Gatekeeper, *pictures: np.ndarray) -> list[str]:
    return keeper.reasons(np.stack(pictures))


@pytest.fixture(scope="module")
def chest() -> np.ndarray:
    return preprocess.equalised(FRONTAL)


def test_the_synthetic_study_passes_and_its_lateral_view_is_named(
    keeper: Gatekeeper, chest: np.ndarray
) -> None:
    lateral = preprocess.equalised(read_image(SYNTHETIC / "lateral.dcm"))
    assert said(keeper, chest, lateral) == ["", SENTENCES["lateral"]]


def test_the_judgement_does_not_hang_on_the_inputs_size(keeper: Gatekeeper) -> None:
    for size in (224, 256, 299):
        assert said(keeper, preprocess.equalised(FRONTAL, size)) == [""]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_no_radiograph_is_refused(keeper: Gatekeeper, seed: int) -> None:
    random = np.random.default_rng(1000 + seed)
    hand, page = counterexamples.hand(random), counterexamples.page(random)
    pattern, blank = counterexamples.pattern(random), np.full((256, 256), 127, np.uint8)
    reasons = said(keeper, hand, page, pattern, blank)
    assert all(reasons)
    assert reasons[1] == SENTENCES["photograph"]
    assert set(reasons) <= {*SENTENCES.values(), UNKNOWN}


def test_every_reason_is_one_sentence() -> None:
    for sentence in (*SENTENCES.values(), UNKNOWN, TURNED.format("left")):
        assert sentence == "" or (sentence[0].isupper() and sentence.endswith("."))
        assert sentence.count(". ") == 0


@pytest.mark.parametrize(
    ("sight", "reason"),
    [
        (Sight("frontal", 0.9, 0.9, "frontal", 3.0), ""),
        (Sight("frontal", 0.9, 0.9, "section", 30.0), UNKNOWN),
        (Sight("lateral", 0.9, 0.1, "frontal", 3.0), SENTENCES["lateral"]),
        (Sight("lateral", 0.55, 0.45, "frontal", 3.0), ""),  # in doubt for the frontal chest
        (Sight("frontal", 0.3, 0.3, "frontal", 3.0), UNKNOWN),
    ],
)
def test_probability_and_distance_decide(keeper: Gatekeeper, sight: Sight, reason: str) -> None:
    strict = Gatekeeper(keeper.encoder, keeper.fitted, keeper.kinds, keeper.names, 0.4, 10.0)
    assert strict.reason(sight) == reason


def test_one_picture_is_judged_as_among_others(keeper: Gatekeeper, chest: np.ndarray) -> None:
    other = counterexamples.page(np.random.default_rng(3))
    alone, among = keeper.look(chest[None])[0], keeper.look(np.stack([other, chest]))[1]
    assert (alone.kind, alone.cluster) == (among.kind, among.cluster)
    assert alone.frontal == pytest.approx(among.frontal, abs=1e-3)
    assert alone.distance == pytest.approx(among.distance, abs=1e-2)


def test_tags_that_speak_of_a_chest_do_not_outweigh_the_picture() -> None:
    tagged = replace(FRONTAL, view=View.PA, header=Header(modality="DX", body_part="CHEST"))
    assert gate.reasons(tagged) == ()
    assert merged(tagged, (), SENTENCES["other part"]) == (SENTENCES["other part"],)
    assert merged(tagged, ("Said by tags.",), "Seen.") == ("Said by tags.", "Seen.")


def test_what_both_see_is_said_once() -> None:
    lateral = replace(FRONTAL, view=View.LATERAL)
    told = gate.reasons(lateral)
    assert merged(lateral, told, SENTENCES["lateral"]) == told
    blank = replace(FRONTAL, pixels=np.zeros((99, 99), np.uint8))
    assert merged(blank, ("Blank.",), SENTENCES["pattern"]) == ("Blank.",)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_gate(), tmp_path / "gate"))


def test_no_gate_at_all_is_none(tmp_path: Path) -> None:
    assert gatekeeper.load(tmp_path / "nowhere") is None
    assert gatekeeper.load(tmp_path) is None


@pytest.mark.parametrize("name", ["gate.json", "gate.safetensors", "lite0.safetensors"])
def test_a_missing_file_beside_others_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(ModelError, match=f"has no {name}"):
        gatekeeper.load(copied)


@pytest.mark.parametrize("name", ["gate.safetensors", "lite0.safetensors"])
def test_an_altered_file_is_refused(copied: Path, name: str) -> None:
    data = bytearray((copied / name).read_bytes())
    data[-1] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(ModelError, match=f"{name} is cut off or altered"):
        gatekeeper.load(copied)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": 99}, "another version"),
        ({"encoder_sha256": "0"}, "another version"),
        ({"kinds": ["frontal", "unicorn"]}, "other kinds"),
        ({"clusters": ["lateral"]}, "other kinds"),
        ({"clusters": ["frontal"]}, "don't belong together"),
        ({"floor": "high"}, "damaged"),
        ({"sha256": "0"}, "cut off or altered"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    copied: Path, change: dict[str, object], told: str
) -> None:
    file = copied / "gate.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | change))
    with pytest.raises(ModelError, match=told):
        gatekeeper.load(copied)


def test_a_description_that_is_no_json_is_refused(copied: Path) -> None:
    (copied / "gate.json").write_text("{")
    with pytest.raises(ModelError, match=r"gate\.json is damaged"):
        gatekeeper.load(copied)


def page_tagged_as_chest() -> Radiograph:
    pixels = counterexamples.page(np.random.default_rng(5))
    return Radiograph(
        pixels, Path("page.dcm"), "page", View.PA, header=Header(modality="DX", body_part="CHEST")
    )


def test_the_reporter_asks_it_and_drafts_only_what_passes(random_weights: Path) -> None:
    folder, brief = random_weights / checkpoint.list_models([random_weights])[0].model_id, 4
    options = BeamOptions(max_words=brief)
    looking = Reporter(folder, "cpu", options, torch.float32, gate=shipped_gate())
    passed, refused = looking.draft_batch([FRONTAL, page_tagged_as_chest()])
    assert passed.gate.ok
    assert len(passed.drafts) == 3
    assert refused.gate.reasons == (SENTENCES["photograph"],)
    assert refused.drafts == ()
    forced = looking.draft(page_tagged_as_chest(), force=True)
    assert forced.gate == refused.gate
    assert len(forced.drafts) == 3


def test_without_the_gates_folder_the_tags_alone_decide(
    random_weights: Path, tmp_path: Path
) -> None:
    folder = random_weights / "densenet121-lstm"
    blind = Reporter(folder, "cpu", BeamOptions(max_words=4), gate=tmp_path / "none")
    assert blind.draft(page_tagged_as_chest()).gate.ok


@pytest.mark.shared
def test_real_studies_are_told_apart(keeper: Gatekeeper, shared_data: Path) -> None:
    """None of these was learned from: IU studies with known views, and published DICOM files."""
    laterals = {1, 5, 9, 10, 12, 13, 17, 19, 21, 22, 24, 26, 28}
    files = sorted((shared_data / "iu-xray" / "images").iterdir())
    reasons = said(keeper, *(preprocess.equalised(read_image(file)) for file in files))
    wrong = [
        file.name
        for place, (file, reason) in enumerate(zip(files, reasons, strict=True))
        if bool(reason) != (place in laterals)
    ]
    assert len(wrong) <= 1
    extremity = read_image(shared_data / "dicom" / "cr-extremity_rle.dcm")
    assert said(keeper, preprocess.equalised(extremity)) != [""]


@pytest.mark.shared
def test_a_turned_or_inverted_chest_is_said_so(keeper: Gatekeeper, shared_data: Path) -> None:
    files = [
        shared_data / "dicom" / "cr-chest-pa_jpeg-baseline.dcm",
        *sorted((shared_data / "covid" / "images").iterdir())[:40:4],
    ]
    chests = [preprocess.equalised(read_image(file)) for file in files]
    for change, sentence in (
        (lambda one: counterexamples.turned(one, 1), TURNED.format("left")),
        (lambda one: counterexamples.turned(one, 3), TURNED.format("right")),
        (lambda one: counterexamples.turned(one, 2), SENTENCES["upside down"]),
        (counterexamples.negative, SENTENCES["negative"]),
    ):
        reasons = said(keeper, *(change(one) for one in chests))
        assert sum(reason == sentence for reason in reasons) >= 9
