"""A job: one run to train, or two side by side, and the processes that train them."""

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
    """The settings and the title of a run to train."""

    model: ModelConfig
    training: TrainingConfig
    title: str | None = None


class Job:
    """One run to train, or two side by side. Only `JobQueue` changes its state."""

    def __init__(
        self, owner: str | None, workers: Sequence[Worker], plans: Sequence[NewRun], address: str | None = None
    ) -> None:
        """`address` is the network address of the request, if known."""
        self.owner, self.workers, self.plans, self.address = owner, tuple(workers), tuple(plans), address
        self.has_begun = self.has_ended = False
        self.threads = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its runs; a run that never began has no folder of that name."""
        return tuple(worker.name for worker in self.workers)

    @property
    def is_waiting(self) -> bool:
        return not self.has_begun and not self.has_ended

    @property
    def is_running(self) -> bool:
        return self.has_begun and not self.has_ended

    @property
    def message(self) -> str | None:
        """The first sentence of a failed worker, if one failed."""
        return next((worker.message for worker in self.workers if worker.message), None)

    @property
    def seconds_paused(self) -> float:
        """The seconds without a command to its training runs, while all of them are paused; 0 if one trains."""
        return min((worker.seconds_paused() for worker in self.workers if worker.is_running), default=0.0)

    def worker(self, name: str) -> Worker:
        """The worker of one of its runs."""
        return next(worker for worker in self.workers if worker.name == name)

    def begin(self, threads: int) -> None:
        """Starts its processes, on so many threads together, or ends it with a message."""
        self.has_begun = True
        self.threads = threads
        for worker in self.workers:
            try:
                worker.start(max(1, threads // len(self.workers)))
            except UserError as error:
                worker.message = str(error)
        self.conclude()

    def note(self) -> None:
        """Records in its claims what is to be trained, for the next server."""
        for worker, plan in zip(self.workers, self.plans, strict=True):
            worker.claim.write(owner=self.owner, is_new=worker.is_new, **_note_of(plan))

    def withdraw(self) -> None:
        """Withdraws it before it has begun."""
        self.has_ended = True
        for worker in self.workers:
            worker.release()

    def give_place(self, why: str) -> None:
        """Asks its processes to end, resumable."""
        for worker in self.workers:
            worker.give_place(why)

    def leave(self) -> None:
        """Leaves the waiting job, at the end of the server, for the next server to report."""
        for worker in self.workers:
            worker.claim.leave()

    def conclude(self) -> None:
        """Takes the message of each ended process; ends the job once all have ended."""
        if self.is_running:
            for worker in self.workers:
                worker.conclude()
            self.has_ended = not any(worker.is_running for worker in self.workers)


def left_job(claim: Claim) -> Job | None:
    """The job that an ended server left in its queue, as a failed one; None if nothing is known of it.

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
