"""The processes that train: `python -m vae_core train`, which ends with its server."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from halfmoon.jobs import limits
from vae_core.errors import BusyError, RunError, UserError
from vae_core.files import could_not_write
from vae_core.places import PACKAGES
from vae_core.runs.contents import LOG, remove_unbegun
from vae_core.runs.names import Claim
from vae_core.runs.run import Run
from vae_core.training.control import withdraw

COMMAND = (sys.executable, "-P", "-m", "vae_core")  # -P: what lies in the working folder is no module of ours
LOG_BYTES = 4096  # of its end hold what a worker said last
FULL_BYTES = 65_536  # a disk with less room is full: what a worker says may find none
NICENESS = 10
_making_ready = Lock()


class Worker:
    """One process that trains one run; `message` is the sentence of its failure, if it failed."""

    def __init__(
        self,
        claim: Claim,
        arguments: list[str],
        title: str | None = None,
        owner: str | None = None,
        is_new: bool = True,
    ) -> None:
        """`arguments` follow `train`. The worker takes over the claim: a new run's name, or a resumed one's.

        A new run gets `title` and `owner`, and its folder is not there yet.
        """
        self.run, self.claim = Run(claim.folder), claim
        self.arguments = arguments
        self.title, self.owner = title, owner
        self.is_new = is_new
        self.message: str | None = None
        self.asked_to_stop: str | None = None  # why, where it wasn't a person who asked
        self.begun = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._has_made_folder = self._is_concluded = self._has_released = False
        self._length_before = self._said_before = 0
        self._paused_at, self._paused_since = 0, 0.0

    @property
    def name(self) -> str:
        return self.run.folder.name

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def is_paused(self) -> bool:
        """Whether its training is paused."""
        with suppress(UserError):  # broken
            return self.is_running and bool((self.run.records.last() or {}).get("paused"))
        return False

    def seconds_paused(self) -> float:
        """The seconds of its pause without a command, as of the last query; 0 while it trains."""
        if not self.is_paused:
            self._paused_at = 0
            return 0.0
        if (length := self.run.records.length()) != self._paused_at:  # a single step, a new β
            self._paused_at, self._paused_since = length, time.monotonic()
        return time.monotonic() - self._paused_since

    @property
    def has_ended_training(self) -> bool:
        """Whether the run's last record is the end of this training; a resumed run has the end of the one before."""
        try:
            if self._process is None or self.run.records.length() == self._length_before:
                return False
            return self.run.read_end() is not None
        except (UserError, OSError):  # broken, or deleted
            return False

    def start(self, threads: int) -> None:
        """Starts the process, on `threads` threads if the run is new.

        Raises RunError where the folder can't be written or has been taken meanwhile.
        """
        arguments = ["--parent-pid", str(os.getpid()), *self.arguments]
        try:
            if self.is_new:
                self._make_folder()
                self.run.write_about(title=self.title, owner=self.owner)
                arguments += ["--run", str(self.run.folder), f"--threads={threads}"]
            else:
                self._forget_what_was_asked()
                self.claim.write(has_begun=True)
            with (self.run.folder / LOG).open("ab") as log:
                self._said_before = log.tell()
                self._process = subprocess.Popen(
                    [*COMMAND, "train", *arguments],
                    stdin=self.claim.fileno(),  # which it thus holds to its end, whatever becomes of this process
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=_environment(),
                    start_new_session=True,  # Ctrl-C in the server's terminal is the server's, which ends its workers
                )
        except FileExistsError:
            raise BusyError(f"{self.name} has been made by somebody else meanwhile: start again.") from None
        except OSError as error:
            raise could_not_write(self.run.folder, error) from error
        self.claim.leave()
        _give_way(self._process)
        self.begun = time.monotonic()
        self._length_before = self.run.records.length()

    def conclude(self) -> None:
        """Sets `message` if the process failed; called once it has ended or could not start.

        Of a run that never began nothing is left. Once its records tell that it trains, its name is claimed no more.
        """
        if self.is_running:
            if not self._has_released and self.run.records.length() != self._length_before:
                self.release()
            return
        if self._is_concluded:
            return
        self._is_concluded = True
        code = 0 if self._process is None else self._process.returncode
        if code != 0:
            self.message = self._last_words() if code > 0 else _killed(-code)
        elif self.asked_to_stop and self.has_ended_training:
            self.message = self.asked_to_stop
        if self._has_made_folder and not self.run.is_there:
            remove_unbegun(self.run.folder)
        self.release()

    def release(self) -> None:
        """Releases the claim on the run's name: it will not begin, or its folder exists."""
        self._has_released = True
        self.claim.release()

    def give_place(self, why: str) -> None:
        """Asks the process to end, resumable, because others wait."""
        self.asked_to_stop = why
        self.terminate()

    def ask_to_stop(self, why: str) -> None:
        """Asks the process to stop at its next step, as the user's stop does."""
        self.asked_to_stop = why
        with suppress(UserError):  # the disk may be full; the next check asks again
            self.run.write_control({"stop": True})

    def terminate(self) -> None:
        """Asks the process to end, resumable."""
        if self._process is not None and self.is_running:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Waits for the end of the process, and kills it at `deadline`, in the time of `time.monotonic`."""
        if self._process is not None:
            try:
                self._process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _make_folder(self) -> None:
        """Makes the folder of a new run, recorded in the claim in case this process and its own are killed."""
        self.run.folder.mkdir(parents=True)
        self._has_made_folder = True
        state = self.run.folder.stat()
        self.claim.write(made=[state.st_dev, state.st_ino])

    def _forget_what_was_asked(self) -> None:
        """Clears an earlier stop or pause: a resumed run is meant to train."""
        withdraw(self.run, "stop", "pause", "advance")

    def _last_words(self) -> str:
        """The final sentence of the command line; without one, its cause or where to look."""
        if not self.run.folder.exists():
            return f"{self.name} was moved or deleted while it was being trained: its training has ended."
        if sentence := last_sentence(self._said()):
            return sentence
        if _is_full(self.run.folder):
            return str(could_not_write(self.run.folder, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
        return f"The training ended unexpectedly; {self.run.folder / LOG} says more."

    def _said(self) -> str:
        """The end of this process's own output."""
        try:
            with (self.run.folder / LOG).open("rb") as log:
                log.seek(max(self._said_before, log.seek(0, os.SEEK_END) - LOG_BYTES))
                return log.read().decode(errors="replace")
        except OSError:
            return ""


def remove_left(claim: Claim) -> None:
    """Removes the folder of a run without settings whose worker and server were killed."""
    with suppress(OSError):
        state = claim.folder.stat()
        if claim.note.get("made") == [state.st_dev, state.st_ino] and not Run(claim.folder).is_there:
            remove_unbegun(claim.folder)


def make_ready(run: Run) -> None:
    """Completes a killed run so that it can be shown and downloaded. Raises RunError if it can't be.

    It takes a process with all of torch, so that of several runs one is made ready after the other.
    """
    with _making_ready:
        if run.is_trained:
            return
        process = begin("ready", str(run.folder))
        _, said = process.communicate()
    if process.returncode:
        raise RunError(last_sentence(said) or f"{run.name} can't be made ready to be looked at.")


def begin(*arguments: str) -> subprocess.Popen[str]:
    """Starts a process of the command line that doesn't train, and leaves a core to the server."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment() | {"OMP_NUM_THREADS": str(limits.free_threads(0))},
        start_new_session=True,
    )
    _give_way(process)
    return process


def last_sentence(said: str) -> str | None:
    """The final sentence of the command line, if any."""
    return next(
        (line.removeprefix("Error: ") for line in reversed(said.splitlines()) if line.startswith("Error: ")), None
    )


def _environment() -> dict[str, str]:
    """This process's environment, in which `vae_core` can be imported from any folder."""
    path = os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path}


def _give_way(process: subprocess.Popen[Any]) -> None:
    """Lowers the priority of this process below the server's."""
    with suppress(AttributeError, OSError):  # not everywhere; and it may have ended already
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)


def _is_full(folder: Path) -> bool:
    """Whether the folder's disk has no room for another file."""
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False


def _killed(number: int) -> str:
    """The sentence for a worker ended by a signal."""
    name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
    return f"The training was killed ({name}); go on with it from what was saved last."
