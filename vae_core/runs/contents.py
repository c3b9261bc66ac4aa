"""The contents of a run's folder, by exact names, so that no foreign file is ever removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from vae_core.files import remove_file

LOG = "log.txt"  # what a process of the page's says while it trains

_OF_A_RUN = (
    r"(config|control|about|card)\.json|records\.jsonl|(preview|codes)\.npz|model\.safetensors|log\.txt"
    r"|snapshots/\d{9,10}\.(npz|safetensors)|state/(lock|state\.safetensors)"
)
_BEFORE_ITS_SETTINGS = r"(about|control)\.json|log\.txt|snapshots/0{9}\.(npz|safetensors)|state/lock"
_LITTER = r"(snapshots/|state/)?(\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)"  # of file managers, nobody's own

_is_of_a_run = re.compile(_OF_A_RUN, re.ASCII).fullmatch
_is_before_settings = re.compile(_BEFORE_ITS_SETTINGS, re.ASCII).fullmatch
_is_litter = re.compile(_LITTER).fullmatch
_half_written = re.compile(r"(.*/)?\.([^/]+)\.\d+-\d+\.partial", re.ASCII).fullmatch  # by `files.write_atomically`
_FOLDERS = ("snapshots", "state")


def stranger(folder: Path) -> str | None:
    """The first foreign entry of a run's folder, by its relative name; None if there is none."""
    return _first_beside(folder, _is_of_a_run)


def stranger_before_settings(folder: Path) -> str | None:
    """The first foreign entry of the folder of a run without settings yet."""
    return _first_beside(folder, _is_before_settings)


def remove_half_written(folder: Path) -> None:
    """Removes partial files of a run left by a killed process. Raises RunError if they can't be removed."""
    for path in _files(folder):
        if (found := _half_written(_called(path, folder))) and _is_of_a_run((found[1] or "") + found[2]):
            remove_file(path)


def remove_unbegun(folder: Path) -> None:
    """Removes the folder of a run without settings, unless it contains a foreign file."""
    with suppress(OSError):
        if stranger_before_settings(folder) is not None:
            return
        for path in _files(folder):
            path.unlink()
        for path in (*(folder / name for name in _FOLDERS), folder):
            with suppress(FileNotFoundError):
                path.rmdir()


def _first_beside(folder: Path, is_known: Callable[[str], object]) -> str | None:
    for path in sorted(_files(folder)):
        called = _called(path, folder)
        half = _half_written(called)
        written = (half[1] or "") + half[2] if half else called
        if not (is_known(written) or _is_litter(called)):
            return called
    return None


def _files(folder: Path) -> Iterator[Path]:
    """All entries of the folder, and of those of its folders that belong to a run."""
    for path in list(folder.iterdir()):
        if path.name in _FOLDERS and path.is_dir() and not path.is_symlink():
            yield from list(path.iterdir())
        else:
            yield path


def _called(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
