"""Waiting for what other processes and threads do: the only place where tests look again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

from vae_core.runs import Run

SECONDS = 120.0  # of patience; a process begins to train two or three after its start
SECONDS_BETWEEN_LOOKS = 0.005


def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Returns once `condition()` is true; fails where it isn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(SECONDS_BETWEEN_LOOKS)


def until_trained(run: Run, more: int = 5) -> None:
    """Until the run has that many records more."""
    before = len(run.records()[0])
    until(lambda: len(run.records()[0]) >= before + more)
