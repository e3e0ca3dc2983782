"""Archives of images and reports → cases.

Each reader streams one kind of collection and tells what it took and what it left out. What an
option may be stands in :data:`OPTIONS`; a misspelt one is refused, since it would silently do
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from app.errors import AppError
from app.training.corpora.cases import NIH_LABELS, UNKNOWN, Case, Corpus, ImportReport, Reader
from app.training.corpora.dicom import read_dicom
from app.training.corpora.indiana import read_annotation, read_csv, read_xml
from app.training.corpora.mapped import read_table
from app.training.corpora.pictures import read_images
from app.training.corpora.public import read_kermany, read_nih, read_roco

READERS: dict[str, Reader] = {
    "roco": read_roco,
    "nih": read_nih,
    "kermany": read_kermany,
    "iu-xray-xml": read_xml,
    "iu-xray-csv": read_csv,
    "iu-xray-annotation": read_annotation,
    "table": read_table,
    "dicom": read_dicom,
    "images": read_images,
}
"""The kinds of collection that a training configuration can name."""

_COMMON: dict[str, type] = {"limit": int, "licence": str, "resplit": bool}
_TEXT: dict[str, type] = {"sections": list, "words": int}
_INDIANA: dict[str, type] = {**_TEXT, "text_only": bool}
_TABLE: dict[str, type] = {**_TEXT, "file": str, "columns": dict, "cleaning": str}
OPTIONS: dict[str, dict[str, type]] = {
    "roco": {"words": int},
    "nih": {},
    "kermany": {},
    "iu-xray-xml": _INDIANA,
    "iu-xray-csv": _INDIANA,
    "iu-xray-annotation": _INDIANA,
    "table": {**_TABLE, "images": str, "text_only": bool},
    "dicom": {**_TABLE, "key": str},
    "images": {},
}
"""The options of each kind and their types, beside those that all kinds have."""


def read(corpus: Corpus) -> tuple[list[Case], ImportReport]:
    """Read a collection, at most ``limit`` cases where its options say so.

    With ``resplit`` the collection's own split is forgotten, for one that divides patients.
    ``licence`` is for the model card alone. Raises :class:`AppError` when the kind or an option is
    unknown or the files can't be read.
    """
    if corpus.kind not in READERS:
        raise AppError(
            f"The collection {corpus.name!r} is of the unknown kind {corpus.kind!r}.",
            f"Known kinds: {', '.join(READERS)}.",
        )
    options = _checked(corpus)
    report = ImportReport(corpus.name)
    limit = options.get("limit") or None
    cases = list(islice(READERS[corpus.kind](corpus.folder, report, options), limit))
    if options.get("resplit"):
        cases = [replace(case, split="") for case in cases]
    return cases, report


def _checked(corpus: Corpus) -> Mapping[str, Any]:
    known = {**_COMMON, **OPTIONS[corpus.kind]}
    for name, value in corpus.options.items():
        if name not in known:
            raise AppError(
                f"The collection {corpus.name!r} has the unknown option {name!r}.",
                f"Options of {corpus.kind}: {', '.join(sorted(known))}.",
            )
        wanted = known[name]
        fits = isinstance(value, (list, tuple) if wanted is list else wanted)
        if not fits or (wanted is int and (isinstance(value, bool) or value < 0)):
            raise AppError(
                f"The option {name!r} of {corpus.name!r} can't be {value!r}.",
                f"It should be of type {wanted.__name__}.",
            )
    if corpus.options.get("cleaning", "reports") not in ("reports", "captions"):
        raise AppError(
            f"The option 'cleaning' of {corpus.name!r} can't be {corpus.options['cleaning']!r}.",
            'Use "reports" or "captions".',
        )
    return corpus.options


__all__ = [
    "NIH_LABELS",
    "OPTIONS",
    "READERS",
    "UNKNOWN",
    "Case",
    "Corpus",
    "ImportReport",
    "Reader",
    "read",
]
