"""The pairs of runs to show: an AE and a VAE that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from halfmoon.server.run_cache import damage, remembered
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, in_pairs
from vae_core.data.sources import SOURCES
from vae_core.errors import RunError
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run, list_runs


def find_pairs() -> list[Pair]:
    """All pairs, of shipped runs and the user's own, whole and not too large, in the order of the data sets.

    Of two runs with the same name the shipped one counts: the URL tells runs apart by their names.
    """
    by_name: dict[str, Run] = {}
    for run in list_runs(SHIPPED, runs_folder()):
        if run.is_trained:
            with suppress(RunError):  # deleted since it was listed
                if damage(run) is None:
                    by_name.setdefault(run.name, remembered(run))
    order = list(SOURCES)
    return sorted(
        in_pairs(by_name.values()),
        key=lambda pair: (order.index(pair.runs[-1].config.training.data.name), len(pair.runs) == 1),
    )


def names_in(pairs: Iterable[Pair]) -> list[str]:
    """The names of all their runs."""
    return [run.name for pair in pairs for run in pair.runs]


def not_shown(name: str, instead: str) -> str:
    """Why the run in a link is not shown, and what is instead: it is not here, or can't be opened."""
    run = find_run(name)
    if run is not None and run.is_trained and (why := damage(run)) is not None:
        return text("plane.refused_run", reason=literal(why), instead=literal(instead))
    return text("plane.unknown_run", run=literal(name), instead=literal(instead))
