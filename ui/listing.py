"""The users' runs as a page lists them: those that are there, and those that wait to come."""

from __future__ import annotations

from dataclasses import dataclass

from ui.job import Job
from ui.jobs import Jobs, Standing
from ui.owners import may_change
from ui.workers import Worker
from vae_core import snapshots
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.errors import UserError
from vae_core.runs import Run, list_runs, runs_folder


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


def listing(jobs: Jobs, owner: str | None) -> list[Listed]:
    """Every run of the users, and those that are to come or, of this owner, could not begin, the newest first."""
    with jobs.queue.changed:
        coming = [
            _plan(jobs, job, at, owner)
            for job in reversed(jobs.queue.all())
            for at, worker in enumerate(job.workers)
            if worker.is_new and not worker.run.is_there and (not job.has_ended or _concerns(job, worker, owner))
        ]
    there = []
    for run in list_runs(runs_folder()):
        try:
            there.append(_run(jobs, run, owner))
        except UserError:  # broken, or deleted meanwhile
            continue
    there.sort(key=lambda listed: listed.started or "", reverse=True)
    names = {listed.name for listed in there}
    return [*(listed for listed in coming if listed.name not in names), *there]


def _concerns(job: Job, worker: Worker, owner: str | None) -> bool:
    """Whether the owner is told that the run could not begin; anybody else has no part in it."""
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
    standing = jobs.standing(run.name)
    return Listed(
        name=run.name,
        title=run.title,
        started=run.about.get("started"),
        model=run.config.model,
        training=run.config.training,
        standing=standing,
        may_control=may_change(run, owner),
        is_resumable=standing.status in ("interrupted", "stopped") and run.is_resumable,
        is_viewable=run.is_trained or (standing.status == "interrupted" and _has_weights(run)),
        run=run,
    )


def _has_weights(run: Run) -> bool:
    return run.model_file.exists() or bool(snapshots.steps(run.snapshots_folder))
