"""The plots of an analysis: the paper's Figure 6, and the difference against the margin.

Black on white for paper and PDF; the two arms differ in lightness and hatching too, so that they
are told apart in print and by every eye.
"""

from __future__ import annotations

import contextlib
import io
import textwrap
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.files import make_folder, write_bytes
from app.reading.analysis.distribution import SCORES, Distribution
from app.reading.analysis.results import Reading, Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CJK: Final = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "SimHei"),
    *("Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Heiti TC", "WenQuanYi Zen Hei"),
)
"""Type that has Chinese letters, where the computer has it: matplotlib's own has none."""
_STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "svg.hashsalt": "readingroom",
}
_FILL: Final = {"human": "#4d4d4d", "machine": "#5aa9e6"}
_HATCH: Final = {"human": "", "machine": "//"}
_NAME: Final = {"human": "radiologists' reports", "machine": "machine's reports"}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """How figures and pages look that are drawn meanwhile."""
    import matplotlib
    from matplotlib import font_manager

    there = set(font_manager.get_font_names())
    families = ["DejaVu Sans", *(name for name in _CJK if name in there)]
    with matplotlib.rc_context({**_STYLE, "font.family": families}):
        yield


def in_lines(text: str, letters: int) -> str:
    """``text`` in lines of about so many letters; Chinese ones are twice as wide."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    fits = letters * len(text) // (len(text) + wide) if text else letters
    return "\n".join(textwrap.wrap(text, max(fits, 1)))


def figure_6(reading: Reading, title: str = "") -> Figure:
    """Share of each score per arm from 5 to 1, and the line at 4: acceptable on its left.

    (arXiv 2006.10347, Figure 6.)
    """
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=(7.2, 4.2), layout="constrained")
        axes = figure.add_subplot()
        for place, arm in enumerate((reading.human, reading.machine)):
            _bars(axes, arm, place)
        axes.axvline(1.5, color="black", linewidth=1, linestyle=(0, (4, 3)))
        axes.text(1.46, 1.0, "acceptable (≥ 4) ", ha="right", va="top", transform=_mixed(axes))
        axes.set_xticks(range(len(SCORES)), [str(score) for score in reversed(SCORES)])
        axes.set_xlabel("score")
        axes.set_ylabel("share of ratings, %")
        axes.set_ylim(0, 108)
        axes.legend(frameon=False, loc="upper right")
        if title:
            axes.set_title(in_lines(title, 76), loc="left", fontsize=11)
    return figure


def margin_figure(results: Results) -> Figure:
    """Mean difference with its interval, pooled and per reader, against the margin."""
    from matplotlib.figure import Figure

    rows = (results.pooled, *results.readers)
    with style():
        figure = Figure(figsize=(7.2, 1.6 + 0.36 * len(rows)), layout="constrained")
        axes = figure.add_subplot()
        for place, reading in enumerate(rows):
            found = reading.comparison.difference
            weight = 2.4 if not reading.reader else 1.4
            axes.plot([found.low, found.high], [place, place], color="black", linewidth=weight)
            axes.plot([found.value], [place], "o", color="black", markersize=6)
        axes.axvline(0, color="#808080", linewidth=1)
        axes.axvline(-results.pooled.comparison.margin, color="black", linestyle=(0, (4, 3)))
        axes.set_yticks(range(len(rows)), [reading.reader or "all readers" for reading in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel("mean score, machine − human (95 % interval); dashed: the margin")
    return figure


def draw(results: Results, folder: Path) -> list[Path]:
    """Write ``figure6.png``, one per reader, and ``difference.png`` into ``folder``.

    Raises :class:`app.errors.StoreError` when one can't be written.
    """
    make_folder(folder)
    pictures = {"figure6": figure_6(results.pooled, "All readers")}
    for number, reading in enumerate(results.readers, start=1):
        pictures[f"figure6-reader{number}"] = figure_6(reading, f"Reader {reading.reader}")
    pictures["difference"] = margin_figure(results)
    written = []
    for name, figure in pictures.items():
        file = folder / f"{name}.png"
        content = io.BytesIO()
        figure.savefig(content, dpi=160, metadata={"Software": None})
        write_bytes(file, content.getvalue())
        written.append(file)
    return written


def _bars(axes: Any, arm: Distribution, place: int) -> None:
    width = 0.38
    shares = [100 * arm.share(score) for score in reversed(SCORES)]
    acceptable = f"{arm.acceptable.share:.0%}" if arm.total else "none"
    bars = axes.bar(
        [x + (place - 0.5) * width for x in range(len(SCORES))],
        shares,
        width,
        color=_FILL[arm.arm],
        edgecolor="black",
        linewidth=0.6,
        hatch=_HATCH[arm.arm],
        label=f"{_NAME[arm.arm]}: {acceptable} acceptable, n = {arm.total}",
    )
    axes.bar_label(bars, [f"{share:.0f}" for share in shares], padding=2, fontsize=9)


def _mixed(axes: Any) -> Any:
    """x in data, y as a share of the axes."""
    return axes.get_xaxis_transform()
