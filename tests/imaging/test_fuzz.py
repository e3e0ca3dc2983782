"""A few of the damaged files that ``fuzz_dicom.py`` makes by the thousand, every time."""

from __future__ import annotations

import sys

import fuzz_dicom
import pytest


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="watches memory through /proc")
def test_no_damaged_file_ends_hangs_or_fills_the_program() -> None:
    results = list(fuzz_dicom.run(count=150, seed=7, workers=1))
    assert [
        f"{r['number']}: {why}" for r in results if (why := fuzz_dicom.wrong(r, timed=False))
    ] == []
    outcomes = [result["outcome"] for result in results]
    assert min(outcomes.count("shown"), outcomes.count("refused")) > 20
