"""Word vectors of a local GloVe text file (Pennington et al., EMNLP 2014) as the start of an
embedding.

Each line holds a word and its numbers, ``word v1 … vd``, parted by single spaces. The files are
gigabytes long: they are read line by line, and only lines of the vocabulary's words are taken
apart. Nothing is downloaded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from app.errors import AppError
from app.inference.vocabulary import Vocabulary

LONGEST = 1 << 16
"""Bytes of a line: twenty times what 300 numbers take. A longer one is no GloVe's."""

_HINT = (
    "A GloVe file is a text with a word and its numbers in each line, unpacked, for example "
    "glove.6B.200d.txt."
)


@torch.no_grad()
def load(file: Path, vocabulary: Vocabulary, embedding: nn.Embedding) -> int:
    """Fill the rows of ``embedding`` (words, d) whose words ``file`` knows; gives their number.

    The other words keep their start, scaled to the standard deviation of the vectors found: they
    are drawn with one of 1, GloVe's have some 0.4, and what no file knows would be the loudest. Of
    a word that stands twice the first line counts. Raises AppError for a file that can't be read, a
    line that is none of GloVe's, vectors of another width than the embedding's, and where no word
    is known.
    """
    width = embedding.embedding_dim
    found = _read(file, {word.encode(): row for row, word in enumerate(vocabulary)}, width)
    if not found:
        raise AppError(
            f"{file} holds no word of the reports.",
            f"Its words must be in the reports' language, one a line. {_HINT}",
        )
    rows = torch.tensor(list(found), device=embedding.weight.device)
    vectors = torch.from_numpy(np.stack(list(found.values()))).to(embedding.weight)
    own = embedding.weight.std(correction=0)
    if own > 0:
        embedding.weight.mul_(vectors.std(correction=0) / own)
    embedding.weight[rows] = vectors
    return len(found)


def _read(file: Path, rows: dict[bytes, int], width: int) -> dict[int, NDArray[np.float32]]:
    """The vectors of the words ``rows``, by their row."""
    found: dict[int, NDArray[np.float32]] = {}
    try:
        with file.open("rb") as stream:
            number = 0
            while line := stream.readline(LONGEST):
                number += 1
                line = line.rstrip()
                if line.count(b" ") != width:
                    if not _spaced(line, width):
                        raise _malformed(file, number, line, width)
                    continue
                word, numbers = line.split(b" ", 1)
                if (row := rows.get(word)) is not None and row not in found:
                    vector = _numbers(numbers)
                    if vector is None or not np.isfinite(vector).all():
                        raise _malformed(file, number, line, width)
                    found[row] = vector
    except OSError as error:
        raise AppError(
            f"{file} can't be read: {error.strerror}.", f"Correct start.words. {_HINT}"
        ) from error
    return found


def _spaced(line: bytes, width: int) -> bool:
    """Is this a vector of something with spaces in it (glove.840B has some, ". . ."), or blank?"""
    parts = line.split()
    return not parts or (len(parts) > width + 1 and _numbers(b" ".join(parts[1:-width])) is None)


def _numbers(text: bytes) -> NDArray[np.float32] | None:
    """The numbers in ``text``; None where one is none."""
    try:
        numbers = [float(part) for part in text.split(b" ")]
    except ValueError:
        return None
    with np.errstate(over="ignore"):
        return np.array(numbers).astype(np.float32)


def _malformed(file: Path, number: int, line: bytes, width: int) -> AppError:
    vector = _numbers(line.partition(b" ")[2])
    if vector is not None and number == 1 and len(vector) not in (1, width):
        return AppError(
            f"{file} holds {len(vector)} numbers a word; the model's words have {width}.",
            f"Choose the file with {width} numbers a word, or set embedding in [model].",
        )
    return AppError(
        f"Line {number} of {file} isn't a word with {width} numbers.",
        f"The file is damaged or none of GloVe's. {_HINT}",
    )
