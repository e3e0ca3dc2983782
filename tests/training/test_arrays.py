"""Arrays are written whole, or what stood in the way is told."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from app.training import arrays


@pytest.mark.parametrize("shape", [(3,), (0, 2), (4, 2, 3)])
def test_what_is_written_is_mapped_again(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=np.float16).reshape(shape)
    file = tmp_path / "array.npy"
    with file.open("wb") as stream:
        arrays.write(stream, array)
    assert np.array_equal(np.load(file), array)
    assert np.load(file).dtype == array.dtype
    if array.size:
        assert np.array_equal(np.load(file, mmap_mode="r"), array)


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
@pytest.mark.parametrize("size", [1000, 100_000])
def test_an_array_that_finds_no_room_is_told(tmp_path: Path, size: int) -> None:
    """np.save loses the end of the small one without a word."""
    import resource

    def write() -> None:
        with (tmp_path / "array.npy").open("wb") as stream:
            arrays.write(stream, np.ones(size, np.uint8))

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2 + 200, hard))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno is not None
