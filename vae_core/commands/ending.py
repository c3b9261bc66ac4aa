"""The end of a training process with its parent, and its continuation without a terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

POLL_SECONDS = 0.1
SECONDS_FOR_THE_END = 1.2  # from the parent's death on; every file in a run's folder is whole at any moment


@contextmanager
def last_as_long_as(parent_pid: int | None) -> Iterator[Callable[[], bool]]:
    """A function that says whether the parent is still `parent_pid`; always true if that is None.

    A process that hasn't ended by itself soon after its parent's death is ended, whatever it is busy with.
    """
    if parent_pid is None:
        yield lambda: True
        return
    done = threading.Event()

    def lives() -> bool:
        return os.getppid() == parent_pid

    def watch() -> None:
        while lives():
            if done.wait(POLL_SECONDS):
                return
        if not done.wait(SECONDS_FOR_THE_END):
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield lives
    finally:
        done.set()


def go_on_without_a_terminal(number: int, frame: Any) -> None:
    """Continues without output after the terminal was closed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
