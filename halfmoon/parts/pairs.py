"""The pairs of runs to show: an AE and a VAE that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from halfmoon.server.run_cache import damage, remembered
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, in_pairs, pair_of
from vae_core.data.sources import SOURCES
from vae_core.errors import RunError
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run, list_runs
from vae_core.verdicts import same_images


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


def named(names: Sequence[str], pairs: Sequence[Pair]) -> Pair | None:
    """The pair that a URL names: by one of its runs, or any two runs beside each other; None where the first is not
    here."""
    usual = pair_of(names[0], pairs) if names else None
    if usual is None or len(names) == 1:
        return usual
    runs = [usual.run(names[0]), _run_of(names[1], pairs)]
    found = tuple(run for run in runs if run is not None)
    return Pair(found) if len(set(names)) == len(found) else usual


def alike(names: Sequence[str], pairs: Sequence[Pair]) -> Pair | None:
    """The same, where two runs have but the same images and codes of the same size; else the first with its twin."""
    pair = named(names, pairs)
    return pair if pair is None or are_alike(pair) else pair_of(names[0], pairs)


def are_alike(pair: Pair) -> bool:
    """Whether a place on one plane, or an image, means something to both runs."""
    return len({run.config.model.latent_dim for run in pair.runs}) == 1 and same_images(pair.runs)


def names_in(pair: Pair) -> list[str]:
    """The names of its runs."""
    return [run.name for run in pair.runs]


def _run_of(name: str, pairs: Iterable[Pair]) -> Run | None:
    pair = pair_of(name, pairs)
    return pair.run(name) if pair else None


def not_shown(name: str, instead: str) -> str:
    """Why the run in a link is not shown, and what is instead: it is not here, or can't be opened."""
    run = find_run(name)
    if run is not None and run.is_trained and (why := damage(run)) is not None:
        return text("plane.refused_run", reason=literal(why), instead=literal(instead))
    return text("plane.unknown_run", run=literal(name), instead=literal(instead))
