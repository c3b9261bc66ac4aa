"""A job: one run that is to be trained, or two side by side, and the processes that train them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.workers import Worker
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.errors import UserError


@dataclass(frozen=True)
class NewRun:
    """What is to be trained, and what people are to call it."""

    model: ModelConfig
    training: TrainingConfig
    title: str | None = None


class Job:
    """One run that is to be trained, or two side by side. Its state changes by the hand of `JobQueue` alone."""

    def __init__(self, owner: str | None, workers: Sequence[Worker], plans: Sequence[NewRun]) -> None:
        self.owner, self.workers, self.plans = owner, tuple(workers), tuple(plans)
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

    def conclude(self) -> None:
        """Where one of its processes has ended, its message is there; where all have, so has the job."""
        if self.is_running:
            for worker in self.workers:
                worker.conclude()
            self.has_ended = not any(worker.is_running for worker in self.workers)
