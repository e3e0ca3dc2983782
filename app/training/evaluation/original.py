"""The public scorers beside ours, where they are installed.

BLEU, ROUGE-L and CIDEr are computed here in a form that allows intervals. So that nobody has to
believe that they are the figures that papers report, pycocoevalcap scores the same first drafts and
the largest difference is told.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Sequence
from typing import Any

from app.training.evaluation.cider import Cider
from app.training.evaluation.overlap import Words, alone, bleu, rouge_l

PACKAGE = "pycocoevalcap"


def compare(
    drafts: Sequence[str], reports: Sequence[str], split: Callable[[str], Words]
) -> dict[str, Any] | None:
    """``with`` (package and version) and ``largest_difference`` of any image's figure; None where
    it isn't installed.
    """
    try:
        version = importlib.metadata.version(PACKAGE)
        theirs = [importlib.import_module(f"{PACKAGE}.{name}.{name}") for name in _NAMES]
    except ImportError:  # PackageNotFoundError is one
        return None
    written = [split(report) for report in reports]
    drafted = [split(draft) for draft in drafts]
    references = {place: [" ".join(words)] for place, words in enumerate(written)}
    answers = {place: [" ".join(words)] for place, words in enumerate(drafted)}
    _score, each_bleu = theirs[0].Bleu(4).compute_score(references, answers, verbose=0)
    _score, each_rouge = theirs[1].Rouge().compute_score(references, answers)
    _score, each_cider = theirs[2].Cider().compute_score(references, answers)
    pairs = [
        *((alone(bleu(drafted, written, n)), each_bleu[n - 1]) for n in (1, 2, 3, 4)),
        (alone(rouge_l(drafted, written)), each_rouge),
        (Cider(written).scores(drafted), each_cider),
    ]
    largest = max(float(abs(ours - other).max()) for ours, other in pairs)
    return {"with": f"{PACKAGE} {version}", "largest_difference": float(f"{largest:.1e}")}


_NAMES = ("bleu", "rouge", "cider")
