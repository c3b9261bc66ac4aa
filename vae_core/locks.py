"""Locks between processes: files that the system unlocks when their holder ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from vae_core.errors import BusyError
from vae_core.files import could_not_write, make_folder

SECONDS_TO_TRY = 0.2  # somebody who only asks whether it is held keeps it for a moment
SECONDS_BETWEEN_TRIES = 0.01


@contextmanager
def locked(path: Path, otherwise: str) -> Iterator[None]:
    """Holds the lock file at `path`. Raises RunError with `message` if another process or thread holds it."""
    make_folder(path.parent, and_above=False)  # the lock itself would make those above too
    try:
        lock = FileLock(path, timeout=SECONDS_TO_TRY).acquire()
    except Timeout:
        raise BusyError(otherwise) from None
    except OSError as error:
        raise could_not_write(path, error) from error
    with lock:
        yield


def hold(path: Path) -> BinaryIO | None:
    """The lock file at `path`, held until this file is closed; None if it is held elsewhere.

    Handed to another process, it is held until that has ended too (not on Windows). Who removes a lock file does so
    while holding it. Raises OSError where it can't be written.
    """
    deadline = time.monotonic() + SECONDS_TO_TRY
    while True:
        file = path.open("a+b")
        if _lock(file):
            if _is_at(file, path):
                return file
        elif time.monotonic() > deadline:
            file.close()
            return None
        else:
            time.sleep(SECONDS_BETWEEN_TRIES)
        file.close()


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock file at `path`; concurrent checks don't disturb each other."""
    if sys.platform == "win32":
        return _is_locked_exclusively(path)
    import fcntl  # here, for Windows has none

    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # nobody has ever locked it
        return False
    return False


def _lock(file: BinaryIO) -> bool:
    """Locks the file for this process; whether it could."""
    if sys.platform == "win32":
        import msvcrt

        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # here, for Windows has none

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(file: BinaryIO, path: Path) -> bool:
    """Whether the file is still at `path`, not removed between opening and locking."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _is_locked_exclusively(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
