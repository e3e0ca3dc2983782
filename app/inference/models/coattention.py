"""System 5: hierarchical LSTM with co-attention over regions and tags (Jing et al., ACL 2018;
Filipavicius 2019).

The tags are the findings: a sigmoid head on V_gav; the most likely ones, ten as in the paper unless
``tags`` says otherwise, are read as embeddings (512). For each sentence a co-attention looks over
the regions *and* over these tags, a sentence LSTM makes a topic and the probability to stop from
what it saw, and a word LSTM writes the sentence from the topic. A sentence ends with its period (or
the Chinese one), and the next topic follows.

In one search over words the stop becomes the probability of ``<end>`` at the beginning of a
sentence: log p(end) = log p(stop), log p(word) = log(1 − p(stop)) + log p(word | topic). So reports
with different numbers of sentences are weighed against each other, and teaching the words teaches
the stop.

Beside the paper: a layer norm stands behind the context and before the topic's tanh. Without them
the topics saturated in training, all images got the same one, and with it the same report.

Input 224 × 224; VGG-19 (here with batch norm) without its last pooling: V is (512, 196), 14 × 14
regions. ``share`` narrows all its layers, to keep weights small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from app.inference.models.base import Encoded, LayeredEncoder, ReportModel, settings
from app.inference.vocabulary import Vocabulary

STRIDE = 16
START, END = 0, 1
NEVER = -1e4
"""Logit of what can't come: finite, so that a mixture of rows stays finite."""

_POOL = 0
_VGG19 = (
    *(64, 64, _POOL),
    *(128, 128, _POOL),
    *(256, 256, 256, 256, _POOL),
    *(512, 512, 512, 512, _POOL),
    *(512, 512, 512, 512),
)
_FROZEN = 27
"""Layers of the first three blocks, at a stride of 8: the stem."""


def encoder(share: float) -> LayeredEncoder:
    """VGG-19's convolutions with batch norm for one gray channel:
    (B, 1, S, S) → (B, 512 · share, S / 16, S / 16).
    """
    layers: list[nn.Module] = []
    into = 1
    for width in _VGG19:
        if width == _POOL:
            layers.append(nn.MaxPool2d(2))
            continue
        out = max(int(width * share), 8)
        convolution = nn.Conv2d(into, out, kernel_size=3, padding=1, bias=False)
        nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
        layers += [convolution, nn.BatchNorm2d(out), nn.ReLU()]
        into = out
    return LayeredEncoder(layers, _FROZEN, into)


@dataclass
class CoattentionState:
    """The memory of both LSTMs, (B, h) each, and what each image offers.

    looked         (B, p) the weights of the sentence's regions
    regions, tags  (B, p, c) and (B, k, e); *_keys (B, …, h) their share in the attention
    """

    topic_hidden: Tensor
    topic_cell: Tensor
    word_hidden: Tensor
    word_cell: Tensor
    looked: Tensor
    regions: Tensor
    region_keys: Tensor
    tags: Tensor
    tag_keys: Tensor

    def select(self, rows: Tensor) -> Self:
        return type(self)(*(part[rows] for part in vars(self).values()))


class Coattention(ReportModel):
    """(B, 1, 224, 224), (B, T) → words (B, T, vocabulary), attention (B, T, p): all words of a
    sentence share their topic's map.

    ``sentence_ends`` are the ids of the words that close a sentence. ``dropout`` acts on embedded
    words and before the words' matrix while teaching. ``tags`` is how many of the likeliest tags
    are read: the paper chooses ten of hundreds, of a few findings ten are nearly all.
    """

    NAME = "coattention"
    TITLE = "VGG-19 + co-attention + hierarchical LSTM"
    SOURCE = "Jing et al., ACL 2018 (arXiv 1711.08195)"

    def __init__(
        self,
        vocabulary_size: int,
        findings: int,
        image_size: int = 224,
        share: float = 1.0,
        hidden: int = 512,
        embedding: int = 512,
        dropout: float = 0.3,
        tags: int = 10,
        sentence_ends: Sequence[int] = (),
    ) -> None:
        sentence_ends = [int(word) for word in sentence_ends]
        config = settings(locals())
        super().__init__()
        if image_size % STRIDE:
            raise ValueError(f"image_size must be a multiple of {STRIDE}, not {image_size}")
        if tags < 1:
            raise ValueError(f"tags must be at least 1, not {tags}")
        self._config = config
        self.tags_read = min(tags, findings)
        self.image_size = image_size
        self.grid = (image_size // STRIDE, image_size // STRIDE)
        self.encoder = encoder(share)
        channels = self.encoder.channels
        self.head = nn.Linear(channels, findings)
        self.tags = nn.Embedding(findings, embedding)
        self.embedding = nn.Embedding(vocabulary_size, embedding)
        # Co-attention (equations 1–4 of the paper)
        self.w_v = nn.Linear(channels, hidden)
        self.w_vh = nn.Linear(hidden, hidden, bias=False)
        self.w_v_att = nn.Linear(hidden, 1, bias=False)
        self.w_a = nn.Linear(embedding, hidden)
        self.w_ah = nn.Linear(hidden, hidden, bias=False)
        self.w_a_att = nn.Linear(hidden, 1, bias=False)
        self.context = nn.Linear(channels + embedding, hidden)
        self.context_norm = nn.LayerNorm(hidden)
        # Sentences (equations 5–7)
        self.sentence = nn.LSTMCell(hidden, hidden)
        self.topic_hidden = nn.Linear(hidden, embedding)
        self.topic_context = nn.Linear(hidden, embedding, bias=False)
        self.topic_norm = nn.LayerNorm(embedding)
        self.stop_before = nn.Linear(hidden, hidden, bias=False)
        self.stop_now = nn.Linear(hidden, hidden)
        self.stop = nn.Linear(hidden, 1)
        # Words
        self.word = nn.LSTMCell(embedding, hidden)
        self.words = nn.Linear(hidden, vocabulary_size)
        self.dropout = nn.Dropout(dropout)
        breaks = torch.tensor([START, *sentence_ends], dtype=torch.int64)
        self.register_buffer("breaks", breaks, persistent=False)

    @classmethod
    def arguments(cls, vocabulary: Vocabulary, findings: Sequence[str]) -> dict[str, Any]:
        ends = [number for number, word in enumerate(vocabulary) if word in (".", "。")]
        return {**super().arguments(vocabulary, findings), "sentence_ends": ends}

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def start(self, encoded: Encoded) -> CoattentionState:
        regions = encoded.regions.transpose(1, 2).contiguous()
        chosen = encoded.findings.topk(self.tags_read, dim=1).indices
        tags = self.tags(chosen)
        nothing = regions.new_zeros(len(regions), self.word.hidden_size)
        even = regions.new_full(regions.shape[:2], 1.0 / regions.shape[1])
        return CoattentionState(
            *(nothing, nothing, nothing, nothing, even),
            *(regions, self.w_v(regions), tags, self.w_a(tags)),
        )

    def step(
        self, tokens: Tensor, state: CoattentionState
    ) -> tuple[Tensor, Tensor, CoattentionState]:
        breaks = torch.isin(tokens, self.get_buffer("breaks")).unsqueeze(1)
        read = self.dropout(self.embedding(tokens))
        word = self.word(read, (state.word_hidden, state.word_cell))
        topics, looked = (state.topic_hidden, state.topic_cell), state.looked
        stop: Tensor | None = None
        if bool(breaks.any()):
            context, seen = self._look(state)
            later = self.sentence(context, topics)
            topic = self.topic_hidden(later[0]) + self.topic_context(context)
            topic = torch.tanh(self.topic_norm(topic))
            stop = self.stop(torch.tanh(self.stop_before(topics[0]) + self.stop_now(later[0])))
            opened = self.word(
                self.dropout(self.embedding(torch.full_like(tokens, START))), self.word(topic)
            )
            word = _where(breaks, opened, word)
            topics = _where(breaks, later, topics)
            looked = torch.where(breaks, seen, looked)
        logits = self.words(self.dropout(word[0])).float()
        if stop is not None:
            logits = torch.where(breaks, _with_stop(logits, stop.float()), logits)
        after = replace(
            state,
            topic_hidden=topics[0],
            topic_cell=topics[1],
            word_hidden=word[0],
            word_cell=word[1],
            looked=looked,
        )
        return logits, looked, after

    def _look(self, state: CoattentionState) -> tuple[Tensor, Tensor]:
        """The sentence's context (B, h) from regions and tags, and the regions' weights (B, p)."""
        hidden = state.topic_hidden.unsqueeze(1)
        over_regions = self.w_v_att(torch.tanh(state.region_keys + self.w_vh(hidden))).squeeze(2)
        over_tags = self.w_a_att(torch.tanh(state.tag_keys + self.w_ah(hidden))).squeeze(2)
        looked = torch.softmax(over_regions.float(), dim=1)
        named = torch.softmax(over_tags.float(), dim=1)
        seen = torch.einsum("bp,bpc->bc", looked.to(state.regions.dtype), state.regions)
        told = torch.einsum("bk,bke->be", named.to(state.tags.dtype), state.tags)
        context: Tensor = self.context_norm(self.context(torch.cat([seen, told], dim=1)))
        return context, looked


def _where(breaks: Tensor, then: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> Any:
    return tuple(torch.where(breaks, a, b.to(a.dtype)) for a, b in zip(then, other, strict=True))


def _with_stop(logits: Tensor, stop: Tensor) -> Tensor:
    """Log probabilities (B, vocabulary) where a sentence may begin: ``<end>`` has the probability
    to stop, the words share the rest.
    """
    end = torch.zeros_like(logits, dtype=torch.bool)
    end[:, END] = True
    words = functional.log_softmax(logits.masked_fill(end, NEVER), dim=1)
    return torch.where(end, functional.logsigmoid(stop), functional.logsigmoid(-stop) + words)


SYSTEM = Coattention
