"""From a radiograph to drafts: refused or drafted, alone or in a batch, or cancelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from app.errors import Cancelled, ModelError
from app.imaging import preprocess
from app.imaging.radiograph import Radiograph, View
from app.inference import checkpoint, reporter
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.inference.vocabulary import SPECIAL, Vocabulary

WORDS = ("the", "heart", "lungs", "are", "is", "clear", "normal", "size", ".", "no", "effusion")
FINDINGS = ("Effusion", "Cardiomegaly", "No Finding")
OPTIONS = BeamOptions(max_words=8)


def save(folder: Path, **changes: object) -> Path:
    torch.manual_seed(0)
    vocabulary = Vocabulary((*SPECIAL, *WORDS))
    model = DenseNetLstm(len(vocabulary), len(FINDINGS), image_size=64)
    for parameter in (model.embedding.weight, model.w_eh.weight, model.w_ec.weight):
        torch.nn.init.normal_(parameter, std=0.3)  # so that drafts differ clearly
    described = {
        "model_id": "toy",
        "title": "Toy",
        "system": "densenet_lstm",
        "vocabulary": vocabulary,
        "findings": FINDINGS,
        "preprocessing": preprocess.version(64),
    }
    checkpoint.save(folder, model, **(described | changes))  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("weights") / "toy")


@pytest.fixture(scope="module")
def reference(folder: Path) -> Reporter:
    return Reporter(folder, "cpu", OPTIONS, dtype=torch.float32)


def radiograph(seed: int, height: int = 200, width: int = 160, view: View = View.PA) -> Radiograph:
    random = np.random.default_rng(seed)
    coarse = random.integers(20, 235, (height // 20, width // 20))
    pixels = np.kron(coarse, np.ones((20, 20))).astype(np.uint8)
    return Radiograph(pixels, Path(f"{seed}.png"), f"image-{seed}", view=view)


def test_a_radiograph_gets_three_ranked_drafts_with_attention(reference: Reporter) -> None:
    analysis = reference.draft(radiograph(1))
    assert analysis.gate.ok
    assert (analysis.image_id, analysis.view, analysis.model) == ("image-1", "PA", "toy")
    assert analysis.weights_sha256 == reference.info.sha256
    assert analysis.preprocessing == preprocess.version(64)
    assert analysis.device.startswith("cpu: ")
    assert analysis.device_kind == "cpu"
    assert [finding.name for finding in analysis.findings] == list(FINDINGS)
    assert all(0 <= finding.probability <= 1 for finding in analysis.findings)
    assert [draft.rank for draft in analysis.drafts] == [1, 2, 3]
    assert len({draft.text for draft in analysis.drafts}) == 3
    logprobs = [draft.logprob for draft in analysis.drafts]
    assert logprobs == sorted(logprobs, reverse=True)
    for draft in analysis.drafts:
        assert draft.attention.shape == (len(draft.words), 2, 2)  # a 64 × 64 input
        np.testing.assert_allclose(draft.attention.sum(axis=(1, 2)), 1.0, atol=1e-5)
        shown = [draft.text[start:end].lower() for start, end in draft.spans]
        assert shown == list(draft.words)
        assert not set(draft.words) & set(SPECIAL)


def test_it_says_how_long_it_took_and_loading_once(folder: Path) -> None:
    fresh = Reporter(folder, "cpu", OPTIONS)
    first, second = fresh.draft(radiograph(1)).seconds, fresh.draft(radiograph(2)).seconds
    assert first.load == fresh.load_seconds > 0
    assert second.load == 0
    assert min(first.preprocess, first.encode, first.decode) > 0


def test_a_refused_image_gets_reasons_and_nothing_else(reference: Reporter) -> None:
    lateral = radiograph(1, view=View.LATERAL)
    analysis = reference.draft(lateral)
    assert not analysis.gate.ok
    assert analysis.gate.reasons
    assert analysis.drafts == ()
    assert analysis.findings == ()
    forced = reference.draft(lateral, force=True)
    assert forced.gate == analysis.gate
    assert len(forced.drafts) == 3
    assert len(forced.findings) == len(FINDINGS)


def test_a_batch_gives_what_one_by_one_gives(
    reference: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "BATCH", 3)
    images = [radiograph(seed, 200 + 20 * seed) for seed in range(5)]
    images.insert(2, radiograph(9, view=View.LATERAL))
    told: list[tuple[int, int]] = []
    together = reference.draft_batch(images, progress=lambda *step: told.append(step))
    assert [analysis.image_id for analysis in together] == [image.image_id for image in images]
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    for image, analysis in zip(images, together, strict=True):
        alone = reference.draft(image)
        assert analysis.gate == alone.gate
        assert [draft.text for draft in analysis.drafts] == [draft.text for draft in alone.drafts]
        for a, b in zip(analysis.drafts, alone.drafts, strict=True):
            assert a.logprob == pytest.approx(b.logprob, abs=1e-4)
            np.testing.assert_allclose(a.attention, b.attention, atol=1e-4)
        for one, other in zip(analysis.findings, alone.findings, strict=True):
            assert one.probability == pytest.approx(other.probability, abs=1e-5)


def test_nothing_to_draft_is_an_empty_list(reference: Reporter) -> None:
    assert reference.draft_batch([]) == []


def test_cancelling_ends_the_work(reference: Reporter) -> None:
    with pytest.raises(Cancelled):
        reference.draft(radiograph(1), cancelled=lambda: True)
    steps: list[int] = []
    with pytest.raises(Cancelled):
        reference.draft(
            radiograph(1),
            cancelled=lambda: len(steps) >= 2,
            progress=lambda done, _: steps.append(done),
        )
    assert steps == [1, 2]
    assert len(reference.draft(radiograph(1)).drafts) == 3  # and it works again


def test_one_beam_gives_one_draft(folder: Path) -> None:
    single = Reporter(folder, "cpu", BeamOptions(beams=1, max_words=8), dtype=torch.float32)
    assert len(single.draft(radiograph(1)).drafts) == 1


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes"),
        torch.OutOfMemoryError("CUDA out of memory."),
    ],
)
def test_a_lack_of_memory_is_said_in_a_sentence(
    reference: Reporter, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(reference, "_encode", _raiser(error))
    with pytest.raises(ModelError, match="not enough memory"):
        reference.draft(radiograph(1))


def test_another_fault_of_torch_is_not_hidden(
    reference: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "_encode", _raiser(RuntimeError("shape mismatch")))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        reference.draft(radiograph(1))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"preprocessing": "crop/7"}, "crop/7"),
        ({"findings": ("Effusion",)}, "names and weights of the findings"),
    ],
)
def test_weights_that_do_not_fit_are_named(
    tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence):
        Reporter(save(tmp_path / "other", **changes), "cpu")


def _raiser(error: Exception) -> Callable[[torch.Tensor], None]:
    def encode(_: torch.Tensor) -> None:
        raise error

    return encode
