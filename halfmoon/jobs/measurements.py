"""Measurements of runs, one at a time: `python -m vae_core evaluate`, which fills a run's card."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from halfmoon.jobs import limits, worker
from halfmoon.server.owners import may_change
from vae_core.errors import BusyError, NotAllowedError, RunError
from vae_core.runs.run import Run


class Measurements:
    """The measurements of this server, running and waiting; every method may be called from any thread."""

    def __init__(self) -> None:
        self._one_by_one = ThreadPoolExecutor(1)
        self._asked: dict[str, Future[None]] = {}  # by the folder of the run
        self._process: subprocess.Popen[str] | None = None
        self._lock = Lock()
        self._is_over = False

    def start(self, run: Run, owner: str | None) -> None:
        """Measures the run, once the earlier ones are done.

        Raises NotAllowedError where it is somebody else's, RunError where it is being trained, DataError where its
        data set is not at hand.
        """
        if not may_change(run, owner):
            raise NotAllowedError(run.name)
        if run.read_status().is_live:
            raise BusyError(f"{run.name} is being trained: measure it when that has ended.")
        limits.check_at_hand(run.config.training.data)
        with self._lock:
            if not self._is_over and not self._is_on(run):
                self._asked[str(run.folder)] = self._one_by_one.submit(self._measure, run)

    def is_on(self, run: Run) -> bool:
        """Whether the run is being measured, or waits for it."""
        with self._lock:
            return self._is_on(run)

    def failure(self, run: Run) -> Exception | None:
        """The error of the last measurement of the run, if it failed."""
        with self._lock:
            asked = self._asked.get(str(run.folder))
        failure = asked.exception() if asked and asked.done() and not asked.cancelled() else None
        return failure if isinstance(failure, Exception) else None

    def end(self) -> None:
        """Ends all measurements; finished measures stay in the cards."""
        with self._lock:
            self._is_over = True
            if self._process:
                self._process.terminate()
        self._one_by_one.shutdown(cancel_futures=True)

    def _is_on(self, run: Run) -> bool:
        asked = self._asked.get(str(run.folder))
        return asked is not None and not asked.done()

    def _measure(self, run: Run) -> None:
        with self._lock:
            if self._is_over:
                return
            self._process = worker.begin("evaluate", str(run.folder), "--parent-pid", str(os.getpid()))
        _, said = self._process.communicate()
        if self._process.returncode and not self._is_over:
            raise RunError(worker.last_sentence(said) or f"The measurement of {run.name} ended unexpectedly.")
