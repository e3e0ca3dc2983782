"""The benchmark compares like with like: both ways find the same drafts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from app.imaging import preprocess
from app.imaging.radiograph import Radiograph
from app.inference import benchmark, checkpoint
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.inference.vocabulary import SPECIAL, Vocabulary


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    vocabulary = Vocabulary((*SPECIAL, *(f"word{chr(97 + number)}" for number in range(12))))
    model = DenseNetLstm(len(vocabulary), 2, image_size=64)
    torch.nn.init.normal_(model.w_eh.weight, std=0.3)
    torch.nn.init.normal_(model.w_ec.weight, std=0.3)
    weights = tmp_path_factory.mktemp("weights") / "toy"
    checkpoint.save(
        weights,
        model,
        model_id="toy",
        title="Toy",
        system="densenet_lstm",
        vocabulary=vocabulary,
        findings=("Effusion", "Nodule"),
        preprocessing=preprocess.version(64),
    )
    return weights


def pixels() -> np.ndarray:
    coarse = np.random.default_rng(0).integers(0, 255, (8, 8))
    return np.kron(coarse, np.ones((10, 10))).astype(np.uint8)


def test_the_plain_way_finds_the_same_drafts(folder: Path) -> None:
    options = BeamOptions(max_words=7)
    radiograph = Radiograph(pixels(), Path("a.png"), "a")
    ours = Reporter(folder, "cpu", options, dtype=torch.float32).draft(radiograph).drafts
    plain = benchmark.PlainReporter(folder, options).draft(radiograph)
    assert [draft.logprob for draft in ours] == pytest.approx([h.score for h in plain], abs=1e-3)
    for draft, hypothesis in zip(ours, plain, strict=True):
        flat = draft.attention.reshape(len(draft.words), -1)
        np.testing.assert_allclose(flat, hypothesis.attention, atol=1e-4)


def test_a_run_reports_seconds_their_ratio_and_memory(folder: Path, tmp_path: Path) -> None:
    image = tmp_path / "image.png"
    Image.fromarray(pixels()).save(image)
    report = benchmark.run(folder, image, runs=1, options=BeamOptions(max_words=4))
    draft, memory = report["draft"], report["memory"]
    assert min(draft["seconds"], draft["reference_seconds"]) > 0
    assert draft["ratio"] == pytest.approx(draft["reference_seconds"] / draft["seconds"])
    peak = memory["peak_mib"]
    if peak is None:
        pytest.skip("this system does not tell a process's peak memory")
    assert 50 < peak < 1200  # the limit of issue 2, in MiB
