"""The shipped space of similar cases fits the shipped drafting weights; its card is its own."""

from __future__ import annotations

from app.imaging.reading import read_image
from app.inference import checkpoint, joint_space
from app.inference.joint_space import CARD, WEIGHTS
from app.inference.retrieval import Retriever, find
from app.paths import resources, shipped_weights

MOST_BYTES = 16_000_000


def test_it_belongs_to_the_shipped_model_and_works_with_it() -> None:
    info = find([shipped_weights()])
    assert info is not None
    model = checkpoint.describe(shipped_weights() / info.model_id)
    assert info.model_id == checkpoint.DEFAULT
    assert info.model_sha256 == model.sha256
    assert (info.folder / WEIGHTS).stat().st_size < MOST_BYTES
    retriever = Retriever(info, model.folder, "cpu")
    image = retriever.image(read_image(resources() / "synthetic" / "frontal.dcm"))
    words = retriever.words("pleural effusion at the right base")
    assert words is not None
    assert image.shape == words.shape == (info.shape.dimension,)


def test_its_card_is_of_these_weights() -> None:
    info = joint_space.describe(shipped_weights() / "similar")
    assert info is not None
    card = (info.folder / CARD).read_text(encoding="utf-8")
    assert info.sha256 in card
    assert info.model_sha256 in card
    assert "CC BY-NC-SA" in card
