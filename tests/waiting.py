"""Waiting for what other processes and threads do: the only place where tests look again and again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vae_core.runs.run import Run

SECONDS = 600.0  # of patience: only what hangs takes longer, however busy the machine is
POLL_SECONDS = 0.005


def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Returns once `condition()` is true; fails where it isn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(POLL_SECONDS)


def until_trained(run: Run, more: int = 5) -> None:
    """Until the run has that many records more."""
    before = len(run.records.all())
    until(lambda: len(run.records.all()) >= before + more)


@contextmanager
def running(command: list[str], **how: Any) -> Iterator[subprocess.Popen]:
    """A process that is gone when the block ends, however that ends: none is left behind for a neighbour to find."""
    with subprocess.Popen(command, **how) as process:
        try:
            yield process
        finally:
            process.kill()
