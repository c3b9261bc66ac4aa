"""Deletions that can be undone for a few seconds: a deleted run is off the shelf at once, and gone a little later."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from threading import Lock, Timer

from halfmoon.server.owners import may_change
from vae_core.errors import BusyError, MissingError, NotAllowedError
from vae_core.files import write_error
from vae_core.runs.run import Run
from vae_core.runs.shelf import taken_off

UNDO_SECONDS = 10.0


class Deletion:
    """One deleted run, until it is put back or gone."""

    def __init__(self, run: Run) -> None:
        """Takes the run off the shelf. Raises RunError as `taken_off`."""
        self.folder = run.folder.absolute()
        self._stack = ExitStack()
        self._aside: Path = self._stack.enter_context(taken_off(run))

    def undo(self, owner: str | None) -> None:
        """Puts the run back. Raises NotAllowedError if it is another's, RunError if another one has its place."""
        if not may_change(Run(self._aside), owner):
            raise NotAllowedError(self.folder.name)
        if self.folder.exists():
            raise BusyError(f"There is another run called {self.folder.name} by now, so the old one can't come back.")
        try:
            self._aside.rename(self.folder)
        except OSError as error:
            raise write_error(self.folder, error) from error

    def conclude(self) -> None:
        """Deletes what has not been put back."""
        self._stack.close()


class Deletions:
    """The deletions of this server that can still be undone, by the name of the run."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, tuple[Deletion, Timer]] = {}

    def delete(self, run: Run) -> None:
        """Deletes the run; what is gone by its name before can't be put back any more. Raises RunError."""
        deletion = Deletion(run)
        self.conclude(run.name)
        timer = Timer(UNDO_SECONDS, self._conclude, (run.name, deletion))
        timer.daemon = True
        with self._lock:
            self._open[run.name] = deletion, timer
        timer.start()

    def undo(self, name: str, owner: str | None) -> None:
        """Puts the run of that name back. Raises RunError if it is gone for good, and what `Deletion.undo` raises."""
        with self._lock:
            if name not in self._open:
                raise MissingError(f"{name} is gone for good: a deletion can be undone for ten seconds.")
            self._open[name][0].undo(owner)
        self.conclude(name)

    def conclude(self, name: str) -> None:
        """Ends the time in which the deletion of that name can be undone."""
        with self._lock:
            deletion, timer = self._open.pop(name, (None, None))
        if deletion and timer:
            timer.cancel()
            deletion.conclude()

    def end(self) -> None:
        """Deletes at once all that can still be put back."""
        for name in list(self._open):
            self.conclude(name)

    def _conclude(self, name: str, deletion: Deletion) -> None:
        """The same, unless another deletion has taken its place."""
        if self._open.get(name, (None,))[0] is deletion:
            self.conclude(name)
