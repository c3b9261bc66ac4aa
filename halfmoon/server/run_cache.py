"""A cache of open runs, and of results computed from them, until their files change."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from halfmoon.texts.sentences import told
from vae_core.errors import BrokenError, RunError, UserError
from vae_core.runs import weighing
from vae_core.runs.run import Run

FILES = ("config.json", "codes.npz", "model.safetensors")

P = ParamSpec("P")
T = TypeVar("T")


class State(NamedTuple):
    """The identity of a run's present state, distinct from other runs and from the same run at another time."""

    folder: Path
    stamp: str


def state_of(run: Run) -> State:
    """The run's present state. Raises RunError if it has gone."""
    try:
        files = [(run.folder / name).stat() for name in FILES]
    except OSError as error:
        raise BrokenError(f"The run {run.name} can't be read any more ({error.strerror}).") from error
    return State(run.folder, "-".join(f"{file.st_mtime_ns:x}-{file.st_size:x}" for file in files))


def remembered(run: Run) -> Run:
    """The cached run, whose codes are read once for all callers. Raises RunError if it has gone or is too large."""
    return _opened(state_of(run))


def remembered_for_run(
    maxsize: int,
) -> Callable[[Callable[Concatenate[Run, P], T]], Callable[Concatenate[Run, P], T]]:
    """Makes a function of a run keep its last `maxsize` results, by the run's state and the other arguments.

    The function gets the run as `remembered` hands it on. Its results are shared by all sessions, so never to be
    changed; what it raises is not kept.
    """

    def decorate(make: Callable[Concatenate[Run, P], T]) -> Callable[Concatenate[Run, P], T]:
        def of_state(state: State, *arguments: P.args, **named: P.kwargs) -> T:
            return make(_opened(state), *arguments, **named)

        kept: Any = lru_cache(maxsize=maxsize)(of_state)  # which does not know the types of its arguments

        @wraps(make)
        def of_run(run: Run, /, *arguments: P.args, **named: P.kwargs) -> T:
            found: T = kept(state_of(run), *arguments, **named)
            return found

        of_run.cache_clear = kept.cache_clear  # type: ignore[attr-defined]  # for tests
        return of_run

    return decorate


def damage(run: Run) -> str | None:
    """Why a trained run can't be opened, in a sentence; None if it can, or has gone."""
    try:
        run.read_about()
        why = _damage(state_of(run))
    except RunError as error:
        why = str(error) if run.is_trained else None
    return None if why is None else told(why)


@lru_cache(maxsize=64)
def _opened(state: State) -> Run:
    run = Run.open(state.folder)
    weighing.check(run)
    return run


@lru_cache(maxsize=1024)
def _damage(state: State) -> str | None:
    """The damage of a run opened for that alone: the data read to check it is not kept."""
    run = Run.open(state.folder)
    try:
        weighing.check(run)
        run.check_results()
    except UserError as error:
        return str(error)
    return None
