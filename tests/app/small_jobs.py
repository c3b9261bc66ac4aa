"""Trainings that tests ask for: tiny ones, and workers that run no process at all."""

from __future__ import annotations

from halfmoon.jobs.job import Job, NewRun
from halfmoon.jobs.worker import Worker
from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, TrainingConfig

SMALL = NetworkConfig(widths=(16,))
DIGITS = DataConfig(name="digits")
ENDLESS = TrainingConfig(data=DIGITS, steps=10_000_000)
SHORT = TrainingConfig(data=DIGITS, steps=40)
ME, OTHER = "a" * 32, "b" * 32


def model(kind: str = "vae") -> ModelConfig:
    return ModelConfig(kind=kind, encoder=SMALL, decoder=SMALL)


def new(training: TrainingConfig = ENDLESS, kind: str = "vae", title: str | None = None) -> NewRun:
    return NewRun(model(kind), training, title)


class IdleWorker(Worker):
    """A worker without a process, which runs until it is told to end."""

    is_running = is_paused = False

    def start(self, threads: int) -> None:
        self.threads, self.is_running = threads, True

    def terminate(self) -> None:
        self.is_running = False


def finish(job: Job) -> None:
    for worker in job.workers:
        worker.is_running = False
