"""Separating views, and fitting a gate: on drawn pictures, so that no archive is needed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import AppError
from app.imaging import preprocess
from app.imaging.reading import read_image
from app.inference import gatekeeper, lite
from app.inference.gatekeeper import SENTENCES
from app.paths import resources, shipped_gate
from app.training import clusters, counterexamples, views

SYNTHETIC = resources() / "synthetic"


def test_an_archives_views_are_told_with_confidence() -> None:
    keeper = gatekeeper.load(shipped_gate())
    assert keeper is not None
    files = [SYNTHETIC / "frontal.dcm", SYNTHETIC / "lateral.dcm"]
    images = [preprocess.equalised(read_image(file)) for file in files]
    images.append(counterexamples.page(np.random.default_rng(2)))
    frontal, lateral, page = views.separate(np.stack(images), keeper)
    assert (frontal.view, frontal.reason) == ("frontal", "")
    assert (lateral.view, lateral.reason) == ("lateral", SENTENCES["lateral"])
    assert (page.view, page.reason) == ("", SENTENCES["photograph"])
    assert all(0.2 < one.confidence <= 1 for one in (frontal, lateral, page))
    assert views.separate(np.empty((0, 256, 256), np.uint8), keeper) == []


@pytest.mark.shared
def test_the_known_views_of_iu_are_found(shared_data: Path) -> None:
    keeper = gatekeeper.load(shipped_gate())
    assert keeper is not None
    known = {"CXR1000_IM-0003-2001.png": "lateral", "CXR1000_IM-0003-1001.png": "frontal"}
    folder = shared_data / "iu-xray" / "images"
    images = [preprocess.equalised(read_image(folder / name)) for name in known]
    told = views.separate(np.stack(images), keeper)
    assert [one.view for one in told] == list(known.values())


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder for each of three kinds, drawn: "chests" are the synthetic one, altered."""
    random = np.random.default_rng(0)
    chest = preprocess.equalised(read_image(SYNTHETIC / "frontal.dcm"))
    side = preprocess.equalised(read_image(SYNTHETIC / "lateral.dcm"))
    for number in range(8):
        for name, picture in (
            ("chests", counterexamples.photographed(chest, random)),
            ("sides", counterexamples.photographed(side, random)),
            ("pages", counterexamples.page(random)),
        ):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            Image.fromarray(picture).save(folder / f"{number:02d}.png")
    return tmp_path


def samples(pictures: Path) -> list[views.Sample]:
    found = []
    for name, kind in (("chests", "frontal"), ("sides", "lateral"), ("pages", "photograph")):
        for number, one in enumerate(views.from_folder(pictures / name, kind, "fit")):
            part = ("fit", "fit", "val", "test")[number % 4]
            found.append(views.Sample(one.path, one.kind, part))
    return found


def test_a_gate_is_rebuilt_from_folders(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MADE", 3)
    monkeypatch.setattr(views, "COPIES", {})
    monkeypatch.setattr(views, "CLUSTERS", 8)
    out = tmp_path / "gate"
    out.mkdir()
    encoder = shipped_gate() / gatekeeper.ENCODER
    (pictures / "pages" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    # A link where links can be had: the network's file stays as it is.
    try:
        os.link(encoder, out / gatekeeper.ENCODER)
    except OSError:
        shutil.copy(encoder, out)
    left_out: list[str] = []
    examples = views.rebuild(samples(pictures), out, left_out.append)
    assert len(left_out) == 1
    assert "torn.png" in left_out[0]
    keeper = gatekeeper.load(out)
    assert keeper is not None
    rates = views.rates(examples, keeper)
    shown = {kind: row for (kind, source), row in rates.items() if source != "made"}
    assert {kind: row[:2] for kind, row in shown.items()} == {
        "frontal": (2, 2),
        "lateral": (2, 0),
        "photograph": (2, 0),
    }


def test_nothing_to_fit_is_said() -> None:
    encoder = lite.load(shipped_gate() / gatekeeper.ENCODER)
    nothing = views.Examples(
        np.zeros((2, lite.CHANNELS), np.float32),
        np.zeros(2, np.int64),
        np.array(["test", "val"]),
        np.array(["a", "b"]),
    )
    with pytest.raises(AppError, match="can't be fitted"):
        views.fit(nothing, encoder)


def test_a_table_names_files_kinds_and_parts(tmp_path: Path) -> None:
    table = tmp_path / "kinds.csv"
    table.write_text("path,kind,part\na/b.png,lateral,fit\n", encoding="utf-8")
    assert views.from_table(table, tmp_path) == [
        views.Sample(tmp_path.resolve() / "a" / "b.png", "lateral", "fit")
    ]


@pytest.mark.parametrize(
    "row", ["../out.png,lateral,fit", "a.png,unicorn,fit", "a.png,lateral,some"]
)
def test_a_row_that_makes_no_sense_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    table = tmp_path / "kinds.csv"
    table.write_text(f"path,kind,part\nb.png,frontal,fit\n{row}\n", encoding="utf-8")
    with pytest.raises(AppError, match="line 3"):
        views.from_table(table, tmp_path)


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "kinds.csv"
    table.write_text("file,label\nx,y\n", encoding="utf-8")
    with pytest.raises(AppError, match="columns path, kind and part"):
        views.from_table(table, tmp_path)


def test_the_shipped_table_is_sound(tmp_path: Path) -> None:
    rows = views.from_table(resources() / "training" / "gate.csv", tmp_path)
    assert len({row.path for row in rows}) == len(rows)  # no picture on two sides
    assert {row.part for row in rows} == set(views.PARTS)
    folders = {
        row.path.relative_to(tmp_path.resolve()).parts[0] for row in rows if row.part != "test"
    }
    assert folders.isdisjoint({"covid", "iu-xray"})  # kept for the figures


def test_k_means_finds_what_lies_apart() -> None:
    random = np.random.default_rng(0)
    middles = np.array([[0, 0], [9, 0], [0, 9]], np.float32)
    points = np.concatenate([middle + random.normal(0, 0.3, (40, 2)) for middle in middles])
    centres = clusters.k_means(points.astype(np.float32), 3, seed=1)
    apart = clusters.squared_distances(middles, centres)
    assert apart.min(axis=1).max() < 0.1
    belongs = clusters.squared_distances(points.astype(np.float32), centres).argmin(axis=1)
    named = clusters.majority(belongs, np.repeat([0, 1, 2], 40), 4)
    assert sorted(named) == [-1, 0, 1, 2]


def test_components_have_variance_one_and_the_linear_layer_learns() -> None:
    random = np.random.default_rng(0)
    kinds = np.repeat(np.arange(3), (60, 30, 10))
    features = random.normal(size=(100, 20)).astype(np.float32) * np.arange(1, 21)
    features[np.arange(100), kinds] += 30
    axes = clusters.principal(features.astype(np.float32), 8)
    points = ((features - axes.mean) @ axes.turn).astype(np.float32)
    np.testing.assert_allclose(points.std(axis=0), 1.0, atol=0.02)
    weight, bias = clusters.linear(points, kinds, 3, 1e-3)
    assert ((points @ weight + bias).argmax(axis=1) == kinds).mean() > 0.95


@pytest.mark.parametrize(
    "make", [counterexamples.pattern, counterexamples.page, counterexamples.hand]
)
def test_what_is_made_comes_from_its_seed_alone(make: object) -> None:
    assert callable(make)
    one, same, other = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert one.shape == (256, 256)
    assert one.dtype == np.uint8
    assert not np.array_equal(one, other)
