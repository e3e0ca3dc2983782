"""The whole matrix of gray images, pixel by pixel against highdicom and against PS3.3 C.11.

2,304 files: polarity × bits stored × sign × VOI × modality transform × padding.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rendering_cases import BITS, PHOTOMETRIC, SIGNS, VOIS
from rendering_table import parsed, rows, written_rows


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("photometric", PHOTOMETRIC)
def test_no_gray_is_off_and_the_written_table_says_so(
    photometric: str, bits: int, sign: str, tmp_path: Path
) -> None:
    written = written_rows()
    for line in rows(photometric, bits, sign, tmp_path):
        case, numbers = parsed(line)
        # Half a level is the rounding to whole gray levels; nothing else may differ.
        assert np.nanmax(numbers) < 0.51, case
        np.testing.assert_allclose(written[case], numbers, atol=0.011, err_msg=case)


def test_the_written_table_has_every_row_and_no_other() -> None:
    assert len(written_rows()) == len(PHOTOMETRIC) * len(BITS) * len(SIGNS) * len(VOIS)
