"""Files that are written atomically: as a partial file, then renamed into place."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vae_core.errors import BrokenError, MissingError, StorageError, UserError

MAX_DIGITS = 18  # of a whole number: then it fits into 64 bits
MAX_NESTED = 32  # objects and lists in each other; a run's files have up to 6


def write_atomically(path: Path, content: bytes) -> None:
    """Writes `content` to `path` completely or not at all. Raises RunError if it can't be written.

    No folder is made: one that was there and has been moved or deleted is not to come back.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise could_not_write(path, error) from error


def make_folder(folder: Path, and_above: bool = True) -> None:
    """There is a folder at `folder`. Raises RunError where it can't be made, or without `and_above` the one above it is
    not there."""
    try:
        folder.mkdir(parents=and_above, exist_ok=True)
    except OSError as error:
        raise could_not_write(folder, error) from error


def remove_file(path: Path) -> None:
    """Removes the file at `path`, if there is one. Raises RunError if the folder is read-only."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise could_not_write(path, error) from error


def open_to_read(path: Path) -> BinaryIO:
    """The file, opened. Raises FileNotFoundError if there is none, and RunError if it can't be opened.

    What is no file but bears its name (a folder, a pipe that nobody writes to) is not waited for.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BrokenError(f"{path} is not a file: move it away, then make or fetch it again.")
        return path.open("rb")
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise could_not_read(path, error) from error


def read_file(path: Path) -> bytes:
    """The content of a file; raises as `open_to_read` does."""
    try:
        with open_to_read(path) as file:
            return file.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise could_not_read(path, error) from error


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None if there is no file. Raises RunError if it contains anything else."""
    try:
        content = parse_json(read_file(path))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BrokenError(f"{path} is not valid JSON: delete it, or make it again.") from error
    if not isinstance(content, dict):
        raise BrokenError(f"{path} is not a JSON object: delete it, or make it again.")
    return content


def parse_json(text: bytes, gaps: bool = False) -> Any:
    """The value of a JSON text, restricted to values that every JSON reader can hold and write again.

    Raises ValueError where it is none, where a number is not finite or a whole one takes more than 64 bits, where a
    text has half a character, and where there is more in each other than any file of a run has. With `gaps` numbers
    that are not finite become None.
    """

    def number(digits: str) -> float | None:
        value = float(digits)
        if not math.isfinite(value) and not gaps:
            raise ValueError(f"{digits[:20]} is not a finite number")
        return value if math.isfinite(value) else None

    try:
        content = json.loads(text.decode("utf-8-sig"), parse_int=_whole, parse_float=number, parse_constant=number)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _check_plain(content, 0)
    return content


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"{digits[:20]}… is too large a number")
    return int(digits)


def _check_plain(value: Any, depth: int) -> None:
    """Raises ValueError if something in `value` can't be encoded, or is nested too deep."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict | list):
        if depth == MAX_NESTED:
            raise ValueError("it is nested too deeply")
        for part in value if isinstance(value, list) else (*value, *value.values()):
            _check_plain(part, depth + 1)


def could_not_read(path: Path, error: Exception) -> UserError:
    """The error for a file that exists and could not be read."""
    return BrokenError(f"{path} can't be read ({getattr(error, 'strerror', None) or error}).")


def could_not_write(path: Path, error: OSError) -> UserError:
    """The error for a file that could not be written."""
    if isinstance(error, FileNotFoundError):
        gone = next((above for above in reversed(path.parents) if not above.exists()), path)
        return MissingError(f"{gone} is no longer there: it was moved or deleted meanwhile.")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageError(
            f"There is no space left to write {path}: free some, then go on with what was saved before."
        )
    return StorageError(f"{path} can't be written ({error.strerror}): choose a folder that you may write to.")


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes the named arrays to `path` as a compressed .npz."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_atomically(path, buffer.getvalue())


def read_arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The arrays of a .npz, nothing unpickled. Raises RunError if it is missing, broken or lacks one of `names`.

    They hold texts, truth values, or numbers of at most 64 bits, in this machine's order of bytes.
    """
    try:
        with open_to_read(path) as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: _native(archive[name]) for name in archive.files}
    except FileNotFoundError:
        raise MissingError(f"There is no file {path}.") from None
    except UserError:
        raise
    except Exception as error:  # numpy, its parser of headers, zipfile and zlib raise a dozen kinds, and new ones
        raise BrokenError(f"{path} is not a whole .npz file of plain arrays: make or fetch it again.") from error
    for name in names:
        if name not in arrays:
            raise BrokenError(f"{path} has no array {name}; it holds {', '.join(arrays) or 'none'}.")
    return arrays


def _native(array: np.ndarray) -> np.ndarray:
    """The same array in a type that every library reads. Raises TypeError if there is none."""
    if array.dtype.kind not in "SU" and (array.dtype.kind not in "biuf" or array.itemsize > 8):
        raise TypeError(f"{array.dtype} is not plain")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


@contextmanager
def reading_tensors(path: Path) -> Iterator[None]:
    """Opens the safetensors file at `path` for reading. Raises RunError if it is missing or broken."""
    try:
        open_to_read(path).close()
        yield
    except FileNotFoundError:
        raise MissingError(f"There is no file {path}: the run has not been trained yet.") from None
    except UserError:
        raise
    except Exception as error:  # a broken one is a SafetensorError, an unknown type of numbers is anything
        raise BrokenError(f"{path} is not a whole safetensors file: restore it, or train again.") from error
