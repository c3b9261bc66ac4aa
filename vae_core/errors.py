"""Errors that a user can mend. Each is one sentence; its class says what the reader can do."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def needed(value: T | None) -> T:
    """The value, which the caller knows to exist. Raises LookupError, which is a programming error, if it is None."""
    if value is None:
        raise LookupError("There is none of what was taken for known.")
    return value


class UserError(Exception):
    """An error with a message of one sentence for a person, shown without a traceback."""


class ConfigError(UserError):
    """A setting is unknown, missing or out of range: give another one."""


class DataError(UserError):
    """A data set is missing or broken, or pictures are not what they should be: fetch or replace them."""


class RunError(UserError):
    """A file of a run or of arrays can't be used: it is foreign, or too large to be opened here."""


class MissingError(RunError):
    """A run or a file is not there: name another one, or make it."""


class BrokenError(RunError):
    """A file is not what it should be: restore it, or make it again."""


class BusyError(RunError):
    """A run is in use, or its name is taken: wait, stop what uses it, or choose another name."""


class StorageError(RunError):
    """A file or a folder can't be written or deleted: free space, or choose another place."""


class NoSuchRunError(MissingError):
    """No run has that name."""

    def __init__(self) -> None:
        super().__init__("There is no such run.")


class NotAllowedError(UserError):
    """The run belongs to another user, or is shipped."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not yours: you can look at it, but not change it.")


class DivergedError(UserError):
    """A loss or a gradient is not finite; the weights are those from before that step."""
