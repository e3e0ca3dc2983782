"""torch's files, read without running anything that they hold.

A file of torch is a pickle with numbers beside it, and a pickle may call whatever it names. Here it
may name nothing but tensors and the modules of a DenseNet, and for those modules inert stand-ins
are built, which keep their state and do nothing.

Two containers are read. The zip file of torch since 1.6 goes through ``torch.load(weights_only =
True)`` with the stand-ins allowed by name. The old container is read here: where it holds a whole
module, as torchxrayvision's files do, it refers to the module's classes in a way that torch's
weights-only reader refuses.
"""

from __future__ import annotations

import math
import pickle
import re
import struct
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from app.errors import AppError

_HINT = "Use a file of weights as its makers distribute it."

_MAGIC = 0x1950A86A20F9469CFC6C
"""What torch's old container begins with, pickled."""

_DEEPEST = 8
"""Levels of modules in a DenseNet: 4, and a wrapper's."""

_MODULES = {
    "torchxrayvision.models": ("DenseNet", "_DenseBlock", "_DenseLayer", "_Transition"),
    "torch.nn.modules.activation": ("ReLU",),
    "torch.nn.modules.batchnorm": ("BatchNorm2d",),
    "torch.nn.modules.container": ("Sequential",),
    "torch.nn.modules.conv": ("Conv2d",),
    "torch.nn.modules.linear": ("Linear",),
    "torch.nn.modules.pooling": ("AvgPool2d", "MaxPool2d"),
    "torch.nn.backends.thnn": ("_get_thnn_function_backend",),  # modules of torch before 1.4
}
"""What a pickled DenseNet may name."""

_STORAGES = {
    "torch.FloatStorage": torch.float32,
    "torch.DoubleStorage": torch.float64,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}

_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    struct.error,
    zipfile.BadZipFile,
)
"""What reading raises at a file that is cut off, altered or none of its kind."""


class Inert:
    """Takes the place of a pickled module: keeps its state and does nothing."""

    state: Mapping[str, Any]

    def __new__(cls, *_: object) -> Inert:
        made = object.__new__(cls)
        made.state = {}
        return made

    def __init__(self, *_: object) -> None:
        """Whatever a file passes is not looked at."""

    def __setstate__(self, state: object) -> None:
        self.state = state if isinstance(state, dict) else {}


STAND_INS: tuple[tuple[type[Inert], str], ...] = tuple(
    (type(name, (Inert,), {}), f"{module}.{name}")
    for module, names in _MODULES.items()
    for name in names
)
"""The classes that are built instead, and the names that they stand for."""


def tensors(file: Path) -> dict[str, Tensor]:
    """The named tensors of the state, or of the module, in one of torch's files, on the CPU.

    A state may be wrapped in an entry ``state_dict``. Raises AppError when the file can't be read,
    is damaged, or names more than weights and the modules of a DenseNet.
    """
    try:
        found = _of_zip(file) if zipfile.is_zipfile(file) else _of_old(file)
        return dict(_named(found))
    except OSError as error:
        raise AppError(f"{file} can't be read: {error.strerror or error}.", _HINT) from error
    except _BROKEN as error:
        named = re.search(r"GLOBAL (\S+)", str(error))
        if named:
            raise AppError(
                f"{file} was not opened, because it holds more than weights: it names {named[1]}.",
                _HINT,
            ) from error
        raise AppError(f"{file} is damaged or no file of weights.", _HINT) from error


def _of_zip(file: Path) -> object:
    with warnings.catch_warnings(), torch.serialization.safe_globals(list(STAND_INS)):
        warnings.simplefilter("ignore")  # of pickle protocols that torch did not write
        return torch.load(file, map_location="cpu", weights_only=True)


def _of_old(file: Path) -> object:
    with file.open("rb") as stream:
        if _Reader(stream).load() != _MAGIC:
            raise ValueError("no container of torch")
        for _ in ("version", "machine"):
            _Reader(stream).load()
        reader = _Reader(stream)
        found = reader.load()
        size = file.stat().st_size
        for key in _Reader(stream).load():
            reader.storages[key].fill(stream, size)
    return found


@dataclass
class _Storage:
    """Numbers that tensors share; they follow after the pickle."""

    dtype: torch.dtype
    values: Tensor | None = None

    def fill(self, stream: BinaryIO, size: int) -> None:
        (count,) = struct.unpack("<q", stream.read(8))
        length = count * self.dtype.itemsize
        if not 0 < length <= size:
            raise ValueError("a storage longer than its file")
        self.values = torch.frombuffer(bytearray(stream.read(length)), dtype=self.dtype)


@dataclass(frozen=True)
class _View:
    """A tensor's part in a storage, before the numbers are there."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def tensor(self) -> Tensor:
        if self.storage.values is None:
            raise ValueError("a tensor without its numbers")
        if math.prod(self.size) > self.storage.values.numel():
            raise ValueError("a tensor larger than its storage")
        return self.storage.values.as_strided(self.size, self.stride, self.offset).clone()


def _view(storage: object, offset: int, size: Any, stride: Any, *_: object) -> _View:
    if not isinstance(storage, _Storage):
        raise TypeError("a tensor without a storage")
    return _View(storage, int(offset), tuple(map(int, size)), tuple(map(int, stride)))


def _parameter(data: object, *_: object) -> object:
    return data


class _Reader(pickle.Unpickler):
    """Knows the names below and no others, so that nothing else can be called (Python's manual,
    "Restricting Globals").
    """

    _known: Mapping[str, type | Callable[..., object] | torch.dtype] = {
        "collections.OrderedDict": OrderedDict,
        "builtins.set": set,
        "__builtin__.set": set,
        "torch._utils._rebuild_tensor": _view,
        "torch._utils._rebuild_tensor_v2": _view,
        "torch._utils._rebuild_parameter": _parameter,
        **{name: stand_in for stand_in, name in STAND_INS},
        **_STORAGES,
    }

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, encoding="latin1")
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full not in self._known:
            raise pickle.UnpicklingError(f"GLOBAL {full} is not among the names that are known")
        return self._known[full]

    def persistent_load(self, pid: Any) -> Any:
        """A class with its source, of which the class is taken, or a storage."""
        if pid[0] == "module":
            return pid[1]
        if pid[0] != "storage" or not isinstance(pid[1], torch.dtype) or pid[5] is not None:
            raise pickle.UnpicklingError("neither a module nor a storage")
        return self.storages.setdefault(str(pid[2]), _Storage(pid[1]))


def _named(found: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Tensor]]:
    """The named tensors of a state, of a state wrapped in one, or of a pickled module."""
    if depth > _DEEPEST:
        return
    if isinstance(found, Inert):
        for part in ("_parameters", "_buffers", "_modules"):
            yield from _named(found.state.get(part), prefix, depth)
    elif isinstance(found, Mapping):
        for name, value in found.items():
            if isinstance(value, Tensor):
                yield f"{prefix}{name}", value.detach()
            elif isinstance(value, _View):
                yield f"{prefix}{name}", value.tensor()
            elif isinstance(value, Inert):
                yield from _named(value, f"{prefix}{name}.", depth + 1)
            elif name == "state_dict":
                yield from _named(value, prefix, depth + 1)
