"""The runs that can be looked at, in pairs: an AE and a VAE that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import get_args

from ui.texts import text
from vae_core.configs import DataName
from vae_core.datasets import about
from vae_core.runs import SHIPPED, Run, list_runs, runs_folder


@dataclass(frozen=True)
class Pair:
    """One or two runs that are shown side by side, the AE first; a run without a twin stands alone."""

    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """The name of the run to begin with, the last: with two that is the VAE."""
        return self.runs[-1].name

    @property
    def title(self) -> str:
        """What the pair is called where one is chosen."""
        model = self.runs[-1].config.model
        data = text("plane.pair", data=data_title(self.runs[-1]), dims=model.latent_dim)
        return data if len(self.runs) == 2 else f"{data} · {self.name}"

    def run(self, name: str) -> Run | None:
        """The run of that name, if it is in this pair."""
        return next((run for run in self.runs if run.name == name), None)


def find_pairs() -> list[Pair]:
    """All there is to look at, shipped runs and the user's own, in the order of the data sets.

    Of two runs with the same name the shipped one counts: the URL tells runs apart by their names.
    """
    by_name: dict[str, Run] = {}
    for run in list_runs(SHIPPED, runs_folder()):
        if run.is_trained:
            by_name.setdefault(run.name, _remembered(*identity(run)))
    order = get_args(DataName)
    return sorted(
        in_pairs(by_name.values()),
        key=lambda pair: (order.index(pair.runs[-1].config.training.data.name), len(pair.runs) == 1),
    )


def pair_of(run_name: str | None, pairs: Iterable[Pair]) -> Pair | None:
    """The pair that this run is in."""
    return next((pair for pair in pairs if run_name and pair.run(run_name)), None)


def find_run(name: str) -> Run | None:
    """The run of that name, among all there is to look at."""
    return next((run for pair in find_pairs() for run in pair.runs if run.name == name), None)


def in_pairs(runs: Iterable[Run]) -> list[Pair]:
    """Runs paired with their twins: each joins the first one that still lacks its kind."""
    groups: list[list[Run]] = []
    for run in runs:
        for group in groups:
            if _twin_key(group[0]) == _twin_key(run) and all(_kind(other) != _kind(run) for other in group):
                group.append(run)
                break
        else:
            groups.append([run])
    return [Pair(tuple(sorted(group, key=_kind))) for group in groups]


def data_title(run: Run) -> str:
    """The name of the run's data set, for people."""
    return text(f"data.{run.config.training.data.name}.title")


def class_names(run: Run) -> list[str]:
    """The names of the classes of the run's data set, for people."""
    data = run.config.training.data
    return [text(f"data.{data.name}.classes.{label}") for label in range(len(about(data).class_names))]


def identity(run: Run) -> tuple[Path, int]:
    """What tells this run, in its present state, from all others.

    A file of a run is renamed into its folder, so the folder's time changes whenever a file does.
    """
    return run.folder, run.folder.stat().st_mtime_ns


def _kind(run: Run) -> str:
    return run.config.model.kind


def _twin_key(run: Run) -> tuple:
    """What twins have in common."""
    training = run.config.training
    return run.config.model.replace(kind="vae"), training.data, training.seed


@lru_cache(maxsize=64)
def _remembered(folder: Path, stamp: int) -> Run:
    """The run as it was at `stamp`: its codes are read once, whoever asks."""
    return Run.open(folder)
