"""The results as one PDF: verdict, figures, tables, methods. Drawn by matplotlib alone."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from app.files import write_bytes
from app.reading.analysis import pictures, wording
from app.reading.analysis.results import Results

PAGE = (8.27, 11.69)
"""A4 in inches."""
_METADATA = {"Creator": "Reading Room", "Producer": None, "CreationDate": None}


def write(title: str, results: Results, methods: str, file: Path) -> None:
    """Write the report. The same results give the same bytes.

    Raises :class:`app.errors.StoreError` when the file can't be written.
    """
    content = io.BytesIO()
    with PdfPages(content, metadata={**_METADATA, "Title": title}) as pages:
        for figure in _pages(title, results, methods):
            pages.savefig(figure)
    write_bytes(file, content.getvalue())


def _pages(title: str, results: Results, methods: str) -> list[Figure]:
    first = Figure(figsize=PAGE)
    heading = textwrap.wrap(title, 48)
    below = 0.94 - 0.024 * len(heading)  # a long title pushes the rest down
    first.text(0.08, 0.94, "\n".join(heading), fontsize=16, weight="bold", va="top")
    first.text(0.08, below - 0.036, _wrapped(wording.verdict(results.pooled.comparison)), va="top")
    first.text(0.08, below - 0.116, "Methods", fontsize=12, weight="bold", va="top")
    first.text(0.08, below - 0.141, _wrapped(methods), va="top", fontsize=9, linespacing=1.5)
    shown = [first, pictures.figure_6(results.pooled, title), pictures.margin_figure(results)]
    return [*shown, *(_page(*table) for table in wording.tables(results))]


def _page(heading: str, header: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> Figure:
    """A table on a page of its own, lying when it has many columns."""
    wide = len(header) > 5
    figure = Figure(figsize=PAGE[::-1] if wide else PAGE)
    axes: Any = figure.add_axes((0.06, 0.06, 0.88, 0.82))
    axes.axis("off")
    figure.text(0.06, 0.93, heading, fontsize=12, weight="bold")
    figure.text(0.06, 0.04, "\n".join(textwrap.wrap(note, 150 if wide else 98)), fontsize=8)
    fits = (150 if wide else 105) // len(header) - 3  # letters of a column at this size
    wrapped = [["\n".join(textwrap.wrap(cell, fits)) or " " for cell in row] for row in rows]
    names = ["\n".join(textwrap.wrap(name, fits)) for name in header]
    table = axes.table(cellText=wrapped, colLabels=names, loc="upper left", cellLoc="left")
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    lines = [max(cell.count("\n") for cell in row) + 1 for row in (names, *wrapped)]
    high = PAGE[1] / PAGE[0] if wide else 1.0  # heights are shares of the page's
    for (row, _), cell in table.get_celld().items():
        cell.set_height(high * (0.012 + 0.018 * lines[row]))
        cell.set_edgecolor("#c8cdd4")
    return figure


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 98))
