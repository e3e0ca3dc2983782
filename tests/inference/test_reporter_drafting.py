"""A model drafts with the options it was validated with, unless the user set others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from app.errors import ModelError
from app.imaging import preprocess
from app.imaging.radiograph import Radiograph, View
from app.inference import checkpoint
from app.inference.models.densenet_lstm import DenseNetLstm
from app.inference.options import BeamOptions
from app.inference.reporter import Reporter
from app.inference.vocabulary import SPECIAL, Vocabulary

VOCABULARY = Vocabulary((*SPECIAL, "heart", "lungs", "clear", "no", "effusion", "."))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DenseNetLstm(len(VOCABULARY), 1, image_size=64, hidden=16, embedding=8)
        for parameter in (model.w_eh.weight, model.w_ec.weight):
            torch.nn.init.normal_(parameter, std=0.3)  # so that drafts differ clearly
        prior = torch.rand(1024, 4)
    folder = tmp_path_factory.mktemp("weights") / "toy"
    checkpoint.save(
        folder,
        model,
        model_id="toy",
        title="Toy",
        system="densenet_lstm",
        vocabulary=VOCABULARY,
        findings=["Effusion"],
        preprocessing=preprocess.version(64),
        drafting={"prior_weight": 0.8, "max_words": 6},
        prior=prior,
    )
    return folder


def image() -> Radiograph:
    pixels = np.random.default_rng(1).integers(0, 255, (64, 64)).astype(np.uint8)
    return Radiograph(pixels, Path("1.png"), "image-1", view=View.PA)


def test_the_models_options_count_where_the_user_set_none(folder: Path) -> None:
    assert Reporter(folder, "cpu").options == BeamOptions(prior_weight=0.8, max_words=6)
    mine = BeamOptions(max_words=5, prior_weight=0.1)
    assert Reporter(folder, "cpu", mine).options == mine


@pytest.mark.parametrize("options", [BeamOptions(), BeamOptions(length_normalised=True)])
def test_a_drafts_log_probability_is_the_models_own_however_it_is_ranked(
    folder: Path, options: BeamOptions
) -> None:
    reporter = Reporter(folder, "cpu", options, dtype=torch.float32)
    analysis = reporter.draft(image(), force=True)
    model = checkpoint.load(folder).model
    pixels = torch.from_numpy(preprocess.model_input(image(), 64))[None, None]
    ids = {word: number for number, word in enumerate(VOCABULARY)}
    assert len(analysis.drafts) == 3
    for draft in analysis.drafts:
        tokens = [VOCABULARY.start, *(ids[word] for word in draft.words), VOCABULARY.end]
        with torch.inference_mode():
            words = model(pixels, torch.tensor([tokens[:-1]])).words[0].log_softmax(1)
        own = sum(float(words[place, token]) for place, token in enumerate(tokens[1:]))
        assert draft.logprob == pytest.approx(own, abs=1e-3)
        if options.length_normalised and not reporter.options.prior_weight:
            assert draft.score == pytest.approx(own / (len(tokens) - 1), abs=1e-3)
    scores = [draft.score for draft in analysis.drafts]
    assert scores == sorted(scores, reverse=True)


def test_options_that_this_version_does_not_know_are_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    description = tmp_path / checkpoint.DESCRIPTION
    entry = json.loads(description.read_text()) | {"drafting": {"temperature": 2.0}}
    description.write_text(json.dumps(entry))
    with pytest.raises(ModelError, match="temperature"):
        Reporter(tmp_path, "cpu")
