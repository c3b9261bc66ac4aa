"""The names of runs that are to come: each is claimed before its folder is there, so that no two take the same.

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
MOST_NOTE_BYTES = 100_000


class Claim:
    """A run's name that nobody else takes, and a note on what is to come."""

    def __init__(self, folder: Path, file: BinaryIO) -> None:
        """Made by the functions below; `folder` is where the run lies, or is to lie."""
        self.folder = folder
        self._file, self._known_as = file, os.fstat(file.fileno())

    @property
    def note(self) -> dict[str, Any]:
        """What was written last; empty where nothing was, or not to its end."""
        try:
            self._file.seek(0)
            note = json.loads(self._file.read(MOST_NOTE_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return note if isinstance(note, dict) else {}

    def write(self, **changes: Any) -> None:
        """Changes what the note says. Raises RunError where the disk is full."""
        content = json.dumps(self.note | changes).encode()
        try:
            self._file.truncate(0)
            self._file.write(content)  # at the end, which is the beginning
            self._file.flush()
        except OSError as error:
            raise could_not_write(_file_of(self.folder), error) from error

    def fileno(self) -> int:
        """For a process that is to hold the claim too: it does until its end, though this one leaves it."""
        return self._file.fileno()

    def leave(self) -> None:
        """This process holds the claim no more; the note stays."""
        self._file.close()

    def release(self) -> None:
        """The name is free again, but for a folder that has it."""
        path = _file_of(self.folder)
        with suppress(OSError):
            if os.path.samestat(self._known_as, path.stat()):
                path.unlink()
        self._file.close()


def claim(folder: Path) -> Claim | None:
    """The name of a new run in `folder`; None where it is taken. Raises RunError where nothing can be written there."""
    if (SHIPPED / folder.name).exists():
        return None
    claimed = _hold(folder)
    if claimed and (claimed.note or os.path.lexists(folder)):  # a note: of a run that never came, yet to be told
        claimed.leave() if claimed.note else claimed.release()
        return None
    return claimed


def claim_existing(folder: Path) -> Claim | None:
    """The name of the run in `folder`, which is to go on; None where somebody else has it already."""
    return _hold(folder)


def claim_free(parent: Path, candidates: Iterable[Sequence[str]]) -> list[Claim]:
    """The first of the `candidates` in `parent` of which every name is free, claimed. Raises RunError as `claim`."""
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
    """`stem`, `stem`-2, `stem`-3 ..., each a candidate."""
    return ([stem if number == 1 else f"{stem}-{number}"] for number in count(1))


def is_claimed(folder: Path) -> bool:
    """Whether a process holds the name of this folder: its run is to come, to go on, or has just begun."""
    return is_locked(_file_of(folder))


def left_claims(parent: Path) -> list[Claim]:
    """The claims in `parent` whose processes have ended without releasing them, held now by this one."""
    folder = parent / workshop.FOLDER / CLAIMS
    if not workshop.is_ours(folder.parent) or folder.is_symlink():
        return []
    with suppress(OSError):  # none yet, or a disk that nothing can be written to
        return [claimed for path in sorted(folder.iterdir()) if (claimed := _held(parent / path.name, path))]
    return []


def usual_name(model: ModelConfig, data_name: str) -> str:
    """What a run of that model and data is called, but for a number, where nobody has said."""
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
