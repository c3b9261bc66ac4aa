"""Our own folder, `.halfmoon`, beside a user's files, for everything half-made or half-deleted.

It is ours where it carries a mark that only we write, and what is cleared lies in it: nothing else is ever removed.
Each piece of work has a lock, so that none is cleared of which a process still lives.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from vae_core.errors import StorageError
from vae_core.files import could_not_write
from vae_core.locks import hold

FOLDER = ".halfmoon"
MARK = "mark.txt"
MARK_TEXT = b"Halfmoon keeps here what it has half made or half deleted, and clears it. Keep nothing of yours here.\n"

_is_work = re.compile(r"[0-9a-f]{32}").fullmatch


def own_folder(parent: Path) -> Path:
    """Our own folder in `parent`, made if missing. Raises RunError if it can't be made, or isn't ours."""
    folder = parent / FOLDER
    try:
        if not folder.is_symlink():
            folder.mkdir(parents=True, exist_ok=True)
            if _is_bare(folder):
                _write_mark(folder / MARK)
    except FileExistsError:  # a file
        pass
    except OSError as error:
        raise could_not_write(folder, error) from error
    if not is_ours(folder):
        raise StorageError(
            f"{folder} is where Halfmoon keeps what is half made, but Halfmoon has not made it: rename it."
        )
    return folder


def is_ours(folder: Path) -> bool:
    """Whether this folder is ours: a folder itself and no link, with our mark in it."""
    mark = folder / MARK
    try:
        return not folder.is_symlink() and not mark.is_symlink() and mark.read_bytes() == MARK_TEXT
    except OSError:
        return False


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """A new empty folder on the disk of `parent`, removed at the end with everything still in it.

    Raises RunError where there can be none.
    """
    folder = own_folder(parent) / uuid4().hex
    lock = _lock_of(folder)
    try:
        held = hold(lock)
        folder.mkdir()
    except OSError as error:
        raise could_not_write(folder, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove(lock)
        if held:
            held.close()


def clear(parent: Path) -> None:
    """Removes what killed processes left in our folder in `parent`, if that is ours."""
    folder = parent / FOLDER
    if not is_ours(folder):
        return
    with suppress(OSError):
        for name in {path.stem for path in folder.iterdir()}:
            if _is_work(name):
                _clear(folder / name)


def _clear(folder: Path) -> None:
    with suppress(OSError):
        held = hold(_lock_of(folder))
        if held:
            shutil.rmtree(folder, ignore_errors=True)
            _remove(_lock_of(folder))
            held.close()


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _remove(lock: Path) -> None:
    with suppress(OSError):  # Windows keeps it until it is closed; the next `clear` finds it
        lock.unlink()


def _write_mark(path: Path) -> None:
    """Writes the mark over any part of it: two processes may do so at the same time."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o644), "wb") as file:
        file.write(MARK_TEXT)


def _is_bare(folder: Path) -> bool:
    """Whether it is empty, or has a mark without a byte, left by a kill."""
    content = list(folder.iterdir())
    return not content or (content == [folder / MARK] and content[0].is_file() and content[0].stat().st_size == 0)
