"""Every system, narrow and on few pixels, learns the reports of six images by heart."""

from __future__ import annotations

import pytest
import torch
from small_systems import FINDINGS, OPTIONS
from torch import Tensor, nn
from torch.nn import functional

from app.inference.beam import search
from app.inference.models import systems
from app.inference.models.base import ReportModel
from app.inference.options import BeamOptions
from app.inference.vocabulary import Vocabulary

TEXTS = (
    "normal .",
    "effusion left .",
    "effusion right .",
    "heart large . no effusion .",
    "heart large . effusion left .",
    "lungs clear . heart normal .",
)
WORDS = Vocabulary.learn(TEXTS, minimum_count=1)
IGNORED = -100
WHOLE, DECODER = 3, 500


def shown(size: int) -> Tensor:
    """Six images, (6, 1, size, size): a bright square each, at a place and in a size of its own."""
    images = torch.full((len(TEXTS), 1, size, size), -1.0)
    for number, image in enumerate(images):
        row, column = divmod(number, 3)
        top, left = row * size // 2, column * size // 3
        image[0, top : top + size * (3 + number) // 12, left : left + size // 3] = 1.5
    return images


def told() -> tuple[Tensor, Tensor]:
    """What is given and what follows, (6, T) each."""
    ids = [WORDS.encode(text) for text in TEXTS]
    longest = max(map(len, ids)) - 1
    given = torch.full((len(ids), longest), WORDS.end)
    follows = torch.full((len(ids), longest), IGNORED)
    for row, one in enumerate(ids):
        given[row, : len(one) - 1] = torch.tensor(one[:-1])
        follows[row, : len(one) - 1] = torch.tensor(one[1:])
    return given, follows


def settle(model: ReportModel, images: Tensor) -> None:
    """Let the batch norms know these images, as a trained encoder's do."""
    norms = [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    with torch.no_grad():
        model.encoder(images)
    model.eval()


def small(name: str) -> ReportModel:
    system = systems.find(name)
    options = {**system.arguments(WORDS, FINDINGS), **OPTIONS[name], "dropout": 0.0}
    if "hidden" in options:
        options |= {"hidden": 48, "embedding": 32}
    if name == "cascade":
        first = [WORDS.encode(text)[1] for text in TEXTS]
        options["label_words"] = sorted(set(first))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return system(**options)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_system_learns_the_reports_of_a_few_images(name: str) -> None:
    """Some steps through the whole network, then the decoder with what the encoder has come to
    see.
    """
    model = small(name)
    images = shown(model.image_size)
    given, follows = told()
    settle(model, images)
    before = {part: value.clone() for part, value in model.encoder.named_parameters()}
    optimizer = teacher(model)
    for _ in range(WHOLE):
        learn(model, optimizer, model(images, given).words, follows)
    for part, value in model.encoder.named_parameters():
        assert not torch.equal(value, before[part]), part
    with torch.no_grad():
        kept = model.encode(images)
    for _ in range(DECODER):
        if learn(model, optimizer, model.teach(kept, given).words, follows) < 0.02:
            break

    with torch.inference_mode():
        encoded = model.encode(images)
        chosen = model.teach(encoded, given).words.argmax(2)
    written = follows != IGNORED
    assert float((chosen == follows)[written].float().mean()) > 0.95
    # Each image is told from the others: the first draft is its own report.
    found = search(model, encoded, BeamOptions(max_words=9), punctuation=WORDS.punctuation)
    drafts = [" ".join(WORDS.words(image[0].tokens)) for image in found]
    assert drafts == list(TEXTS)


def teacher(model: ReportModel) -> torch.optim.Optimizer:
    """The encoder moves slowly: its norms stand still."""
    own = {id(parameter) for parameter in model.encoder.parameters()}
    rest = [parameter for parameter in model.parameters() if id(parameter) not in own]
    return torch.optim.Adam(
        [{"params": model.encoder.parameters(), "lr": 1e-5}, {"params": rest, "lr": 5e-3}]
    )


def learn(
    model: ReportModel, optimizer: torch.optim.Optimizer, words: Tensor, follows: Tensor
) -> float:
    loss = functional.cross_entropy(words.flatten(0, 1), follows.flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    return float(loss.detach())
