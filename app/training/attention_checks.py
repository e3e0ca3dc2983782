"""Does a word's attention map show what the word is about? Two checks, with figures of both sorts:
what was measured, and what a map that knows nothing would get.

*Pointing game* (Zhang et al., arXiv 1608.00507): in phantoms with a finding at a known place, a
sentence that names it is given word by word, and the map of the finding's word hits when its
largest weight lies on the finding. A uniform map hits by the finding's share of the area. A map
that depends on the word alone hits as often when the finding isn't there, so the same sentences are
also given for the bare phantom.

*Deletion* (after Petsiuk et al., arXiv 1806.07421): on real images, the regions that a draft's
finding word attended to most are painted in the image's mean gray, and the drop of the word's log
probability is compared with that after painting as many random regions (which are what a uniform
map would choose) or the regions attended to most on average over all images (a map that knows the
usual place but not this image).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.imaging import preprocess
from app.inference import checkpoint
from app.inference.checkpoint import LoadedModel
from app.inference.looks import ATTENTION
from app.inference.vocabulary import tokenize
from app.training import planted
from app.training.labels import Certainty, mentions

BATCH = 16
"""Images that the model reads at once."""

RESAMPLES = 2000
"""Of the bootstrap; intervals are its 2.5 and 97.5 percentiles."""

Say = Callable[[int, int], None]


@dataclass(frozen=True)
class Place:
    """The finding's word in a text: token ids from ``<start>`` to ``<end>``, and which word it is
    (0 is the first).
    """

    tokens: tuple[int, ...]
    word: int


def check(
    model: Path | LoadedModel,
    images: NDArray[np.uint8],
    drafts: Sequence[str],
    seed: int = 0,
    *,
    phantoms: int = 24,
    progress: Say | None = None,
) -> dict[str, Any]:
    """Both checks of one model.

    ``images`` (n, S, S) uint8 are equalised images of the model's size, ``drafts`` the text that
    the model wrote for each. ``phantoms`` is their number for each kind of finding. Returns plain
    numbers, strings and lists. Raises ModelError for weights that can't be used.
    """
    loaded = model if isinstance(model, LoadedModel) else checkpoint.load(model)
    own = loaded.info.looks == ATTENTION
    return {
        "attention": str(_options(loaded).get("attention", "its own")) if own else "Grad-CAM",
        "pointing": pointing_game(loaded, seed, phantoms=phantoms, progress=progress),
        "deletion": deletion(loaded, images, drafts, seed, progress=progress),
    }


def _options(loaded: LoadedModel) -> dict[str, object]:
    """The model's options, those too that older weights folders don't name."""
    return {**loaded.model.config(), **loaded.info.config}


def pointing_game(
    loaded: LoadedModel, seed: int = 0, *, phantoms: int = 24, progress: Say | None = None
) -> dict[str, Any]:
    """Hit rate of the finding's word, overall and for each kind of finding that it has words for.

    Every entry has ``cases``, ``hit_rate`` with ``interval``, ``chance`` (a uniform map), the
    ``gain`` over chance with ``gain_interval``, ``hit_rate_bare`` (same sentence and region, no
    finding) and ``weight_ratio`` (the finding's share of the weight ÷ its share of the area).
    """
    rows: dict[str, list[tuple[float, ...]]] = {}
    left_out: list[str] = []
    total = len(planted.KINDS) * phantoms
    for number, kind in enumerate(planted.KINDS):
        cases = [planted.plant(kind, seed * 100_003 + place) for place in range(phantoms)]
        places = [_place(loaded, case.sentence, case.word) for case in cases]
        if any(place is None for place in places):
            left_out.append(kind)
            continue
        known = [place for place in places if place is not None]
        bare = [planted.bare(seed * 100_003 + place) for place in range(phantoms)]
        size = loaded.info.image_size
        with_it = np.stack([planted.equalised(case.image, size) for case in cases])
        without = np.stack([planted.equalised(image, size) for image in bare])
        seen, _ = _read(loaded, with_it, known)
        blind, _ = _read(loaded, without, known)
        rows[kind] = [
            _pointed(look, empty, case.cells(loaded.model.grid).ravel())
            for look, empty, case in zip(seen, blind, cases, strict=True)
        ]
        if progress is not None:
            progress((number + 1) * phantoms, total)
    random = np.random.default_rng(seed)
    kinds = {kind: _hits(values, random) for kind, values in rows.items()}
    pooled = [values for kind in rows.values() for values in kind]
    return {"all": _hits(pooled, random), "kinds": kinds, "words_unknown": left_out}


def _pointed(look: NDArray[Any], bare: NDArray[Any], cells: NDArray[np.bool_]) -> tuple[float, ...]:
    area = float(cells.mean())
    hit, hit_bare = float(cells[look.argmax()]), float(cells[bare.argmax()])
    return hit, hit_bare, area, float(look[cells].sum()) / area


def _hits(rows: Sequence[tuple[float, ...]], random: np.random.Generator) -> dict[str, Any]:
    if not rows:
        return {"cases": 0}
    hit, bare, area, ratio = np.array(rows).T
    return {
        "cases": len(rows),
        "hit_rate": float(hit.mean()),
        "interval": _interval(hit, random),
        "chance": float(area.mean()),
        "gain": float((hit - area).mean()),
        "gain_interval": _interval(hit - area, random),
        "hit_rate_bare": float(bare.mean()),
        "weight_ratio": float(ratio.mean()),
    }


def deletion(
    loaded: LoadedModel,
    images: NDArray[np.uint8],
    drafts: Sequence[str],
    seed: int = 0,
    *,
    regions: int | None = None,
    draws: int = 4,
    progress: Say | None = None,
) -> dict[str, Any]:
    """Drop of a finding word's log probability (nat) when ``regions`` of the map's cells (None: an
    eighth of them) are painted in the image's mean gray, for the first finding that each draft
    states.

    ``attended``, ``random`` (mean of ``draws``) and ``usual`` are mean drops; ``over_random`` and
    ``over_usual`` the mean differences, each with its bootstrap interval over images;
    ``larger_than_random`` the share of images where the attended regions cost more.
    """
    found = [
        (row, place)
        for row, draft in enumerate(drafts)
        if (place := _finding(loaded, draft)) is not None
    ]
    if not found:
        return {"images": 0, "drafts": len(drafts)}
    rows, places = [row for row, _ in found], [place for _, place in found]
    chosen = images[rows]
    random = np.random.default_rng(seed)
    looks, before = _read(loaded, chosen, places)
    cells = looks.shape[1]
    regions = max(1, round(cells / 8)) if regions is None else regions
    usual = np.tile(_top(looks.mean(0, keepdims=True), regions), (len(rows), 1))
    ways = [_top(looks, regions), usual]
    for _ in range(draws):
        ways.append(
            np.stack([random.choice(cells, regions, replace=False) for _ in range(len(rows))])
        )
    drops = []
    for number, way in enumerate(ways):
        painted = paint(chosen, way, loaded.model.grid)
        drops.append(before - _read(loaded, painted, places)[1])
        if progress is not None:
            progress(number + 1, len(ways))
    attended, central, other = drops[0], drops[1], np.mean(drops[2:], axis=0)
    return {
        "images": len(rows),
        "drafts": len(drafts),
        "regions": regions,
        "cells": cells,
        "draws": draws,
        "attended": float(attended.mean()),
        "random": float(other.mean()),
        "usual": float(central.mean()),
        "over_random": float((attended - other).mean()),
        "over_random_interval": _interval(attended - other, random),
        "over_usual": float((attended - central).mean()),
        "over_usual_interval": _interval(attended - central, random),
        "larger_than_random": float((attended > other).mean()),
    }


def paint(
    images: NDArray[np.uint8], cells: NDArray[np.int64], grid: tuple[int, int]
) -> NDArray[np.uint8]:
    """(n, S, S) uint8 with the ``cells`` (n, k) of each image's grid, counted by rows, in its mean
    gray.
    """
    painted = images.copy()
    high, wide = images.shape[1] // grid[0], images.shape[2] // grid[1]
    for image, chosen in zip(painted, cells, strict=True):
        gray = np.uint8(round(float(image.mean())))
        for row, column in (divmod(int(cell), grid[1]) for cell in chosen):
            image[row * high : (row + 1) * high, column * wide : (column + 1) * wide] = gray
    return painted


@torch.inference_mode()
def _read(
    loaded: LoadedModel, images: NDArray[np.uint8], places: Sequence[Place]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Teacher forcing: the map of each place's word, (n, p), and its log probability, (n,)."""
    device = next(loaded.model.parameters()).device
    looks, logprobs = [], []
    for start in range(0, len(images), BATCH):
        part = places[start : start + BATCH]
        longest = max(len(place.tokens) for place in part) - 1
        given = torch.full((len(part), longest), loaded.vocabulary.end)
        for row, place in enumerate(part):
            given[row, : len(place.tokens) - 1] = torch.tensor(place.tokens[:-1])
        pixels = preprocess.normalise(images[start : start + BATCH])
        given = given.to(device)
        encoded = loaded.model.encode(torch.from_numpy(pixels).unsqueeze(1).to(device))
        taught = loaded.model.teach(encoded, given)
        rows = torch.arange(len(part), device=device)
        words = torch.tensor([place.word for place in part], device=device)
        target = torch.tensor([place.tokens[place.word + 1] for place in part], device=device)
        said: Tensor = taught.words[rows, words].double().log_softmax(1)
        for row, place in enumerate(part):
            # What a reader would see, which isn't every system's own attention.
            written = torch.tensor(place.tokens[1 : place.word + 2], device=device)
            weights = taught.attention[row, : place.word + 1]
            seen = loaded.model.look(encoded.image(row), written, weights)[place.word]
            looks.append(seen.double().cpu())
        logprobs.append(said[rows, target].cpu())
    return torch.stack(looks).numpy(), torch.cat(logprobs).numpy()


def _place(loaded: LoadedModel, sentence: str, word: str) -> Place | None:
    """Where ``word`` stands in ``sentence``; None when the model has no such word."""
    tokens = loaded.vocabulary.encode(sentence)
    if loaded.vocabulary.nou in tokens:
        return None
    return Place(tuple(tokens), tokenize(sentence).index(word))


def _finding(loaded: LoadedModel, draft: str) -> Place | None:
    """The last word of the first finding that ``draft`` states; None where it states none."""
    vocabulary = loaded.vocabulary
    words = tokenize(draft, vocabulary.language)
    text, spans = vocabulary.join(words)
    for mention in mentions(text):
        inside = [
            number
            for number, (start, end) in enumerate(spans)
            if start < mention.end and end > mention.start
        ]
        tokens = vocabulary.encode(draft)
        if mention.certainty is Certainty.ABSENT or not inside:
            continue
        if tokens[inside[-1] + 1] != vocabulary.nou:
            return Place(tuple(tokens), inside[-1])
    return None


def _top(looks: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The ``count`` cells with most weight in each map (n, p) → (n, count)."""
    return np.asarray(np.argsort(-looks, axis=1, kind="stable")[:, :count])


def _interval(values: NDArray[np.float64], random: np.random.Generator) -> list[float]:
    """95 % bootstrap interval of the mean."""
    drawn = random.integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(1), [2.5, 97.5])
    return [float(low), float(high)]
