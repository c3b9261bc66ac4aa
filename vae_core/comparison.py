"""Pairs of runs for comparison: twins differ in nothing but their kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from vae_core.kinds import KINDS, own_settings
from vae_core.runs.run import Run


@dataclass(frozen=True)
class Pair:
    """One or two runs shown side by side, the AE first; a run without a twin stands alone."""

    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """The name of the run selected by default, the last: of two, the VAE."""
        return self.runs[-1].name

    def run(self, name: str) -> Run | None:
        """The run of that name, None if it is not in this pair."""
        return next((run for run in self.runs if run.name == name), None)


def are_twins(pair: Pair) -> bool:
    """Whether the runs differ in nothing but their kind; true for one run."""
    kinds = {run.config.model.kind for run in pair.runs}
    return len({_twin_key(run) for run in pair.runs}) == 1 and len(kinds) == len(pair.runs)


def in_pairs(runs: Iterable[Run]) -> list[Pair]:
    """Runs paired with their twins: the first of each kind, the second of each, and so on."""
    twins: dict[tuple[str, str], dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        twins[_twin_key(run)][run.config.model.kind].append(run)
    rows = (row for kinds in twins.values() for row in zip_longest(*(kinds[kind] for kind in KINDS if kind in kinds)))
    return [Pair(pair) for row in rows for pair in _by_twos([run for run in row if run])]


def pair_of(run_name: str | None, pairs: Iterable[Pair]) -> Pair | None:
    """The pair that contains this run."""
    return next((pair for pair in pairs if run_name and pair.run(run_name)), None)


def _by_twos(runs: list[Run]) -> list[tuple[Run, ...]]:
    """The first two, the next two, and so on."""
    return [tuple(runs[at : at + 2]) for at in range(0, len(runs), 2)]


def _twin_key(run: Run) -> tuple[str, str]:
    """The settings that twins share: all but kind, kind-specific settings, training place and a time budget's steps."""
    model, training = run.config.model, run.config.training
    own = own_settings() | {"threads", "precision", "device"}
    own |= {"steps"} if training.seconds else set()
    return model.model_dump_json(exclude={"kind"}), training.model_dump_json(exclude=own)
