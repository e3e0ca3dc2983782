"""torch's two containers are read as torch reads them, and nothing in them is run."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path

import pytest
import torch

from app.errors import AppError
from app.training.unpickling import tensors


@pytest.mark.parametrize("zipped", [True, False])
def test_a_state_comes_back_with_its_shapes_types_and_strides(zipped: bool, tmp_path: Path) -> None:
    shared = torch.arange(24.0)
    state = {
        "matrix": shared.view(4, 6),
        "turned": shared.view(4, 6).t(),
        "part": shared[5:9],
        "one": torch.tensor(3),
        "half": torch.ones(2, dtype=torch.float16),
        "parameter": torch.nn.Parameter(torch.ones(2, 2)),
    }
    torch.save(state, tmp_path / "state.pt", _use_new_zipfile_serialization=zipped)
    found = tensors(tmp_path / "state.pt")
    assert found.keys() == state.keys()
    for name, value in state.items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value)
        assert not found[name].requires_grad


def old_container(body: bytes, keys: list[str], numbers: bytes) -> bytes:
    head = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
    parts = [pickle.dumps(part, 2) for part in head]
    return b"".join([*parts, body, pickle.dumps(keys, 2), numbers])


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"\x80\x02cposix\nsystem\n(X\x04\x00\x00\x00truetR.", "posix.system"),
        (b"\x80\x02cbuiltins\ngetattr\n.", "builtins.getattr"),
        (b"\x80\x02ctorch.nn.modules.conv\nConv2d.__init__\n.", "Conv2d.__init__"),
        (b"\x80\x04\x8c\x05torch\x8c\x04load\x93.", "torch.load"),
    ],
)
def test_a_name_that_is_not_known_is_refused(body: bytes, named: str, tmp_path: Path) -> None:
    file = tmp_path / "x.pt"
    file.write_bytes(old_container(body, [], b""))
    with pytest.raises(AppError) as caught:
        tensors(file)
    assert "more than weights" in caught.value.message
    assert named in caught.value.message


@pytest.mark.parametrize("count", [-1, 0, 2**40])
def test_a_storage_that_lies_about_its_length_is_refused(count: int, tmp_path: Path) -> None:
    file = tmp_path / "state.pt"
    torch.save({"a": torch.ones(3)}, file, _use_new_zipfile_serialization=False)
    content = file.read_bytes()
    assert content[-20:-12] == struct.pack("<q", 3)
    file.write_bytes(content[:-20] + struct.pack("<q", count) + content[-12:])
    with pytest.raises(AppError, match="damaged"):
        tensors(file)


def test_a_view_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.pt"
    torch.save({"a": torch.ones(3, 4)}, file, _use_new_zipfile_serialization=False)
    content = file.read_bytes()
    wider = content.replace(b"K\x03K\x04", b"K\x03K\x40", 1)
    assert wider != content
    file.write_bytes(wider)
    with pytest.raises(AppError, match="damaged"):
        tensors(file)
