"""The list of the users' runs: those that exist, and those that wait in the queue."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from halfmoon.jobs.job import Job
from halfmoon.jobs.jobs import Jobs
from halfmoon.jobs.standing import Standing
from halfmoon.jobs.worker import Worker
from halfmoon.server import run_cache
from halfmoon.server.owners import may_change
from halfmoon.texts.sentences import told
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.errors import NoSuchRunError, NotAllowedError, UserError
from vae_core.places import runs_folder
from vae_core.runs import snapshots
from vae_core.runs.run import Run
from vae_core.runs.shelf import look_through
from vae_core.runs.status import Status


@dataclass(frozen=True)
class Listed:
    """A user's run, or one that waits to become a run."""

    name: str
    title: str
    started: str | None
    model: ModelConfig
    training: TrainingConfig
    standing: Standing
    may_control: bool
    is_resumable: bool
    is_viewable: bool
    """Whether its plane can be looked at, or will be able to once a killed run has been made ready."""
    run: Run | None
    """None where there is no folder yet."""
    damage: str | None = None
    """What of it can't be read, in a sentence."""


@dataclass(frozen=True)
class Broken:
    """A folder in the place of a user's run that can't be read; `reason` is a sentence.

    Where it can't be read whose it is, nobody may delete it from a page.
    """

    name: str
    reason: str
    may_delete: bool
    run: Run


class Listing(NamedTuple):
    """The runs, waiting ones first, then the newest first; and the broken ones, by name."""

    runs: list[Listed]
    broken: list[Broken]


def listing(jobs: Jobs, owner: str | None) -> list[Listed]:
    """Every run of the users, and, of this owner, those that wait or could not start, the newest first."""
    return everything(jobs, owner).runs


def everything(jobs: Jobs, owner: str | None) -> Listing:
    """All runs in the users' folder, and all waiting ones: a damaged one hides no other."""
    coming: list[Listed] = []
    for job in reversed(jobs.queue.all()):
        for at, worker in enumerate(job.workers):
            if worker.is_new and not worker.run.is_there and (not job.has_ended or _concerns(job, worker, owner)):
                with suppress(NoSuchRunError):  # withdrawn meanwhile
                    coming.append(_plan(jobs, job, at, owner))
    there, broken = [], []
    for run in look_through(runs_folder()):
        try:
            there.append(_run(jobs, run, owner))
        except UserError as error:
            if run.is_there:  # else it was deleted meanwhile
                name = run.name.encode(errors="replace").decode()
                broken.append(Broken(name, told(error), may_change(run, owner), run))
    there.sort(key=lambda listed: listed.started or "", reverse=True)
    names = {listed.name for listed in there}
    return Listing([*(listed for listed in coming if listed.name not in names), *there], broken)


def delete_broken(jobs: Jobs, one: Broken, owner: str | None) -> None:
    """Deletes the broken run. Raises NotAllowedError, and RunError if it is being trained."""
    if not may_change(one.run, owner):
        raise NotAllowedError(one.name)
    jobs.deletions.delete(one.run)


def _concerns(job: Job, worker: Worker, owner: str | None) -> bool:
    """Whether the owner is shown that the run could not start: only the owner is."""
    return worker.message is not None and job.owner == owner


def _plan(jobs: Jobs, job: Job, at: int, owner: str | None) -> Listed:
    worker, plan = job.workers[at], job.plans[at]
    return Listed(
        name=worker.name,
        title=plan.title or worker.name,
        started=None,
        model=plan.model,
        training=plan.training,
        standing=jobs.standing(worker.name),
        may_control=job.owner in (None, owner),
        is_resumable=False,
        is_viewable=False,
        run=None,
    )


def _run(jobs: Jobs, run: Run, owner: str | None) -> Listed:
    """The run. Raises UserError if it is too broken for any use."""
    run.check_name()
    config, standing = run.config, jobs.standing(run.name)
    damage = run_cache.damage(run) if run.is_trained else None
    can_be_made_ready = not run.is_trained and standing.status is Status.INTERRUPTED and _has_weights(run)
    return Listed(
        name=run.name,
        title=run.read_title(),
        started=run.read_about().started,
        model=config.model,
        training=config.training,
        standing=standing,
        may_control=may_change(run, owner),
        is_resumable=standing.status.is_resumable and run.can_be_resumed(),
        is_viewable=can_be_made_ready or (run.is_trained and damage is None),
        run=run,
        damage=damage or _damage_of_card(run),
    )


def _damage_of_card(run: Run) -> str | None:
    try:
        run.read_card()
    except UserError as error:
        return told(error)
    return None


def _has_weights(run: Run) -> bool:
    return run.model_file.exists() or bool(snapshots.steps(run.snapshots_folder))
