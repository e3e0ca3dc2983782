"""Nearest images: the search against a plain one, and the towers behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from app.errors import ModelError
from app.imaging.reading import read_image
from app.inference import checkpoint, joint_space, retrieval
from app.inference.joint_space import Shape, SpaceInfo
from app.inference.retrieval import Index, Retriever, nearest
from app.inference.towers import Towers, padded, word_ids
from app.inference.vocabulary import Vocabulary
from app.paths import resources

SYNTHETIC = resources() / "synthetic" / "frontal.dcm"
SMALL = Shape(grid=2, reduced=4, hidden=16, words=8, dimension=12)
WORDS = Vocabulary.learn(["effusion at the right base ."] * 3)


def unit(count: int, dimension: int, seed: int = 1) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def model_folder(random_weights: Path) -> Path:
    return random_weights / "densenet121-lstm"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> SpaceInfo:
    torch.manual_seed(3)
    known = checkpoint.describe(model_folder)
    return joint_space.save(
        tmp_path_factory.mktemp("space") / "similar",
        Towers(SMALL, len(WORDS)),
        tuple(WORDS),
        model_id=known.model_id,
        model_sha256=known.sha256,
        training={},
    )


def test_the_nearest_are_those_of_a_full_sort() -> None:
    vectors = unit(500, 16)
    rows, scores = nearest(vectors, vectors[7], 10)
    cosines = vectors @ vectors[7]
    assert rows.tolist() == np.argsort(-cosines)[:10].tolist()
    assert rows[0] == 7
    np.testing.assert_allclose(scores, cosines[rows])


def test_equal_vectors_come_in_their_order() -> None:
    vectors = np.repeat(unit(1, 4), 6, axis=0)
    rows, _ = nearest(vectors, vectors[0], 3)
    assert rows.tolist() == [0, 1, 2]


def test_what_is_left_out_is_never_found_even_when_little_else_is_there() -> None:
    vectors = unit(5, 8)
    left_out = np.array([True, False, True, False, True])
    rows, _ = nearest(vectors, vectors[0], 10, left_out)
    assert sorted(rows.tolist()) == [1, 3]


def test_an_empty_index_finds_nothing() -> None:
    rows, scores = nearest(np.zeros((0, 8), np.float32), unit(1, 8)[0], 10)
    assert len(rows) == len(scores) == 0
    assert Index.of([]).search(unit(1, 8)[0], 10) == []


def test_an_index_names_studies_and_leaves_out_those_of_the_patient() -> None:
    vectors = unit(4, 8)
    index = Index.of(list(zip("abcd", vectors, strict=True)))
    assert index.search(vectors[2], 1) == ["c"]
    assert index.search(vectors[2], 4)[0] == "c"
    assert "c" not in index.search(vectors[2], 4, frozenset("c"))


def test_the_benchmark_compares_with_a_full_sort_of_the_same_vectors() -> None:
    figures = retrieval.benchmark(count=2000, dimension=16, runs=1)
    assert figures["vectors"] == 2000
    assert figures["seconds"] > 0
    assert figures["ratio"] == pytest.approx(figures["reference_seconds"] / figures["seconds"])


def test_torch_is_not_imported_for_the_search_or_the_description() -> None:
    code = "import sys, app.inference.retrieval; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(
    space: SpaceInfo, model_folder: Path
) -> None:
    retriever = Retriever(space, model_folder, "cpu")
    images = np.random.default_rng(1).integers(0, 256, (3, 256, 256)).astype(np.uint8)
    together = retriever.images(images)
    assert together.shape == (3, 12)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = retriever.images(images[1:2])[0]
    assert float(alone @ together[1]) > 0.99


def test_a_radiograph_and_a_phrase_land_in_the_same_space(
    space: SpaceInfo, model_folder: Path
) -> None:
    retriever = Retriever(space, model_folder, "cpu")
    image, words = retriever.image(read_image(SYNTHETIC)), retriever.words("Effusion, right base")
    assert words is not None
    assert image.shape == words.shape == (12,)
    assert image.dtype == words.dtype == np.float32
    assert np.linalg.norm(words) == pytest.approx(1, abs=1e-5)


def test_words_that_were_never_learned_are_named_and_make_no_vector(
    space: SpaceInfo, model_folder: Path
) -> None:
    retriever = Retriever(space, model_folder, "cpu")
    assert retriever.words("Qwertz!") is None
    assert retriever.words("") is None
    assert retriever.unknown("Qwertz effusion, qwertz.") == ("qwertz",)
    assert retriever.unknown("积液 effusion Xyz 肺炎, xyz") == ("积液", "xyz", "肺炎")


def test_the_text_tower_does_not_read_the_padding() -> None:
    torch.manual_seed(2)
    tower = Towers(SMALL, len(WORDS)).eval().text
    short, long = word_ids(WORDS, "effusion"), word_ids(WORDS, "at the right base")
    with torch.inference_mode():
        together, alone = tower(padded([short, long])), tower(padded([short]))
    torch.testing.assert_close(together[0], alone[0])


def test_a_space_made_for_other_weights_is_refused(
    space: SpaceInfo, model_folder: Path, tmp_path: Path
) -> None:
    towers, vocabulary = joint_space.load(space)
    other = joint_space.save(
        tmp_path / "similar",
        towers,
        tuple(vocabulary),
        model_id="densenet121-lstm",
        model_sha256="0" * 64,
        training={},
    )
    with pytest.raises(ModelError, match="made for other weights"):
        Retriever(other, model_folder, "cpu")


def test_the_space_is_looked_for_in_the_users_folder_first(
    space: SpaceInfo, tmp_path: Path
) -> None:
    assert retrieval.find([tmp_path]) is None
    found = retrieval.find([tmp_path, space.folder.parent])
    assert found is not None
    assert found.sha256 == space.sha256
