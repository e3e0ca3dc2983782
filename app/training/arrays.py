"""Arrays as .npy files, so that a full disk is told."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


def write(stream: BinaryIO, array: NDArray[Any]) -> None:
    """Write ``array`` so that ``np.load`` reads it, also as a memory map.

    Raises OSError when there is no room. ``np.save`` writes past Python's own stream: on a full
    disk it loses the end of an array without a word, or raises an OSError that names no reason.
    """
    array = np.ascontiguousarray(array)
    header = np.lib.format.header_data_from_array_1_0(array)
    np.lib.format.write_array_header_1_0(stream, header)
    stream.write(array.data)
