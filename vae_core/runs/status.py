"""The status of a run: waiting, in training, or ended."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The status of a run. `FAILED` is one that could not begin, and left only a message.

    `INTERRUPTED` ended early, by a kill too; `QUEUED` has never begun.
    """

    QUEUED = "queued"
    TRAINING = "training"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def is_live(self) -> bool:
        """Whether a process is training the run, or holds it in a pause."""
        return self in (Status.TRAINING, Status.PAUSED)

    @property
    def has_ended(self) -> bool:
        """Whether no process will continue it by itself."""
        return not self.is_live and self is not Status.QUEUED

    @property
    def is_resumable(self) -> bool:
        """Whether it ended before its last step, so that it can be resumed."""
        return self in (Status.STOPPED, Status.INTERRUPTED)


ENDS = frozenset((Status.FINISHED, Status.STOPPED, Status.INTERRUPTED, Status.DIVERGED))
"""The events of the last record of a run that nobody trains any more."""
