"""The training jobs of this server: the one place that starts, steers and describes them.

All that lasts is in the run folders; what is known here only is who waits for what, and which process trains.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from halfmoon.jobs import command_lines, limits
from halfmoon.jobs.deletions import Deletions
from halfmoon.jobs.job import Job, NewRun, left_job
from halfmoon.jobs.measurements import Measurements
from halfmoon.jobs.queue import MINUTES_OF_PAUSE, JobQueue
from halfmoon.jobs.standing import InTheWay, Standing
from halfmoon.jobs.worker import Worker
from halfmoon.server import loaded
from halfmoon.server.owners import may_change
from vae_core.errors import BusyError, ConfigError, MissingError, NoSuchRunError, NotAllowedError, RunError
from vae_core.places import runs_folder
from vae_core.runs.about import AboutConfig
from vae_core.runs.names import Claim, claim_existing, claim_free, is_claimed, left_claims, usual_name
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run, may_be_a_name
from vae_core.runs.snapshots import steps as snapshot_steps
from vae_core.runs.status import Status
from vae_core.training.control import ControlConfig
from vae_core.training.in_force import training_at
from vae_core.workshop import clear

SECONDS_TO_LEAVE = 3.0  # for a process that has written its last record


class Jobs:
    """The jobs of one server; every method may be called from any thread."""

    def __init__(self) -> None:
        self.queue = JobQueue()
        self.measurements = Measurements()
        self.deletions = Deletions()
        clear(runs_folder())
        for claim in left_claims(runs_folder()):
            if (job := left_job(claim)) is not None:
                self.queue.remember(job)

    def start(self, runs: Sequence[NewRun], owner: str | None, address: str | None = None) -> Job:
        """Starts a job of one new run, or of two that train side by side, requested from `address`.

        Raises, with nothing begun, ConfigError where a limit is exceeded, DataError where the data set is not at
        hand, RunError where there is no space.
        """
        with self.queue.turn():
            for new in runs:
                AboutConfig(title=new.title)
                limits.check(new.model, new.training)
            self.queue.check_room(owner, address)
            trained = [
                Worker(claim, command_lines.new_run(new.model, new.training), new.title, owner)
                for claim, new in zip(self._free_names(runs), runs, strict=True)
            ]
            return self.queue.add(Job(owner, trained, runs, address))

    def branch(
        self,
        source: Run,
        step: int,
        changes: dict[str, Any],
        owner: str | None,
        title: str | None = None,
        address: str | None = None,
    ) -> Job:
        """Starts a job of a new run from the snapshot of `source` at `step`, with `changes` to the settings in force
        there.

        `changes` are as for `TrainingConfig.with_changes`. Raises what `start` raises, and RunError where there is no
        such snapshot.
        """
        if step not in snapshot_steps(source.snapshots_folder):
            raise MissingError(f"{source.name} has no snapshot at step {step} any more.")
        AboutConfig(title=title)
        new = NewRun(source.config.model, training_at(source, step).with_changes(**changes), title)
        if new.training.data.name != source.config.training.data.name:
            raise ConfigError(f"A branch of {source.name} is trained on {source.config.training.data.name} too.")
        with self.queue.turn():
            limits.check(new.model, new.training)
            self.queue.check_room(owner, address)
            (claim,) = self._free([f"{source.name}-branch"])
            worker = Worker(claim, command_lines.branch(source, step, changes), title, owner)
            return self.queue.add(Job(owner, [worker], [new], address))

    def resume(self, runs: Sequence[Run], owner: str | None, address: str | None = None) -> Job:
        """Starts a job that resumes a stopped or interrupted run, or a pair of them.

        Raises NotAllowedError where one is somebody else's, and RunError where it can't be resumed.
        """
        for run in runs:
            if not run.can_be_resumed():
                raise BusyError(f"{run.name} can't be resumed: it has ended, or is being trained.")
        return self._go_on(runs, owner, [command_lines.resume(run) for run in runs], address)

    def extend(self, run: Run, steps: int, owner: str | None, address: str | None = None) -> Job:
        """Starts a job that trains a finished run that many steps further. Raises as `resume`."""
        if run.read_status() is not Status.FINISHED or not run.state_file.exists():
            raise MissingError(f"{run.name} can't be trained further: it is not finished, or its state is not there.")
        if steps < 1:
            raise ConfigError("At least one more step is needed.")
        return self._go_on([run], owner, [command_lines.resume(run, steps)], address)

    def bring_in(self, archive: bytes, owner: str | None) -> Run:
        """Imports the run in a zip as one of the owner's, under a free name. Raises RunError as `unpack_run`."""
        run = loaded.unpack(archive)
        run.write_about(owner=owner)
        self.queue.forget(run.name)  # of an earlier run of this name
        return run

    def standing(self, name: str) -> Standing:
        """The standing of the run of that name. Raises NoSuchRunError if there is none, and none is to come."""
        with self.queue.changed:
            job = self.queue.concluded_job_of(name)
            if job is not None and job.is_waiting:
                return Standing(Status.QUEUED, self.queue.place(job), waits_for=self._in_the_way(job))
        worker = None if job is None else job.worker(name)
        if worker is not None and worker.is_running and not worker.has_ended_training:
            return Standing(Status.PAUSED if worker.is_paused else Status.TRAINING, minutes=MINUTES_OF_PAUSE)
        message = None if worker is None else worker.message
        run = find_run(name)
        status = None if run is None else run.read_status()
        if not (status and status.is_live) and may_be_a_name(name) and is_claimed(runs_folder() / name):
            return Standing(Status.QUEUED)  # of another server, or it has just begun there
        if status is None:
            if message is None:
                raise NoSuchRunError
            return Standing(Status.FAILED, message=message)
        is_left = status is Status.QUEUED  # nobody will begin it
        return Standing(Status.INTERRUPTED if is_left else status, message=message)

    def control(self, name: str, changes: dict[str, Any], owner: str | None) -> dict[str, Any]:
        """Updates the run's control.json with `changes`.

        A job that waits can only be stopped, and is then forgotten. Raises NoSuchRunError, NotAllowedError, and
        ConfigError where a value is not valid or nobody trains the run.
        """
        if not isinstance(changes, dict):
            raise ConfigError("What is asked of a run must be an object of settings.")
        asked = ControlConfig(**changes)
        with self.queue.changed:
            self._allow(name, owner)
            standing = self.standing(name)
            if standing.status is Status.QUEUED:
                if not asked.stop:
                    raise ConfigError(f"{name} waits for its turn: until then it can only be stopped.")
                self._withdraw(name)
                return changes
            if not standing.status.is_live:
                raise ConfigError(f"{name} is not being trained, so that nothing can be asked of it.")
            run = self._run(name)
            control = run.read_control() | changes
            ControlConfig(**control)
            run.write_control(control)
            return control

    def delete(self, name: str, owner: str | None) -> None:
        """Deletes the run, or withdraws it while it waits. Raises RunError if it is being trained.

        For some seconds `restore` brings a deleted run back.
        """
        with self.queue.changed:
            self._allow(name, owner)
            standing = self.standing(name)
            if standing.status is Status.QUEUED:
                self._withdraw(name)
            elif standing.status.is_live:
                raise BusyError(f"{name} is being trained: stop it first, then delete it.")
            elif (run := find_run(name)) is not None:
                if (job := self.queue.job_of(name)) is not None:
                    job.worker(name).wait(time.monotonic() + SECONDS_TO_LEAVE)
                claim = self._to_go_on(run)
                try:
                    self.deletions.delete(run)
                finally:
                    claim.release()
            self.queue.forget(name)

    def restore(self, name: str, owner: str | None) -> None:
        """Brings a run back that this owner has just deleted. Raises RunError if it is too late."""
        self.deletions.undo(name, owner)

    def rename(self, name: str, title: str, owner: str | None) -> None:
        """Sets the title of the run; its folder keeps its name. Raises ConfigError if the title is too long."""
        with self.queue.changed:
            self._allow(name, owner)
            self._run(name).write_about(title=title.strip() or None)

    def may_control(self, name: str, owner: str | None) -> bool:
        """Whether this browser may stop, delete, rename and resume the run: its own, or one without an owner."""
        job, run = self.queue.job_of(name), find_run(name)
        is_to_come = job is not None and job.is_waiting and job.worker(name).is_new
        if run is not None and not is_to_come:
            return may_change(run, owner)
        return job is not None and job.owner in (None, owner)

    def _go_on(self, runs: Sequence[Run], owner: str | None, arguments: list[list[str]], address: str | None) -> Job:
        plans = [NewRun(run.config.model, run.config.training) for run in runs]
        with self.queue.turn():
            for run, plan in zip(runs, plans, strict=True):
                limits.check(plan.model, plan.training)
                if not may_change(run, owner):
                    raise NotAllowedError(run.name)
                if self.measurements.is_on(run):
                    raise BusyError(f"{run.name} is being measured: go on with it when that has ended.")
            self.queue.check_room(owner, address)
            trained: list[Worker] = []
            try:
                for run, own in zip(runs, arguments, strict=True):
                    trained.append(Worker(self._to_go_on(run), own, is_new=False))
            except RunError:
                for worker in trained:
                    worker.release()
                raise
            return self.queue.add(Job(owner, trained, plans, address))

    def _to_go_on(self, run: Run) -> Claim:
        """Claims the name of the run. Raises RunError if it is claimed already."""
        with self.queue.changed:
            self.queue.concluded_job_of(run.name)  # which has released the name, if it has ended
            claim = claim_existing(Path(os.path.abspath(run.folder)))
        if claim is None:
            raise BusyError(f"{run.name} waits for its turn, or is being trained, already.")
        return claim

    def _withdraw(self, name: str) -> None:
        """Withdraws the waiting job of the run. Raises ConfigError if it is another server's."""
        job = self.queue.job_of(name)
        if job is None or not job.is_waiting:
            raise ConfigError(f"{name} waits for its turn on another server: only there it can be stopped.")
        self.queue.withdraw(job)

    def _in_the_way(self, job: Job) -> InTheWay | None:
        """The run that this waiting job chiefly waits for."""
        running = [worker for other in self.queue.in_the_way(job) for worker in other.workers if worker.is_running]
        return InTheWay(running[0].name, running[0].is_paused) if running else None

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

    def _free_names(self, runs: Sequence[NewRun]) -> list[Claim]:
        """Names that describe the runs."""
        return self._free(_told_apart([usual_name(new.model, new.training.data.name) for new in runs]))

    def _free(self, stems: list[str]) -> list[Claim]:
        """The names `stem`-1, or all `stem`-2 ..., that no run has, is to have, or had while links to it may remain."""
        remembered = {name for job in self.queue.all() for name in job.names}
        candidates = ([f"{stem}-{number}" for stem in stems] for number in count(1))
        free = (names for names in candidates if not remembered & {*names})
        return claim_free(runs_folder().resolve(), free)


_lock = Lock()
_jobs: Jobs | None = None


def shared() -> Jobs:
    """The jobs of this server, shared by all its sessions."""
    global _jobs
    with _lock:
        if _jobs is None:
            _jobs = Jobs()
        return _jobs


def end() -> None:
    """Ends the jobs of this server, if any."""
    global _jobs
    with _lock:
        ending, _jobs = _jobs, None
    if ending is not None:
        ending.measurements.end()
        ending.deletions.end()
        ending.queue.end()


def _told_apart(stems: list[str]) -> list[str]:
    """The same names, numbered if two are equal."""
    return [stem if stems.count(stem) == 1 else f"{stem}-{chr(97 + at)}" for at, stem in enumerate(stems)]
