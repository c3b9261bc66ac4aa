"""Locks between processes: files that the system frees however their holder ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from vae_core.errors import RunError
from vae_core.files import could_not_write, make_folder

SECONDS_TO_TRY = 0.2  # somebody who only asks whether it is held keeps it for a moment


@contextmanager
def locked(path: Path, otherwise: str) -> Iterator[None]:
    """Nobody else holds the lock file at `path` meanwhile. Raises RunError, saying `otherwise`, where somebody does."""
    make_folder(path.parent, and_above=False)  # the lock itself would make those above too
    try:
        lock = FileLock(path, timeout=SECONDS_TO_TRY).acquire()
    except Timeout:
        raise RunError(otherwise) from None
    except OSError as error:
        raise could_not_write(path, error) from error
    with lock:
        yield


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock file at `path`; asking hinders nobody else who asks."""
    try:
        import fcntl  # here, for Windows has none
    except ImportError:
        return _is_locked_exclusively(path)
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # nobody has ever locked it
        return False
    return False


def _is_locked_exclusively(path: Path) -> bool:
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
