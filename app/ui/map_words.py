"""What a word's map is called, by where it comes from.

Attention is a weighting that the model itself wrote its words with. Grad-CAM is worked out
afterwards, from gradients through the encoder, for systems that have no attention: nothing in the
window may call it attention, nor say that the model looked somewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.inference.drafts import ATTENTION, GRADIENTS


@dataclass(frozen=True)
class MapWords:
    """``lead`` is written over the image with ``{model}`` for who drafted; the rest are whole."""

    label: str
    action: str
    lead: str
    hint: str
    explanation: str

    def leading(self, model: str = "") -> str:
        """The caption's beginning; without a name it speaks of the model."""
        return self.lead.format(model=model or "the model")


_WORDS = {
    ATTENTION: MapWords(
        label="Attention",
        action="Where the model looked",
        lead="where {model} looked",
        hint="shows where the model looked when it wrote this",
        explanation="Attention: the weights over the image with which each word was written.",
    ),
    GRADIENTS: MapWords(
        label="Grad-CAM",
        action="Grad-CAM of a word",
        lead="Grad-CAM through the encoder of {model}",
        hint="shows this word's Grad-CAM through the encoder",
        explanation=(
            "Grad-CAM through the encoder: worked out from gradients after a word was written."
            " This system has no attention of its own."
        ),
    ),
}
_OTHER = MapWords(
    label="Map",
    action="Map of a word",
    lead="map of {model}",
    hint="shows this word's map",
    explanation="This version does not know how the maps of this model come about.",
)


def map_words(looks: str) -> MapWords:
    """The words for maps of the kind ``looks`` (:class:`app.inference.drafts.Analysis`)."""
    return _WORDS.get(looks, _OTHER)
