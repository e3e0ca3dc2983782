"""What the display pipeline differs by from its references, as the table of docs/rendering.md.

    python tests/imaging/rendering_table.py

measures every case of the matrix and writes the table anew; a test holds what is written there.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
from rendering_cases import BITS, PADDINGS, PHOTOMETRIC, SIGNS, VOIS, Case, cases
from rendering_references import by_highdicom, by_the_standard, opened_by_highdicom

from app.imaging import lut
from app.imaging.dicom import read_dicom

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rendering.md"
_FRAME = 4  # pixels of padding around the image
_HEAD = (
    "| photometric | bits | values | VOI | no padding | padding value | padding range |",
    "|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Difference:
    """Largest difference to each reference in gray levels of 255; None where there is none."""

    highdicom: float | None
    standard: float


def difference(case: Case, folder: Path) -> Difference:
    """Compare every choice of one file, pixel by pixel: windows in turn, or its LUT, or Auto."""
    buffer = BytesIO()
    case.file().save_as(buffer, enforce_file_format=True)
    path = folder / "case.dcm"
    path.write_bytes(buffer.getvalue())
    radiograph = read_dicom(path)
    assert radiograph.notes == ()
    assert radiograph.padding == case.padded
    stored = case.pixels()
    np.testing.assert_array_equal(radiograph.pixels, stored)
    choices = lut.choices(radiograph)
    as_stored = case.bits == 8 and not case.signed and case.modality == "none"
    own = len(case.windows) or int(case.voi_table is not None or as_stored)
    assert len(choices) == own + 1
    image = opened_by_highdicom(buffer.getvalue())
    inner = slice(_FRAME, -_FRAME) if case.padded else slice(None)
    to_highdicom: list[float] = []
    to_standard: list[float] = []
    for place, voi in enumerate(choices[:-1] if radiograph.voi else choices):
        assert isinstance(voi, lut.Window) or case.voi_table is not None
        choice = place if radiograph.voi else voi
        assert not isinstance(choice, lut.Lut)
        shown = lut.render(radiograph.pixels, lut.display_table(radiograph, voi)).astype(float)
        expected = by_the_standard(case, stored.astype(np.int64), choice)
        to_standard.append(float(np.abs(shown - expected).max()))
        other = by_highdicom(case, image, choice)
        if other is not None:
            to_highdicom.append(float(np.abs(shown - other)[inner, inner].max()))
    return Difference(max(to_highdicom, default=None), max(to_standard))


def rows(photometric: str, bits: int, sign: str, folder: Path) -> Iterator[str]:
    """The table's lines of one kind of pixels; each number covers every modality transform."""
    found: dict[tuple[str, str], list[Difference]] = {}
    for case in cases(photometric, bits, sign):
        found.setdefault((case.voi, case.padding), []).append(difference(case, folder))
    for voi in VOIS:
        cells = [_cell(found[voi, padding]) for padding in PADDINGS]
        yield f"| {' | '.join((photometric, str(bits), sign, voi, *cells))} |"


def written_rows() -> dict[str, list[float]]:
    """The committed table: the case in words → its numbers, NaN for a dash."""
    found: dict[str, list[float]] = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| MONOCHROME[12] \|", line):
            key, numbers = parsed(line)
            found[key] = numbers
    return found


def parsed(line: str) -> tuple[str, list[float]]:
    cells = [cell.strip() for cell in line.strip("| \n").split("|")]
    numbers = [part for cell in cells[4:] for part in cell.split(" / ")]
    return " | ".join(cells[:4]), [float("nan") if n == "—" else float(n) for n in numbers]


def _cell(found: list[Difference]) -> str:
    known = [one.highdicom for one in found if one.highdicom is not None]
    first = f"{max(known):.2f}" if known else "—"
    return f"{first} / {max(one.standard for one in found):.2f}"


def main() -> None:
    lines = list(_HEAD)
    with tempfile.TemporaryDirectory() as folder:
        for photometric, bits, sign in product(PHOTOMETRIC, BITS, SIGNS):
            lines += rows(photometric, bits, sign, Path(folder))
    before = DOCUMENT.read_text(encoding="utf-8")
    table = re.compile(re.escape(_HEAD[0]) + r"\n(\|.*\n)*")
    assert table.search(before), "the document has no table to replace"
    after = table.sub(lambda _: "\n".join(lines) + "\n", before)
    DOCUMENT.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
