"""The shelf of runs: which there are, which has a name, and one that is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vae_core.errors import BusyError, RunError, StorageError
from vae_core.files import remove_file
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.contents import stranger
from vae_core.runs.run import Run
from vae_core.workshop import workspace


def look_through(*folders: Path) -> Iterator[Run]:
    """What is to be a run directly in `folders`, by name, whether it can be read or not; hidden folders are not."""
    for folder in folders:
        for config_file in sorted(folder.glob("*/config.json")):
            if not config_file.parent.name.startswith("."):  # half-written
                yield Run(config_file.parent)


def list_runs(*folders: Path) -> Iterator[Run]:
    """The runs directly in `folders`, by name; what can't be read as a run is passed over, hidden folders too."""
    for run in look_through(*folders):
        try:
            run.check_name()
            _ = run.config
        except RunError:
            continue
        yield run


def may_be_a_name(name: str) -> bool:
    """Whether a run that is listed can have this name: nothing outside the folders of runs is reached by it."""
    return name == Path(name).name and not name.startswith(".") and "\0" not in name


def find_run(name: str) -> Run | None:
    """The run of that name, shipped or a user's; None where there is none. Nothing outside their folders is opened."""
    if not may_be_a_name(name):
        return None
    for parent in (SHIPPED, runs_folder()):
        try:
            return Run.open(parent / name)
        except RunError:
            continue
    return None


def delete_run(run: Run) -> None:
    """The run is gone, all at once for whoever lists runs; of a link to a run, the link.

    Raises RunError, and nothing is gone, where it is being trained or about to be, shipped, or holds what is not of a
    run.
    """
    if run.folder.resolve().parent == SHIPPED:
        raise RunError(f"{run.name} is one of the shipped runs, which are not deleted.")
    in_training = f"{run.name} is being trained: stop it first, then delete it."
    if run.folder.is_symlink():
        if run.is_held():
            raise BusyError(in_training)
        remove_file(run.folder)
        return
    with run.exclusively(in_training):
        if (found := stranger(run.folder)) is not None:
            raise RunError(f"{run.name} holds {found}, which is not of a run: move it elsewhere first, then delete it.")
        with workspace(run.folder.parent) as gone:
            try:
                run.folder.rename(gone / run.name)
            except OSError as error:
                raise StorageError(f"{run.folder} can't be deleted ({error.strerror}).") from error
