"""Reports without images, lent to labelled images without reports that tell the same findings.

Real pairs are few; labels and reports are many. An image labelled "Effusion" may learn its words
from any report that tells an effusion and no other finding. What such a report says beyond its
findings (sides, sizes, devices) is not this image's, so the share of borrowed reports stays small
and the model card names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from app.training.archive import Archive, label_matrix


@dataclass(frozen=True)
class Borrowed:
    """rows (m,) int64 of the images that borrow, and the reports that each may have."""

    rows: Tensor
    reports: dict[int, tuple[str, ...]]

    def report(self, row: int, generator: torch.Generator) -> str:
        """One of the reports for the image ``row``."""
        choice = self.reports[row]
        return choice[int(torch.randint(len(choice), (1,), generator=generator))]


def lend(
    archive: Archive, findings: tuple[str, ...], lenders: Sequence[str], borrowers: Sequence[str]
) -> Borrowed:
    """Match the texts of the sources ``lenders`` with the labelled training images of
    ``borrowers`` that have no report.

    They match when they agree in every finding that the image's labels know.
    """
    texts = [case for case in archive.texts if case.source in set(lenders)]
    told = label_matrix(texts, findings)
    rows, reports = [], {}
    for row in archive.labelled(archive.rows(borrowers, "train")).tolist():
        if archive.cases[row].report or not texts:
            continue
        truth = archive.labels[row]
        known = ~torch.isnan(truth)
        same = (told[:, known] == truth[known]).all(dim=1).nonzero().flatten().tolist()
        if same:
            rows.append(row)
            reports[row] = tuple(texts[index].report for index in same)
    return Borrowed(torch.tensor(rows, dtype=torch.int64), reports)
