"""Archives of images and reports → cases.

Each reader streams one kind of collection and tells what it took and what it left out.
"""

from __future__ import annotations

from itertools import islice

from app.errors import AppError
from app.training.corpora.cases import NIH_LABELS, Case, Corpus, ImportReport, Reader
from app.training.corpora.public import read_kermany, read_nih, read_roco

READERS: dict[str, Reader] = {"roco": read_roco, "nih": read_nih, "kermany": read_kermany}
"""The kinds of collection that a training configuration can name."""


def read(corpus: Corpus) -> tuple[list[Case], ImportReport]:
    """Read a collection, at most ``limit`` cases where its options say so.

    Raises :class:`AppError` when its kind is unknown or its files can't be read.
    """
    if corpus.kind not in READERS:
        raise AppError(
            f"The collection {corpus.name!r} is of the unknown kind {corpus.kind!r}.",
            f"Known kinds: {', '.join(READERS)}.",
        )
    report = ImportReport(corpus.name)
    limit = corpus.options.get("limit") or None
    cases = list(islice(READERS[corpus.kind](corpus.folder, report, corpus.options), limit))
    return cases, report


__all__ = ["NIH_LABELS", "READERS", "Case", "Corpus", "ImportReport", "Reader", "read"]
