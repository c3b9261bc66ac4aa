"""A job: one run that is to be trained, or two side by side, and the processes that train them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from halfmoon.jobs.worker import Worker, remove_left
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.errors import ConfigError, UserError
from vae_core.runs.names import Claim
from vae_core.runs.run import Run

LEFT = "The server ended before this could begin: ask for it again."


@dataclass(frozen=True)
class NewRun:
    """What is to be trained, and what people are to call it."""

    model: ModelConfig
    training: TrainingConfig
    title: str | None = None


class Job:
    """One run that is to be trained, or two side by side. Its state changes by the hand of `JobQueue` alone."""

    def __init__(
        self, owner: str | None, workers: Sequence[Worker], plans: Sequence[NewRun], address: str | None = None
    ) -> None:
        """`address` is where it was asked for from, where that is known."""
        self.owner, self.workers, self.plans, self.address = owner, tuple(workers), tuple(plans), address
        self.has_begun = self.has_ended = False
        self.threads = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its runs; of a run that never began, no folder has that name."""
        return tuple(worker.name for worker in self.workers)

    @property
    def is_waiting(self) -> bool:
        return not self.has_begun and not self.has_ended

    @property
    def is_running(self) -> bool:
        return self.has_begun and not self.has_ended

    @property
    def message(self) -> str | None:
        """The first sentence that a failed worker left, if one failed."""
        return next((worker.message for worker in self.workers if worker.message), None)

    @property
    def seconds_paused(self) -> float:
        """How long nothing has been asked of those of its runs that train, all of them paused; 0 where one trains."""
        return min((worker.seconds_paused() for worker in self.workers if worker.is_running), default=0.0)

    def worker(self, name: str) -> Worker:
        """The worker of one of its runs."""
        return next(worker for worker in self.workers if worker.name == name)

    def begin(self, threads: int) -> None:
        """Its processes run, on so many threads together, or it has ended with a message."""
        self.has_begun = True
        self.threads = threads
        for worker in self.workers:
            try:
                worker.start(max(1, threads // len(self.workers)))
            except UserError as error:
                worker.message = str(error)
        self.conclude()

    def note(self) -> None:
        """Leaves word of what is to come in its claims, for the server after this one."""
        for worker, plan in zip(self.workers, self.plans, strict=True):
            worker.claim.write(owner=self.owner, is_new=worker.is_new, **_note_of(plan))

    def withdraw(self) -> None:
        """It will not begin."""
        self.has_ended = True
        for worker in self.workers:
            worker.release()

    def give_place(self, why: str) -> None:
        """Its processes are asked to end, resumable."""
        for worker in self.workers:
            worker.give_place(why)

    def leave(self) -> None:
        """The server ends, and the one after it is to tell what became of this job, which waits."""
        for worker in self.workers:
            worker.claim.leave()

    def conclude(self) -> None:
        """Where one of its processes has ended, its message is there; where all have, so has the job."""
        if self.is_running:
            for worker in self.workers:
                worker.conclude()
            self.has_ended = not any(worker.is_running for worker in self.workers)


def left_job(claim: Claim) -> Job | None:
    """What a server that has ended had in its queue, as a job that failed for that; None where nothing is known of it.

    Its claim is released, and what its worker had made of its folder is gone.
    """
    remove_left(claim)
    note, run = claim.note, Run(claim.folder)
    try:
        plan = NewRun(ModelConfig(**note["model"]), TrainingConfig(**note["training"]), note["title"])
        job = Job(note["owner"], [Worker(claim, [], is_new=note["is_new"])], [plan])
    except (ConfigError, KeyError, TypeError):
        job = None
    claim.release()
    if job is None or note.get("has_begun") or (job.workers[0].is_new and run.is_there):
        return None
    job.has_ended = True
    job.workers[0].message = LEFT
    return job


def _note_of(plan: NewRun) -> dict[str, Any]:
    model, training = (config.model_dump(mode="json") for config in (plan.model, plan.training))
    return {"title": plan.title, "model": model, "training": training}
