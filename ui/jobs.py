"""The training jobs of this server: one place that starts them, steers them, and says where each run stands.

All that lasts is in the run folders; what is known here only is who waits for what, and which process trains.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from ui import limits, workers
from ui.job import Job, NewRun
from ui.job_queue import JobQueue
from ui.measurements import Measurements
from ui.owners import NotAllowedError, may_change
from ui.workers import Worker
from vae_core.configs import AboutConfig, ControlConfig
from vae_core.errors import ConfigError, RunError, UserError
from vae_core.in_force import training_at
from vae_core.runs import Run, delete_run, find_run, is_free, runs_folder, usual_name
from vae_core.snapshots import steps as snapshot_steps

SECONDS_TO_LEAVE = 3.0  # for a process that has written its last record


class NoSuchRunError(UserError):
    """There is no run of that name."""

    def __init__(self) -> None:
        super().__init__("There is no such run.")


class Standing(NamedTuple):
    """Where a run stands.

    `status` is one of `vae_core.runs.Status`, or "failed": it could not begin, and left nothing but `message`.
    """

    status: str
    place: int | None = None
    """In the queue, from 1."""
    message: str | None = None


class Jobs:
    """What can be asked of the jobs of one server; every method may be called from any thread."""

    def __init__(self) -> None:
        self.queue = JobQueue()
        self.measurements = Measurements()
        workers.remove_unbegun(runs_folder())

    def start(self, runs: Sequence[NewRun], owner: str | None) -> Job:
        """A job of one new run, or of two that train side by side.

        Raises, with nothing begun, ConfigError where a limit is exceeded, DataError where the data set is not at
        hand, RunError where there is no space.
        """
        for new in runs:
            AboutConfig(title=new.title)
            limits.check(new.model, new.training)
        with self.queue.changed:
            stems = [usual_name(new.model, new.training.data.name) for new in runs]
            trained = [
                Worker(folder, workers.new_run(new.model, new.training), new.title, owner)
                for folder, new in zip(self._free_folders(stems), runs, strict=True)
            ]
            return self.queue.add(Job(owner, trained, runs))

    def branch(
        self, source: Run, step: int, changes: dict[str, Any], owner: str | None, title: str | None = None
    ) -> Job:
        """A job of a new run that begins with the snapshot of `source` at `step`, with `changes` of what
        its training was there.

        `changes` are as `TrainingConfig.changed` takes them. Raises what `start` raises, and RunError where there is
        no such snapshot.
        """
        if step not in snapshot_steps(source.snapshots_folder):
            raise RunError(f"{source.name} has no snapshot at step {step} any more.")
        AboutConfig(title=title)
        new = NewRun(source.config.model, training_at(source, step).changed(**changes), title)
        if new.training.data.name != source.config.training.data.name:
            raise ConfigError(f"A branch of {source.name} is trained on {source.config.training.data.name} too.")
        limits.check(new.model, new.training)
        with self.queue.changed:
            (folder,) = self._free_folders([f"{source.name}-branch"])
            worker = Worker(folder, workers.branch(source, step, changes), title, owner)
            return self.queue.add(Job(owner, [worker], [new]))

    def resume(self, runs: Sequence[Run], owner: str | None) -> Job:
        """A job that goes on with a run that was stopped or interrupted, or with a pair of them.

        Raises NotAllowedError where one is somebody else's, and RunError where it can't be resumed.
        """
        for run in runs:
            if not run.is_resumable:
                raise RunError(f"{run.name} can't be resumed: it has ended, or is being trained.")
        return self._go_on(runs, owner, [workers.resume(run) for run in runs])

    def extend(self, run: Run, steps: int, owner: str | None) -> Job:
        """A job that trains a finished run that many steps further. Raises what `resume` raises."""
        if run.status != "finished" or not run.state_file.exists():
            raise RunError(f"{run.name} can't be trained further: it is not finished, or its state is not there.")
        if steps < 1:
            raise ConfigError("At least one more step is needed.")
        return self._go_on([run], owner, [workers.resume(run, steps)])

    def standing(self, name: str) -> Standing:
        """Where the run of that name stands. Raises NoSuchRunError where there is none, nor is one to come."""
        with self.queue.changed:
            job, message = self.queue.job_of(name), None
            if job is not None:
                job.conclude()
                worker = job.worker(name)
                if job.is_waiting:
                    return Standing("queued", self.queue.place(job))
                if worker.is_running and not worker.has_ended_training:
                    last = worker.run.last_record() or {}
                    return Standing("paused" if last.get("paused") else "training")
                message = worker.message
        run = find_run(name)
        if run is None:
            if message is None:
                raise NoSuchRunError
            return Standing("failed", message=message)
        status = run.status
        return Standing("interrupted" if status == "queued" else status, message=message)  # nobody here will begin it

    def control(self, name: str, changes: dict[str, Any], owner: str | None) -> dict[str, Any]:
        """What control.json asks of the run from now on: what it asked before, with `changes`.

        A job that waits can only be stopped, and is then forgotten. Raises NoSuchRunError, NotAllowedError, and
        ConfigError where a value is not valid or nobody trains the run.
        """
        if not isinstance(changes, dict):
            raise ConfigError("What is asked of a run must be an object of settings.")
        asked = ControlConfig(**changes)
        with self.queue.changed:
            self._allow(name, owner)
            standing = self.standing(name)
            if standing.status == "queued":
                if not asked.stop:
                    raise ConfigError(f"{name} waits for its turn: until then it can only be stopped.")
                self.queue.withdraw(name)
                return changes
            if standing.status not in ("training", "paused"):
                raise ConfigError(f"{name} is not being trained, so that nothing can be asked of it.")
            run = self._run(name)
            control = run.control | changes
            ControlConfig(**control)
            run.write_control(control)
            return control

    def delete(self, name: str, owner: str | None) -> None:
        """The run is gone; where it only waited, it will not come. Raises RunError where it is being trained."""
        with self.queue.changed:
            self._allow(name, owner)
            standing = self.standing(name)
            if standing.status == "queued":
                self.queue.withdraw(name)
            elif standing.status in ("training", "paused"):
                raise RunError(f"{name} is being trained: stop it first, then delete it.")
            elif (run := find_run(name)) is not None:
                if (job := self.queue.job_of(name)) is not None:
                    job.worker(name).wait(time.monotonic() + SECONDS_TO_LEAVE)
                delete_run(run)
            self.queue.forget(name)

    def rename(self, name: str, title: str, owner: str | None) -> None:
        """People call the run `title`; its folder keeps its name. Raises ConfigError where that is too long."""
        with self.queue.changed:
            self._allow(name, owner)
            self._run(name).write_about(title=title.strip() or None)

    def may_control(self, name: str, owner: str | None) -> bool:
        """Whether this browser may stop, delete, rename and resume the run: its own, or nobody's."""
        run = find_run(name)
        if run is not None:
            return may_change(run, owner)
        job = self.queue.job_of(name)
        return job is not None and job.owner in (None, owner)

    def _go_on(self, runs: Sequence[Run], owner: str | None, arguments: list[list[str]]) -> Job:
        plans = [NewRun(run.config.model, run.config.training) for run in runs]
        for run, plan in zip(runs, plans, strict=True):
            limits.check(plan.model, plan.training)
            if not may_change(run, owner):
                raise NotAllowedError(run.name)
            if self.measurements.is_on(run):
                raise RunError(f"{run.name} is being measured: go on with it when that has ended.")
        with self.queue.changed:
            for run in runs:
                job = self.queue.job_of(run.name)
                if job is not None and not job.has_ended and not job.worker(run.name).has_ended_training:
                    raise RunError(f"{run.name} waits for its turn, or is being trained, already.")
            trained = [Worker(run.folder.resolve(), own) for run, own in zip(runs, arguments, strict=True)]
            return self.queue.add(Job(owner, trained, plans))

    def _allow(self, name: str, owner: str | None) -> None:
        if self.may_control(name, owner):
            return
        self.standing(name)  # of a run that isn't there, that is what is said
        raise NotAllowedError(name)

    def _run(self, name: str) -> Run:
        """The run, which in its first seconds has no settings yet."""
        job = self.queue.job_of(name)
        if job is not None and job.worker(name).is_running:
            return job.worker(name).run
        run = find_run(name)
        if run is None:
            raise NoSuchRunError
        return run

    def _free_folders(self, stems: list[str]) -> list[Path]:
        """Folders `stem`-1, or all `stem`-2 ..., that are neither there nor promised to a job."""
        number, parent = 1, runs_folder().resolve()
        promised = {name for job in self.queue.all() for name in job.names}
        while True:
            folders = [parent / f"{stem}-{number}" for stem in _told_apart(stems)]
            if all(is_free(folder) and folder.name not in promised for folder in folders):
                return folders
            number += 1


_lock = Lock()
_jobs: Jobs | None = None


def shared() -> Jobs:
    """The jobs of this server, the same for all its sessions."""
    global _jobs
    with _lock:
        if _jobs is None:
            _jobs = Jobs()
        return _jobs


def end() -> None:
    """Ends the jobs of this server, if it has had any."""
    global _jobs
    with _lock:
        ending, _jobs = _jobs, None
    if ending is not None:
        ending.measurements.end()
        ending.queue.end()


def _told_apart(stems: list[str]) -> list[str]:
    """The same, numbered where two are alike."""
    return [stem if stems.count(stem) == 1 else f"{stem}-{chr(97 + at)}" for at, stem in enumerate(stems)]
