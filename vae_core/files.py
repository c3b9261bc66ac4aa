"""Files that a reader never sees half of: written beside themselves and renamed into place."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from vae_core.errors import RunError, UserError


def write_atomically(path: Path, content: bytes) -> None:
    """`path` holds `content`, or what it held before. Raises RunError where it can't be written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise could_not_write(path, error) from error


def remove_file(path: Path) -> None:
    """There is no file at `path`. Raises RunError where the folder is read-only."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise could_not_write(path, error) from error


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None where there is no file. Raises RunError where it is anything else."""
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path} is not valid JSON: delete it, or make it again.") from error
    if not isinstance(content, dict):
        raise RunError(f"{path} is not a JSON object: delete it, or make it again.")
    return content


def could_not_write(path: Path, error: OSError) -> UserError:
    """The sentence for a file that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return RunError(f"There is no space left to write {path}: free some, then go on with what was saved before.")
    return RunError(f"{path} can't be written ({error.strerror}): choose a folder that you may write to.")


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """`path` becomes a compressed .npz of the named arrays."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_atomically(path, buffer.getvalue())


def read_arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The arrays of a .npz, nothing unpickled. Raises RunError where it is missing, broken or lacks one of `names`."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise RunError(f"There is no file {path}.") from None
    except (OSError, ValueError, EOFError, TypeError, RuntimeError, BadZipFile, zlib.error) as error:
        raise RunError(f"{path} is not a whole .npz file of plain arrays: make or fetch it again.") from error
    for name in names:
        if name not in arrays:
            raise RunError(f"{path} has no array {name}; it holds {', '.join(arrays) or 'none'}.")
    return arrays
