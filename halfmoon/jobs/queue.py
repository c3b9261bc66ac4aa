"""The queue of a server's jobs: they wait their turn, run, and are remembered after their end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread

from halfmoon.jobs import limits
from halfmoon.jobs.job import Job
from vae_core.errors import BusyError, ConfigError, UserError

MAX_WAITING = 3  # jobs of one owner
MAX_WAITING_AT_ADDRESS = 60  # of one network address: a class may share it, and whoever makes up owners has only one
MAX_WAITING_IN_ALL = 150
REMEMBERED = 1000  # jobs that have ended
MINUTES_OF_PAUSE = 5  # after which others who wait may begin
SECONDS_TO_END = 10.0  # when the server ends; a worker needs one or two
POLL_SECONDS = 0.1
SECONDS_BETWEEN_MEASUREMENTS = 5.0
GAVE_PLACE = (
    f"It was paused for {MINUTES_OF_PAUSE} minutes while others waited, and gave its place to them. "
    "Nothing is lost: it goes on where it was."
)


class JobQueue:
    """Jobs in the order of their requests; every method may be called from any thread.

    Who decides by what the queue holds, and then changes it, holds `changed` meanwhile. Who asks for a job does all
    that it takes in its `turn`: a lock alone would let through whom it likes.
    """

    def __init__(self) -> None:
        self.changed = Condition()
        self._turns = Condition()
        self._turns_given = self._turns_over = 0
        self._jobs: list[Job] = []
        self._thread: Thread | None = None
        self._is_over = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One caller at a time, in the order of arrival."""
        with self._turns:
            mine, self._turns_given = self._turns_given, self._turns_given + 1
            self._turns.wait_for(lambda: self._turns_over == mine)
        try:
            yield
        finally:
            with self._turns:
                self._turns_over += 1
                self._turns.notify_all()

    def add(self, job: Job) -> Job:
        """Runs the job, or queues it. Raises RunError if the server is ending, or the job can't be recorded."""
        with self.changed:
            try:
                self._check_is_on()
                job.note()
            except UserError:
                job.withdraw()
                raise
            self._jobs.append(job)
            self._begin_what_may()
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="jobs", daemon=True)
                self._thread.start()
            self.changed.notify_all()
            return job

    def remember(self, job: Job) -> None:
        """Adds an ended job, as if it had been one of this queue."""
        with self.changed:
            self._jobs.append(job)

    def all(self) -> list[Job]:
        """Every known job: waiting, running, and the last ended ones."""
        with self.changed:
            return list(self._jobs)

    def job_of(self, name: str) -> Job | None:
        """The latest job of the run on this server."""
        return next((job for job in reversed(self.all()) if name in job.names), None)

    def concluded_job_of(self, name: str) -> Job | None:
        """The same, concluded if its processes have ended."""
        with self.changed:
            if (job := self.job_of(name)) is not None:
                job.conclude()
            return job

    def jobs_of(self, owner: str | None) -> list[Job]:
        """The owner's waiting or running jobs, in the order of their requests."""
        return [job for job in self.all() if job.owner == owner and not job.has_ended]

    def place(self, job: Job) -> int | None:
        """The job's place in the queue, from 1; None if it doesn't wait."""
        waiting = [other for other in self.all() if other.is_waiting]
        return waiting.index(job) + 1 if job in waiting else None

    def in_the_way(self, job: Job) -> list[Job]:
        """The jobs of which one must end before this one may begin; empty if it may.

        An owner has one running job at a time, and a run one.
        """
        running = [other for other in self.all() if other.is_running]
        return _alike(job, running) or (running if len(running) >= limits.max_jobs() else [])

    def withdraw(self, job: Job) -> None:
        """Withdraws the waiting job and forgets it."""
        with self.changed:
            job.withdraw()
            self._jobs.remove(job)

    def forget(self, name: str) -> None:
        """Forgets the ended jobs of the run."""
        with self.changed:
            self._jobs = [job for job in self._jobs if name not in job.names or not job.has_ended]

    def check_room(self, owner: str | None, address: str | None) -> None:
        """Raises ConfigError if too many jobs wait for another of this owner at this address."""
        with self.changed:
            waiting = [job for job in self._jobs if job.is_waiting]
        if sum(job.owner == owner for job in waiting) >= MAX_WAITING:
            raise ConfigError(f"{MAX_WAITING} of your trainings wait already: stop one of them first.")
        if sum(job.address == address for job in waiting) >= MAX_WAITING_AT_ADDRESS:
            raise ConfigError("Too many trainings from your network address wait already: come back later.")
        if len(waiting) >= MAX_WAITING_IN_ALL:
            raise ConfigError("Too many trainings wait already: come back later.")

    def end(self) -> None:
        """Ends all jobs: running ones can be resumed, waiting ones are reported by the next server."""
        with self.changed:
            self._is_over = True
            for job in self._jobs:
                if job.is_waiting:
                    job.leave()
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

    def _check_is_on(self) -> None:
        if self._is_over:
            raise BusyError("The server is about to end: start again once it is back.")

    def _watch(self) -> None:
        """Concludes ended jobs, begins waiting ones and stops those over their limits, until the end."""
        measured = time.monotonic()
        while True:
            with self.changed:
                if self._is_over:
                    return
                for job in self._jobs:
                    job.conclude()
                self._begin_what_may()  # also where somebody else, who asked, has concluded what was running
                self._forget_the_oldest()
                running = [job for job in self._jobs if job.is_running]
                if not running:
                    self.changed.wait()
                    continue
            if time.monotonic() - measured > SECONDS_BETWEEN_MEASUREMENTS:
                measured = time.monotonic()
                for job in running:
                    _stop_beyond_limits(job)
                self._end_a_pause()
            time.sleep(POLL_SECONDS)

    def _begin_what_may(self) -> None:
        """Begins jobs, first come first served, except those held back by another of the same owner or run."""
        running = [job for job in self._jobs if job.is_running]
        for job in self._jobs:
            if len(running) >= limits.max_jobs():
                return
            if job.is_waiting and not _alike(job, running):
                job.begin(limits.free_threads(sum(other.threads for other in running)))
                running += [job] if job.is_running else []

    def _end_a_pause(self) -> None:
        """Of the jobs paused for long while others wait, the first paused gives up its place.

        Ended, and not only passed over: what is paused takes as much memory as what trains.
        """
        with self.changed:
            paused = [job for job in self._jobs if job.is_running and job.seconds_paused > 60 * MINUTES_OF_PAUSE]
            for job in paused:
                if any(job in self.in_the_way(other) for other in self._jobs if other.is_waiting):
                    job.give_place(GAVE_PLACE)
                    return

    def _forget_the_oldest(self) -> None:
        ended = [job for job in self._jobs if job.has_ended]
        forgotten = ended[: max(0, len(ended) - REMEMBERED)]
        self._jobs = [job for job in self._jobs if job not in forgotten]


def _alike(job: Job, running: list[Job]) -> list[Job]:
    """The running jobs of the same owner, or of a run of the same name."""
    return [other for other in running if other.owner == job.owner or {*other.names} & {*job.names}]


def _stop_beyond_limits(job: Job) -> None:
    for worker in job.workers:
        if worker.is_running and (why := limits.excess(worker.run.folder, time.monotonic() - worker.begun)):
            worker.ask_to_stop(why)
