"""Errors that a user can cause, each with one sentence that says what is wrong and what to do."""


class UserError(Exception):
    """An error that the user can correct; its message is one sentence, shown without a traceback."""


class ConfigError(UserError):
    """A setting is unknown, missing or out of range."""


class DataError(UserError):
    """A data set is missing or broken, or pictures are unsuitable."""


class RunError(UserError):
    """A file of a run or of arrays is missing, broken, foreign or can't be written."""


class DivergedError(UserError):
    """A loss or a gradient was not finite; the weights are those from before that step."""


class NotAllowedError(UserError):
    """The run belongs to another user, or is shipped."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not yours: you can look at it, but not change it.")


class NoSuchRunError(UserError):
    """There is no run of that name."""

    def __init__(self) -> None:
        super().__init__("There is no such run.")
