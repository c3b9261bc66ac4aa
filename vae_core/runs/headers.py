"""The headers of array and tensor files: types and shapes, without reading the data."""

from __future__ import annotations

import json
import math
import struct
import tokenize
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple
from zipfile import BadZipFile, ZipFile

import numpy as np

from vae_core.errors import BrokenError

MAX_TENSOR_HEADER_BYTES = 1_000_000  # a layer takes about 150
MAX_ARRAYS = 100
ITEM_BYTES = {"F16": 2, "BF16": 2, "F32": 4}
BROKEN = (
    *(BadZipFile, zlib.error, struct.error, tokenize.TokenError, SyntaxError, EOFError, ValueError, LookupError),
    *(TypeError, AttributeError, RuntimeError, ArithmeticError, MemoryError),
)
"""What the readers of zips, arrays and JSON raise where a file is not what they expect."""


class Header(NamedTuple):
    """One array or tensor: its type as numpy or safetensors writes it ("<f4", "F32"), and its shape."""

    dtype: str
    shape: tuple[int, ...]


def array_headers(file: IO[bytes], name: str) -> dict[str, Header]:
    """The arrays of a .npz, each as large as its header says. Raises RunError if one is not."""
    with _whole(f"{name} is not a whole .npz file of plain arrays: make or fetch it again."), ZipFile(file) as archive:
        members = archive.infolist()
        if len({info.filename for info in members}) < len(members) or len(members) > MAX_ARRAYS:
            raise ValueError
        headers = {}
        for info in members:
            with archive.open(info) as member:
                headers[info.filename.removesuffix(".npy")] = _array_header(member, info.file_size)
        return headers


def tensor_headers(file: IO[bytes], size: int, name: str) -> dict[str, Header]:
    """The tensors of a safetensors file of `size` bytes, which fill it exactly. Raises RunError if not."""
    with _whole(f"{name} is not a whole safetensors file: restore it, or train again."):
        (length,) = struct.unpack("<Q", file.read(8))
        if length > MAX_TENSOR_HEADER_BYTES:
            raise ValueError
        described = json.loads(file.read(length))
        described.pop("__metadata__", None)
        headers = {key: Header(one["dtype"], tuple(map(_length, one["shape"]))) for key, one in described.items()}
        if sum(ITEM_BYTES.get(one.dtype, 8) * math.prod(one.shape) for one in headers.values()) != size - 8 - length:
            raise ValueError
        return headers


@contextmanager
def _whole(sentence: str) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        raise BrokenError(sentence) from error


def _array_header(member: IO[bytes], size: int) -> Header:
    """Raises ValueError if the array would be pickled, or is not as large as `size` says."""
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(member)
    if dtype.hasobject or math.prod(map(_length, shape)) * dtype.itemsize != size - member.tell():
        raise ValueError
    return Header(dtype.str, shape)


def _length(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value
