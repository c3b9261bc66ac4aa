"""The facts of a run in the table of runs: how it was trained, how long, how well, when, and how large it is."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass

from halfmoon.jobs.listing import Listed
from halfmoon.parts.titles import data_title, kind_title
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.errors import UserError
from vae_core.kinds import KINDS
from vae_core.runs.records import Record
from vae_core.runs.run import Run
from vae_core.training.in_force import changes

MEGABYTE = 1e6


@dataclass(frozen=True)
class Facts:
    """One row: what it is called, and what can be said of it; None for what isn't known or doesn't apply."""

    name: str
    title: str
    data: str
    kind: str
    model: ModelConfig
    beta: str | None
    epochs: float | None
    loss: float | None
    """The loss on validation images, in nats, at the end or by now."""
    started: str | None
    size: float
    """In megabytes."""
    run: Run | None

    def matches(self, words: str) -> bool:
        """Whether every one of the words is somewhere in the row, whatever its case."""
        said = " ".join([self.name, self.title, self.data, self.kind, f"{self.model.latent_dim}-d"]).lower()
        return all(word in said for word in words.lower().split())


def of_listed(one: Listed) -> Facts:
    """The facts of one of the users' runs, or of one that is to come."""
    return _facts(one.name, one.title, one.model, one.training, one.run, one.started)


def of_shipped(run: Run) -> Facts:
    """The facts of a shipped run."""
    return _facts(run.name, run.read_title(), run.config.model, run.config.training, run, None)


def _facts(
    name: str, title: str, model: ModelConfig, training: TrainingConfig, run: Run | None, started: str | None
) -> Facts:
    last: Record = {}
    with suppress(UserError):  # else the records are broken
        last = (run and run.records.last_losses()) or last
    return Facts(
        name=name,
        title=title,
        data=data_title(training.data),
        kind=kind_title(model),
        model=model,
        beta=_betas(model, training, run),
        epochs=last.get("epoch"),
        loss=last.get("total"),
        started=started,
        size=0.0 if run is None else _bytes(run) / MEGABYTE,
        run=run,
    )


def _betas(model: ModelConfig, training: TrainingConfig, run: Run | None) -> str | None:
    """The β that the training began with, and the one that it ended with, or has now; None for a kind without a KL."""
    if "beta" not in KINDS[model.kind].weights:
        return None
    later = []
    with suppress(UserError):  # else the records are broken
        later = [] if run is None else [one.values["beta"] for one in changes(run) if "beta" in one.values]
    return " → ".join(f"{beta:g}" for beta in dict.fromkeys((training.beta, *later[-1:])))


def _bytes(run: Run) -> int:
    """The size of the run's folder."""
    total = 0
    for folder, _, names in os.walk(run.folder):  # which passes over a folder that is replaced meanwhile
        for name in names:
            with suppress(OSError):
                total += os.stat(os.path.join(folder, name)).st_size
    return total
