"""The queue of a server: jobs wait their turn in it, run, and are remembered for a while once they have ended."""

from __future__ import annotations

import time
from threading import Condition, Thread

from ui import limits
from ui.job import Job
from vae_core.errors import ConfigError, RunError

MOST_WAITING = 3  # jobs of one owner
MOST_WAITING_IN_ALL = 50
REMEMBERED = 100  # jobs that have ended
SECONDS_TO_END = 10.0  # when the server ends; a worker needs one or two
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_BETWEEN_MEASUREMENTS = 5.0


class JobQueue:
    """Jobs in the order in which they were asked for; every method may be called from any thread.

    Who decides by what the queue holds, and then changes it, holds `changed` meanwhile.
    """

    def __init__(self) -> None:
        self.changed = Condition()
        self._jobs: list[Job] = []
        self._thread: Thread | None = None
        self._is_over = False

    def add(self, job: Job) -> Job:
        """The job runs, or waits its turn. Raises ConfigError where too many wait, RunError where the server ends."""
        with self.changed:
            self._check_room(job.owner)
            self._jobs.append(job)
            self._begin_what_may()
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="jobs", daemon=True)
                self._thread.start()
            self.changed.notify_all()
            return job

    def all(self) -> list[Job]:
        """Every job that is known: those that wait or run, and the last of those that have ended."""
        with self.changed:
            return list(self._jobs)

    def job_of(self, name: str) -> Job | None:
        """The latest job that this server has had of the run."""
        return next((job for job in reversed(self.all()) if name in job.names), None)

    def jobs_of(self, owner: str | None) -> list[Job]:
        """The owner's jobs that wait or run, in the order in which they were asked for."""
        return [job for job in self.all() if job.owner == owner and not job.has_ended]

    def place(self, job: Job) -> int | None:
        """The job's place in the queue, from 1; None where it doesn't wait."""
        waiting = [other for other in self.all() if other.is_waiting]
        return waiting.index(job) + 1 if job in waiting else None

    def withdraw(self, name: str) -> None:
        """The job of the run that waits will not begin."""
        with self.changed:
            self._jobs = [job for job in self._jobs if name not in job.names or not job.is_waiting]

    def forget(self, name: str) -> None:
        """What has ended of the run is remembered no more."""
        with self.changed:
            self._jobs = [job for job in self._jobs if name not in job.names or not job.has_ended]

    def end(self) -> None:
        """No job runs any more: what was training can be resumed, what waited is forgotten."""
        with self.changed:
            self._is_over = True
            running = [worker for job in self._jobs if job.is_running for worker in job.workers]
            self.changed.notify_all()
        for worker in running:
            worker.terminate()
        deadline = time.monotonic() + SECONDS_TO_END
        for worker in running:
            worker.wait(deadline)
            worker.conclude()
        if self._thread is not None:
            self._thread.join()

    def _check_room(self, owner: str | None) -> None:
        if self._is_over:
            raise RunError("The server is about to end: start again once it is back.")
        waiting = [job for job in self._jobs if job.is_waiting]
        if sum(job.owner == owner for job in waiting) >= MOST_WAITING:
            raise ConfigError(f"{MOST_WAITING} of your trainings wait already: stop one of them first.")
        if len(waiting) >= MOST_WAITING_IN_ALL:
            raise ConfigError("Too many trainings wait already: come back later.")

    def _watch(self) -> None:
        """Until the end: what has ended is concluded, what waits is begun, what exceeds its limits is stopped."""
        measured = time.monotonic()
        while True:
            with self.changed:
                running = [job for job in self._jobs if job.is_running]
                if self._is_over:
                    return
                if not running:
                    self.changed.wait()
                    continue
                for job in running:
                    job.conclude()
                self._begin_what_may()
                self._forget_the_oldest()
            if time.monotonic() - measured > SECONDS_BETWEEN_MEASUREMENTS:
                measured = time.monotonic()
                for job in running:
                    _stop_beyond_limits(job)
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _begin_what_may(self) -> None:
        """Begins jobs, first come first served, but none of an owner or a run that has one running."""
        for job in self._jobs:
            running = [other for other in self._jobs if other.is_running]
            if len(running) >= limits.most_jobs():
                return
            held_back = any(other.owner == job.owner or {*other.names} & {*job.names} for other in running)
            if job.is_waiting and not held_back:
                job.begin(limits.free_threads(sum(other.threads for other in running)))

    def _forget_the_oldest(self) -> None:
        ended = [job for job in self._jobs if job.has_ended]
        forgotten = ended[: max(0, len(ended) - REMEMBERED)]
        self._jobs = [job for job in self._jobs if job not in forgotten]


def _stop_beyond_limits(job: Job) -> None:
    for worker in job.workers:
        if worker.is_running and (why := limits.excess(worker.run.folder, time.monotonic() - worker.begun)):
            worker.ask_to_stop(why)
