"""The shelf of runs: lists, finds and deletes them by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vae_core.errors import BusyError, RunError, StorageError
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.contents import stranger
from vae_core.runs.run import Run
from vae_core.workshop import workspace


def look_through(*folders: Path) -> Iterator[Run]:
    """The possible runs directly in `folders`, by name, readable or not; hidden folders are skipped."""
    for folder in folders:
        for config_file in sorted(folder.glob("*/config.json")):
            if not config_file.parent.name.startswith("."):  # half-written
                yield Run(config_file.parent)


def list_runs(*folders: Path) -> Iterator[Run]:
    """The runs directly in `folders`, by name; unreadable ones and hidden folders are skipped."""
    for run in look_through(*folders):
        try:
            run.check_name()
            _ = run.config
        except RunError:
            continue
        yield run


def may_be_a_name(name: str) -> bool:
    """Whether a listed run can have this name; no name reaches outside the folders of runs."""
    return name == Path(name).name and not name.startswith(".") and "\0" not in name


def find_run(name: str) -> Run | None:
    """The run of that name, shipped or a user's; None if there is none. No folder outside theirs is opened."""
    if not may_be_a_name(name):
        return None
    for parent in (SHIPPED, runs_folder()):
        try:
            return Run.open(parent / name)
        except RunError:
            continue
    return None


def delete_run(run: Run) -> None:
    """Deletes the run, at once for every reader; of a link to a run, the link. Raises RunError as `taken_off`."""
    with taken_off(run):
        pass


@contextmanager
def taken_off(run: Run) -> Iterator[Path]:
    """Takes the run off the shelf, at once for every reader, and deletes it at the end of the context.

    Gives the folder that it lies in until then, out of which it can be moved back. Raises RunError, with nothing gone,
    where the run is being trained or about to be, shipped, or holds what is not of a run.
    """
    if run.folder.resolve().parent == SHIPPED:
        raise RunError(f"{run.name} is one of the shipped runs, which are not deleted.")
    with workspace(run.folder.parent) as trash:
        with _left_alone(run):
            try:
                run.folder.rename(trash / run.name)
            except OSError as error:
                raise StorageError(f"{run.folder} can't be deleted ({error.strerror}).") from error
        yield trash / run.name


@contextmanager
def _left_alone(run: Run) -> Iterator[None]:
    """Holds the run, unless it is a link: what that leads to stays. Raises RunError if it can't be deleted."""
    in_training = f"{run.name} is being trained: stop it first, then delete it."
    if run.folder.is_symlink():
        if run.is_held():
            raise BusyError(in_training)
        yield
        return
    with run.exclusively(in_training):
        if (entry := stranger(run.folder)) is not None:
            raise RunError(f"{run.name} holds {entry}, which is not of a run: move it elsewhere first, then delete it.")
        yield
