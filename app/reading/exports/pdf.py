"""The results as one PDF: verdict, figures, tables, methods. Drawn by matplotlib alone."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from app.files import write_bytes
from app.reading.analysis import pictures, wording
from app.reading.analysis.pictures import in_lines
from app.reading.analysis.results import Results

PAGE = (8.27, 11.69)
"""A4 in inches."""
_FULL = 0.97
"""Share of a page that its table takes: the note stands below."""
_MOST_COLUMNS = 8
"""Beside the first: more of them would be too narrow to be read."""
_METADATA = {"Creator": "Reading Room", "Producer": None, "CreationDate": None}


def write(title: str, results: Results, methods: str, file: Path) -> None:
    """Write the report. The same results give the same bytes.

    Raises :class:`app.errors.StoreError` when the file can't be written.
    """
    content = io.BytesIO()
    with pictures.style(), PdfPages(content, metadata={**_METADATA, "Title": title}) as pages:
        for figure in _pages(title, results, methods):
            pages.savefig(figure)
    write_bytes(file, content.getvalue())


def _pages(title: str, results: Results, methods: str) -> list[Figure]:
    first = Figure(figsize=PAGE)
    heading = in_lines(title, 48)
    below = 0.94 - 0.024 * (heading.count("\n") + 1)  # a long title pushes the rest down
    first.text(0.08, 0.94, heading, fontsize=16, weight="bold", va="top")
    first.text(0.08, below - 0.036, _wrapped(wording.verdict(results.pooled.comparison)), va="top")
    first.text(0.08, below - 0.116, "Methods", fontsize=12, weight="bold", va="top")
    first.text(0.08, below - 0.141, _wrapped(methods), va="top", fontsize=9, linespacing=1.5)
    shown = [first, pictures.figure_6(results.pooled, title), pictures.margin_figure(results)]
    tables = [page for table in wording.tables(results) for page in _table_pages(*table)]
    return [*shown, *tables]


def _table_pages(
    heading: str, header: Sequence[str], rows: Sequence[Sequence[str]], note: str
) -> Iterator[Figure]:
    """A table on pages of its own, as many as it needs; its first column is on each."""
    for start in range(1, len(header), _MOST_COLUMNS):
        shown = (0, *range(start, min(start + _MOST_COLUMNS, len(header))))
        wide = len(shown) > 5
        fits = (150 if wide else 105) // len(shown) - 3  # letters of a column at this size
        names, *wrapped = (
            [in_lines(row[n], fits) or " " for n in shown] for row in (header, *rows)
        )
        for some in _by_height(names, wrapped, wide=wide):
            yield _page(heading, names, some, note, wide=wide)


def _by_height(names: list[str], rows: list[list[str]], *, wide: bool) -> Iterator[list[list[str]]]:
    """The rows of one page after the other."""
    page: list[list[str]] = []
    for row in rows:
        if page and sum(_height(one, wide=wide) for one in (names, *page, row)) > _FULL:
            yield page
            page = []
        page.append(row)
    yield page


def _height(row: Sequence[str], *, wide: bool) -> float:
    """Of a row, as a share of what a page has for its table."""
    lines = max(cell.count("\n") for cell in row) + 1
    return (PAGE[1] / PAGE[0] if wide else 1.0) * (0.012 + 0.018 * lines)


def _page(
    heading: str, names: list[str], rows: list[list[str]], note: str, *, wide: bool
) -> Figure:
    """A table that fits on one page, which lies when it has many columns."""
    figure = Figure(figsize=PAGE[::-1] if wide else PAGE)
    axes: Any = figure.add_axes((0.06, 0.06, 0.88, 0.82))
    axes.axis("off")
    figure.text(0.06, 0.93, heading, fontsize=12, weight="bold")
    figure.text(0.06, 0.04, in_lines(note, 150 if wide else 98), fontsize=8)
    table = axes.table(cellText=rows, colLabels=names, loc="upper left", cellLoc="left")
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    for (row, _), cell in table.get_celld().items():
        cell.set_height(_height((names, *rows)[row], wide=wide))
        cell.set_edgecolor("#c8cdd4")
    return figure


def _wrapped(text: str) -> str:
    return in_lines(text, 98)
