"""Names reserved for coming runs: each is claimed before its folder exists, so that none is taken twice.

A claim is a file in our own folder beside the runs, locked as long as the process lives that is to make the run: the
servers and commands that share the runs tell each other by it. One that nobody holds any more says what was to come
when its server was killed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from vae_core import workshop
from vae_core.configs import ModelConfig
from vae_core.errors import BusyError
from vae_core.files import could_not_write
from vae_core.locks import hold, is_locked
from vae_core.places import SHIPPED

CLAIMS = "names"
MAX_NOTE_BYTES = 100_000


class Claim:
    """A run's name, reserved for this process, and a note on the coming run."""

    def __init__(self, folder: Path, file: BinaryIO) -> None:
        """Made by the functions below; `folder` is the present or future folder of the run."""
        self.folder = folder
        self._file, self._known_as = file, os.fstat(file.fileno())

    @property
    def note(self) -> dict[str, Any]:
        """The last note; empty if there is none, or only an incomplete one."""
        try:
            self._file.seek(0)
            note = json.loads(self._file.read(MAX_NOTE_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return note if isinstance(note, dict) else {}

    def write(self, **changes: Any) -> None:
        """Updates the note. Raises RunError if the disk is full."""
        content = json.dumps(self.note | changes).encode()
        try:
            self._file.truncate(0)
            self._file.write(content)  # at the end, which is the beginning
            self._file.flush()
        except OSError as error:
            raise could_not_write(_file_of(self.folder), error) from error

    def fileno(self) -> int:
        """The descriptor for another process, which then holds the claim until its end, even after `leave`."""
        return self._file.fileno()

    def leave(self) -> None:
        """Ends this process's hold of the claim; the note stays."""
        self._file.close()

    def release(self) -> None:
        """Frees the name, unless a folder has it by now."""
        path = _file_of(self.folder)
        with suppress(OSError):
            if os.path.samestat(self._known_as, path.stat()):
                path.unlink()
        self._file.close()


def claim(folder: Path) -> Claim | None:
    """Claims the name of a new run in `folder`; None if it is taken. Raises RunError if the disk can't be written."""
    if (SHIPPED / folder.name).exists():
        return None
    claimed = _hold(folder)
    if claimed and (claimed.note or os.path.lexists(folder)):  # a note: of a run that never came, yet to be told
        claimed.leave() if claimed.note else claimed.release()
        return None
    return claimed


def claim_existing(folder: Path) -> Claim | None:
    """Claims the name of the run in `folder`, which is to continue; None if it is claimed already."""
    return _hold(folder)


def claim_free(parent: Path, candidates: Iterable[Sequence[str]]) -> list[Claim]:
    """Claims the names of the first of the `candidates` in `parent` that are all free. Raises RunError as `claim`."""
    for names in candidates:
        claims: list[Claim] = []
        for name in names:
            if (claimed := claim(parent / name)) is None:
                break
            claims.append(claimed)
        else:
            return claims
        for claimed in claims:
            claimed.release()
    raise BusyError(f"There is no free name for a run in {parent}.")


def numbered(stem: str) -> Iterator[list[str]]:
    """The candidates `stem`, `stem`-2, `stem`-3 ..."""
    return ([stem if number == 1 else f"{stem}-{number}"] for number in count(1))


def is_claimed(folder: Path) -> bool:
    """Whether a process holds the name of this folder: its run is coming, continuing, or has just begun."""
    return is_locked(_file_of(folder))


def left_claims(parent: Path) -> list[Claim]:
    """The claims in `parent` whose processes ended without releasing them, now held by this process."""
    folder = parent / workshop.FOLDER / CLAIMS
    if not workshop.is_ours(folder.parent) or folder.is_symlink():
        return []
    with suppress(OSError):  # none yet, or a disk that nothing can be written to
        return [claimed for path in sorted(folder.iterdir()) if (claimed := _held(parent / path.name, path))]
    return []


def usual_name(model: ModelConfig, data_name: str) -> str:
    """The default name of a run of that model and data, without a number."""
    return f"{data_name}-{model.kind}-{model.latent_dim}d"


def _hold(folder: Path) -> Claim | None:
    path = workshop.own_folder(folder.parent) / CLAIMS / folder.name
    try:
        path.parent.mkdir(exist_ok=True)
        return _held(folder, path)
    except OSError as error:
        raise could_not_write(path, error) from error


def _held(folder: Path, path: Path) -> Claim | None:
    file = hold(path)
    return None if file is None else Claim(folder, file)


def _file_of(folder: Path) -> Path:
    return folder.parent / workshop.FOLDER / CLAIMS / folder.name
