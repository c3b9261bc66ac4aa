"""The training jobs of this server: one place that starts them, lets them wait their turn, and says where each stands.

A job is one run, or a pair side by side. All that lasts is in the run folders; what is known here only is who waits
for what, and which process trains.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import Any, NamedTuple

from ui import limits, workers
from ui.limits import MEGABYTE, MOST_RUN_MEGABYTES, MOST_SECONDS
from ui.workers import Worker
from vae_core.configs import AboutConfig, ControlConfig, ModelConfig, TrainingConfig
from vae_core.errors import ConfigError, RunError, UserError
from vae_core.runs import SHIPPED, Run, delete_run, list_runs, runs_folder

MOST_WAITING = 3  # jobs of one owner
MOST_WAITING_IN_ALL = 50
REMEMBERED = 100  # jobs that have ended
OVERTIME = 1.1  # what was measured to take the longest time may take a little longer
SECONDS_TO_END = 10.0  # when the server ends; a worker needs one or two
SECONDS_TO_LEAVE = 3.0  # for a process that has written its last record
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_BETWEEN_MEASUREMENTS = 5.0


class NotAllowedError(UserError):
    """The run is somebody else's, or one that is shipped."""


class NoSuchRunError(UserError):
    """There is no run of that name."""


@dataclass(frozen=True)
class NewRun:
    """What is to be trained, and what people are to call it."""

    model: ModelConfig
    training: TrainingConfig
    title: str | None = None


class Job:
    """One run that is to be trained, or two side by side. Its state changes by the hand of `Jobs` alone."""

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


class Standing(NamedTuple):
    """Where a run stands.

    `status` is one of `vae_core.runs.Status`, or "failed": it could not begin, and left nothing but `message`.
    """

    status: str
    place: int | None = None
    """In the queue, from 1."""
    message: str | None = None


@dataclass(frozen=True)
class Listed:
    """A user's run, or one that waits to become a run, for a page that lists them."""

    name: str
    title: str
    started: str | None
    model: ModelConfig
    training: TrainingConfig
    standing: Standing
    may_control: bool
    is_resumable: bool
    run: Run | None
    """None where there is no folder yet."""


class Jobs:
    """All jobs of one server; every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._jobs: list[Job] = []  # in the order in which they were asked for
        self._thread: Thread | None = None
        self._is_over = False
        workers.remove_unbegun(runs_folder())

    def start(self, runs: Sequence[NewRun], owner: str | None) -> Job:
        """A job of one new run, or of two that train side by side.

        Raises, with nothing begun, ConfigError where a limit is exceeded, DataError where the data set is not at
        hand, RunError where there is no space.
        """
        for new in runs:
            AboutConfig(title=new.title)
            limits.check(new.model, new.training)
        with self._changed:
            stems = [f"{new.training.data.name}-{new.model.kind}-{new.model.latent_dim}d" for new in runs]
            trained = [
                Worker(folder, workers.new_run(new.model, new.training), new.title, owner)
                for folder, new in zip(self._free_folders(stems), runs, strict=True)
            ]
            return self._queue(Job(owner, trained, runs))

    def branch(
        self, source: Run, step: int, changes: dict[str, Any], owner: str | None, title: str | None = None
    ) -> Job:
        """A job of a new run that begins with the snapshot of `source` at `step`, with `changes` of its training.

        `changes` are as `TrainingConfig.changed` takes them. Raises what `start` raises, and RunError where there is
        no such snapshot.
        """
        if step not in snapshot_steps(source):
            raise RunError(f"{source.name} has no snapshot at step {step} any more.")
        AboutConfig(title=title)
        new = NewRun(source.config.model, source.config.training.changed(**changes), title)
        if new.training.data.name != source.config.training.data.name:
            raise ConfigError(f"A branch of {source.name} is trained on {source.config.training.data.name} too.")
        limits.check(new.model, new.training)
        with self._changed:
            (folder,) = self._free_folders([f"{source.name}-branch"])
            worker = Worker(folder, workers.branch(source, step, changes), title, owner)
            return self._queue(Job(owner, [worker], [new]))

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

    def job_of(self, name: str) -> Job | None:
        """The latest job that this server has had of the run."""
        with self._changed:
            return self._job_of(name)

    def jobs_of(self, owner: str | None) -> list[Job]:
        """The owner's jobs that wait or run, in the order in which they were asked for."""
        with self._changed:
            return [job for job in self._jobs if job.owner == owner and not job.has_ended]

    def place(self, job: Job) -> int | None:
        """The job's place in the queue, from 1; None where it doesn't wait."""
        with self._changed:
            waiting = [other for other in self._jobs if other.is_waiting]
            return waiting.index(job) + 1 if job in waiting else None

    def standing(self, name: str) -> Standing:
        """Where the run of that name stands. Raises NoSuchRunError where there is none, nor is one to come."""
        with self._changed:
            job = self._job_of(name)
            worker = _worker(job, name)
            if job is not None and worker is not None:
                _conclude(job)
                if job.is_waiting:
                    return Standing("queued", self.place(job))
                if worker.is_running and not worker.has_ended_training:
                    last = worker.run.last_record() or {}
                    return Standing("paused" if last.get("paused") else "training")
            message = worker.message if worker else None
        run = find(name)
        if run is None:
            if message is None:
                raise NoSuchRunError("There is no such run.")
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
        with self._changed:
            self._allow(name, owner)
            standing = self.standing(name)
            if standing.status == "queued":
                if not asked.stop:
                    raise ConfigError(f"{name} waits for its turn: until then it can only be stopped.")
                self._forget(name)
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
        with self._changed:
            self._allow(name, owner)
            standing = self.standing(name)
            if standing.status == "queued":
                self._forget(name)
            elif standing.status in ("training", "paused"):
                raise RunError(f"{name} is being trained: stop it first, then delete it.")
            elif (run := find(name)) is not None:
                if (worker := _worker(self._job_of(name), name)) is not None:
                    worker.wait(time.monotonic() + SECONDS_TO_LEAVE)
                delete_run(run)
            self._jobs = [job for job in self._jobs if name not in job.names or not job.has_ended]

    def rename(self, name: str, title: str, owner: str | None) -> None:
        """People call the run `title`; its folder keeps its name. Raises ConfigError where that is too long."""
        with self._changed:
            self._allow(name, owner)
            self._run(name).write_about(title=title.strip() or None)

    def may_control(self, name: str, owner: str | None) -> bool:
        """Whether this browser may stop, delete, rename and resume the run: its own, or nobody's."""
        run = find(name)
        if run is not None:
            return _is_allowed(run, owner)
        job = self.job_of(name)
        return job is not None and job.owner in (None, owner)

    def listing(self, owner: str | None) -> list[Listed]:
        """Every run of the users, and those that are to come, the newest first."""
        with self._changed:
            coming = [
                self._listed_plan(job, at, owner)
                for job in reversed(self._jobs)
                if not job.has_ended
                for at, worker in enumerate(job.workers)
                if worker.is_new and not workers.has_settings(worker.run)
            ]
        there = []
        for run in list_runs(runs_folder()):
            try:
                there.append(self._listed_run(run, owner))
            except UserError:  # broken, or deleted meanwhile
                continue
        there.sort(key=lambda listed: listed.started or "", reverse=True)
        names = {listed.name for listed in there}
        return [*(listed for listed in coming if listed.name not in names), *there]

    def end(self) -> None:
        """No job runs any more: what was training can be resumed, what waited is forgotten."""
        with self._changed:
            self._is_over = True
            running = [worker for job in self._jobs if job.is_running for worker in job.workers]
            self._changed.notify_all()
        for worker in running:
            worker.terminate()
        deadline = time.monotonic() + SECONDS_TO_END
        for worker in running:
            worker.wait(deadline)
            worker.conclude()
        if self._thread is not None:
            self._thread.join()

    def _go_on(self, runs: Sequence[Run], owner: str | None, arguments: list[list[str]]) -> Job:
        plans = [NewRun(run.config.model, run.config.training) for run in runs]
        for run, plan in zip(runs, plans, strict=True):
            limits.check(plan.model, plan.training)
            if not _is_allowed(run, owner):
                raise _not_allowed(run.name)
        with self._changed:
            for run in runs:
                job = self._job_of(run.name)
                worker = _worker(job, run.name)
                if job is not None and not job.has_ended and not (worker and worker.has_ended_training):
                    raise RunError(f"{run.name} waits for its turn, or is being trained, already.")
            trained = [Worker(run.folder.resolve(), own) for run, own in zip(runs, arguments, strict=True)]
            return self._queue(Job(owner, trained, plans))

    def _queue(self, job: Job) -> Job:
        if self._is_over:
            raise RunError("The server is about to end: start again once it is back.")
        waiting = [other for other in self._jobs if other.is_waiting]
        if sum(other.owner == job.owner for other in waiting) >= MOST_WAITING:
            raise ConfigError(f"{MOST_WAITING} of your trainings wait already: stop one of them first.")
        if len(waiting) >= MOST_WAITING_IN_ALL:
            raise ConfigError("Too many trainings wait already: come back later.")
        self._jobs.append(job)
        self._begin_what_may()
        if self._thread is None:
            self._thread = Thread(target=self._watch, name="jobs", daemon=True)
            self._thread.start()
        self._changed.notify_all()
        return job

    def _watch(self) -> None:
        """Until the end: what has ended is concluded, what waits is begun, what exceeds its limits is stopped."""
        measured = time.monotonic()
        while True:
            with self._changed:
                running = [job for job in self._jobs if job.is_running]
                if self._is_over:
                    return
                if not running:
                    self._changed.wait()
                    continue
                for job in running:
                    _conclude(job)
                self._begin_what_may()
                ended = [job for job in self._jobs if job.has_ended]
                forgotten = ended[: max(0, len(ended) - REMEMBERED)]
                self._jobs = [job for job in self._jobs if job not in forgotten]
            if time.monotonic() - measured > SECONDS_BETWEEN_MEASUREMENTS:
                measured = time.monotonic()
                for worker in (worker for job in running for worker in job.workers if worker.is_running):
                    _stop_beyond_limits(worker)
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _begin_what_may(self) -> None:
        """Begins jobs, first come first served, but none of an owner or a run that has one running."""
        for job in self._jobs:
            running = [other for other in self._jobs if other.is_running]
            if len(running) >= limits.most_jobs():
                return
            held_back = any(other.owner == job.owner or {*other.names} & {*job.names} for other in running)
            if job.is_waiting and not held_back:
                _begin(job, _free_threads(running))

    def _job_of(self, name: str) -> Job | None:
        return next((job for job in reversed(self._jobs) if name in job.names), None)

    def _forget(self, name: str) -> None:
        """The job that waits will not run."""
        self._jobs = [job for job in self._jobs if name not in job.names or not job.is_waiting]

    def _allow(self, name: str, owner: str | None) -> None:
        if self.may_control(name, owner):
            return
        self.standing(name)  # of a run that isn't there, that is what is said
        raise _not_allowed(name)

    def _run(self, name: str) -> Run:
        """The run, which in its first seconds has no settings yet."""
        worker = _worker(self._job_of(name), name)
        run = worker.run if worker is not None and worker.is_running else find(name)
        if run is None:
            raise NoSuchRunError("There is no such run.")
        return run

    def _free_folders(self, stems: list[str]) -> list[Path]:
        """Folders `stem`-1, or all `stem`-2 ..., that are neither there nor promised to a job."""
        number, parent = 1, runs_folder().resolve()
        promised = {name for job in self._jobs for name in job.names}
        while True:
            names = [f"{stem}-{number}" for stem in _told_apart(stems)]
            if not any(name in promised or (parent / name).exists() or (SHIPPED / name).exists() for name in names):
                return [parent / name for name in names]
            number += 1

    def _listed_plan(self, job: Job, at: int, owner: str | None) -> Listed:
        worker, plan = job.workers[at], job.plans[at]
        return Listed(
            name=worker.name,
            title=plan.title or worker.name,
            started=None,
            model=plan.model,
            training=plan.training,
            standing=self.standing(worker.name),
            may_control=job.owner in (None, owner),
            is_resumable=False,
            run=None,
        )

    def _listed_run(self, run: Run, owner: str | None) -> Listed:
        standing = self.standing(run.name)
        return Listed(
            name=run.name,
            title=run.title,
            started=run.about.get("started"),
            model=run.config.model,
            training=run.config.training,
            standing=standing,
            may_control=_is_allowed(run, owner),
            is_resumable=standing.status in ("interrupted", "stopped") and run.is_resumable,
            run=run,
        )


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
        ending.end()


def find(name: str) -> Run | None:
    """The run of that name, shipped or a user's; None where there is none. Nothing outside their folders is opened."""
    if name != Path(name).name or name.startswith(".") or "\0" in name:
        return None
    for parent in (SHIPPED, runs_folder()):
        try:
            return Run.open(parent / name)
        except RunError:
            continue
    return None


def snapshot_steps(run: Run) -> list[int]:
    """The steps of the kept moments of the run, in order."""
    return sorted(int(path.stem) for path in run.snapshots_folder.glob("*.npz") if path.stem.isdigit())


def _begin(job: Job, threads: int) -> None:
    """The job's processes run, or it has ended with a message."""
    job.has_begun = True
    job.threads = threads
    for worker in job.workers:
        try:
            worker.start(max(1, threads // len(job.workers)))
        except UserError as error:
            worker.message = str(error)
    _conclude(job)


def _conclude(job: Job) -> None:
    """Where a process of the job has ended, its message is there; where all have, so has the job."""
    if job.is_running:
        for worker in job.workers:
            worker.conclude()
        job.has_ended = not any(worker.is_running for worker in job.workers)


def _free_threads(running: list[Job]) -> int:
    """How many threads the next job gets: one core is the server's, and what other jobs have is theirs."""
    return max(1, limits.cores() - 1 - sum(job.threads for job in running))


def _stop_beyond_limits(worker: Worker) -> None:
    if time.monotonic() - worker.begun > OVERTIME * MOST_SECONDS:
        worker.ask_to_stop(f"It was stopped after {MOST_SECONDS // 3600} hours, and can be resumed.")
    elif _size(worker.run.folder) > MOST_RUN_MEGABYTES * MEGABYTE:
        worker.ask_to_stop(f"It was stopped when its folder held more than {MOST_RUN_MEGABYTES} MB.")


def _size(folder: Path) -> int:
    """Bytes in the folder and below; what is replaced or removed meanwhile is not counted."""
    size = 0
    for root, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(root, name)).st_size
    return size


def _worker(job: Job | None, name: str) -> Worker | None:
    return next((worker for worker in job.workers if worker.name == name), None) if job is not None else None


def _is_allowed(run: Run, owner: str | None) -> bool:
    """Whether the run is this owner's or nobody's; what is shipped is everybody's, and nobody may change it."""
    if run.folder.resolve().parent == SHIPPED:
        return False
    try:
        return run.about.get("owner") in (None, owner)
    except RunError:  # it can't be told whose it is
        return False


def _not_allowed(name: str) -> NotAllowedError:
    return NotAllowedError(f"{name} is not yours: you can look at it, but not change it.")


def _told_apart(stems: list[str]) -> list[str]:
    """The same, numbered where two are alike."""
    return [stem if stems.count(stem) == 1 else f"{stem}-{chr(97 + at)}" for at, stem in enumerate(stems)]
