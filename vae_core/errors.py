"""The errors that a user can cause, each with one sentence that says what was wrong and what to do."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def needed(value: T | None) -> T:
    """The value, where whoever calls knows that there is one. Raises LookupError, which no user causes, if not."""
    if value is None:
        raise LookupError("There is none of what was taken for known.")
    return value


class UserError(Exception):
    """Something a user can mend; its message is one sentence for a person, shown without a traceback."""


class ConfigError(UserError):
    """A setting is unknown, missing or out of range."""


class DataError(UserError):
    """A data set is missing or broken, or pictures are not what they should be."""


class RunError(UserError):
    """A file, of a run or of arrays, is missing, broken, foreign or can't be written."""


class DivergedError(UserError):
    """A loss or a gradient was not finite; the weights are those from before that step."""


class NotAllowedError(UserError):
    """The run is somebody else's, or one that is shipped."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not yours: you can look at it, but not change it.")


class NoSuchRunError(UserError):
    """There is no run of that name."""

    def __init__(self) -> None:
        super().__init__("There is no such run.")
