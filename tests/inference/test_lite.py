"""The small network of the gate: its shipped file, its shapes, and that no other file is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from app.errors import ModelError
from app.inference import lite
from app.paths import shipped_gate

FILE = shipped_gate() / "lite0.safetensors"


@pytest.fixture(scope="module")
def network() -> lite.LiteEncoder:
    return lite.load(FILE)


@pytest.mark.parametrize("side", [64, 100, 160])
def test_an_image_becomes_a_grid_of_features(network: lite.LiteEncoder, side: int) -> None:
    with torch.inference_mode():
        grid = network(torch.zeros(2, 1, side, side))
    cells = -(-side // lite.STRIDE)  # padded as TensorFlow's "SAME"
    assert grid.shape == (2, lite.CHANNELS, cells, cells)
    assert bool((grid >= 0).all())
    assert bool((grid <= 6).all())  # ReLU6


def test_it_sees_what_is_in_a_picture(network: lite.LiteEncoder) -> None:
    plain = torch.zeros(1, 1, 64, 64)
    striped = plain.clone()
    striped[..., ::8] = 2.0
    with torch.inference_mode():
        assert not torch.allclose(network(plain), network(striped), atol=0.1)


def test_a_picture_is_judged_alone_as_in_a_batch(network: lite.LiteEncoder) -> None:
    pair = torch.randn(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(network(pair)[1:], network(pair[1:]), atol=1e-3, rtol=1e-3)


def test_folded_it_gives_the_same_numbers(network: lite.LiteEncoder) -> None:
    picture = torch.randn(1, 1, 96, 96, generator=torch.Generator().manual_seed(1))
    folded = lite.folded(lite.load(FILE))
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in folded.modules())
    with torch.inference_mode():
        torch.testing.assert_close(folded(picture), network(picture), atol=1e-3, rtol=1e-3)


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    data = bytearray(FILE.read_bytes())
    data[-1] ^= 1
    altered = tmp_path / "lite0.safetensors"
    altered.write_bytes(data)
    with pytest.raises(ModelError, match=r"lite0\.safetensors is cut off or altered"):
        lite.load(altered)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.safetensors can't be read"):
        lite.load(tmp_path / "none.safetensors")
