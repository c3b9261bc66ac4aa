"""Control of a run in training by its control.json: pause, single steps, slow motion, stop, new β.

Only a new β and a new learning rate change what is trained: they are logged, and a resume applies each at its step
again. All else passes by and leaves the weights those of an undisturbed run.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import Field

from vae_core.configs import Beta, Config, LearningRate
from vae_core.errors import RunError, UserError
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from vae_core.training.loop import TrainingState

MAX_WAIT = 0.02  # seconds: after that, what is asked for by then is obeyed
RECORDS_A_SECOND = 5  # in slow motion; slower than that, each step has one
CHANGES = ("beta", "learning_rate")


class ControlConfig(Config):
    """A watcher's request to a worker: `control.json`. None leaves a setting unchanged."""

    pause: bool = False
    stop: bool = False
    beta: Beta | None = None
    learning_rate: LearningRate | None = None
    steps_a_second: float | None = Field(None, ge=0.1, le=1000, description="slow motion; as fast as it goes if None")
    advance: int = Field(
        0, ge=0, le=1_000_000_000, description="while paused, this many single steps in all since the pause began"
    )


Change = dict[str, Any]
"""`step`, and under `control` what was changed before it."""


class Control:
    """Follows control.json; after a resume, it first replays the earlier changes, each at its step."""

    def __init__(self, run: Run, state: TrainingState, replay: list[Change]) -> None:
        self.run, self.state, self.replay = run, state, replay
        self.asks = ControlConfig()
        self.seen: tuple[int, int] | None = None
        self.single_steps, self.due = 0, -math.inf

    def changes(self) -> Iterator[dict[str, Any]]:
        """Applies requests since the last call; yields a record of each change of what is trained."""
        while self.replay and self.replay[0]["step"] <= self.state.step:
            yield self._apply(self.replay.pop(0)["control"])
        if (stamp := self._stamp()) == self.seen:
            return
        self.seen = stamp
        try:
            asks = ControlConfig(**self.run.read_control())
        except UserError as error:
            yield {"event": "refused", "message": str(error)}
            return
        self._count_single_steps(asks)
        if asks.steps_a_second != self.asks.steps_a_second:
            self.due = -math.inf
        self.asks = asks
        wanted = {name: getattr(asks, name) for name in CHANGES}
        known = self._known()
        news = {name: value for name, value in wanted.items() if value not in (None, known[name])}
        if news:
            insert_change(self.replay, {"step": self.state.step, "control": news})
            yield self._apply(self.replay.pop(0)["control"])

    def may_step(self) -> bool:
        """Whether no request holds the next step back; slow motion doesn't delay single steps."""
        return self.single_steps > 0 if self.asks.pause else time.perf_counter() >= self.due

    def wait(self) -> None:
        """Sleeps until the next step may be due, or control.json is to be read again."""
        left = MAX_WAIT if self.asks.pause else self.due - time.perf_counter()
        time.sleep(max(0.0, min(left, MAX_WAIT)))

    def stepped(self) -> None:
        """Counts a step."""
        self.single_steps = max(0, self.single_steps - 1)
        if self.asks.steps_a_second:
            self.due = max(self.due, time.perf_counter() - MAX_WAIT) + 1 / self.asks.steps_a_second

    @property
    def steps_between_records(self) -> float:
        """The number of steps between records: 1 while paused and in the slowest motion."""
        if self.asks.pause:
            return 1
        return math.ceil(self.asks.steps_a_second / RECORDS_A_SECOND) if self.asks.steps_a_second else math.inf

    def _count_single_steps(self, asks: ControlConfig) -> None:
        """Allows as many steps as `advance` has grown by; a smaller number restarts the count."""
        before = self.asks.advance
        growth = asks.advance - before if asks.advance >= before else asks.advance
        self.single_steps = self.single_steps + growth if asks.pause else 0

    def _known(self) -> dict[str, float]:
        """The current β and learning rate, or those after the replay: requesting them again changes nothing.

        Thus a control.json from before a kill changes nothing before its step.
        """
        known = {name: getattr(self.state, name) for name in CHANGES}
        for change in self.replay:
            known |= change["control"]
        return known

    def _apply(self, control: dict[str, float]) -> dict[str, Any]:
        if "beta" in control:
            self.state.set_beta(control["beta"])
        if "learning_rate" in control:
            self.state.learning_rate = control["learning_rate"]
        return {"event": "control", "control": control}

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.run.control_file)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def logged_changes(records: list[dict[str, Any]], replay: list[Change]) -> list[Change]:
    """`replay` and the changes in `records` that it lacks, in the order of their steps."""
    changes = list(replay)
    for record in records:
        if record.get("event") == "control":
            asks = ControlConfig(**record["control"])
            control = {name: getattr(asks, name) for name in CHANGES if getattr(asks, name) is not None}
            change = {"step": record["step"], "control": control}
            if control and change not in changes:
                insert_change(changes, change)
    return changes


def insert_change(changes: list[Change], change: Change) -> None:
    """Inserts a newer change before those of later steps, which lose their conflicting values."""
    at = sum(other["step"] <= change["step"] for other in changes)
    for other in changes[at:]:
        other["control"] = {name: value for name, value in other["control"].items() if name not in change["control"]}
    changes[at:] = [change, *(other for other in changes[at:] if other["control"])]


def withdraw(run: Run, *names: str) -> None:
    """Removes these requests from control.json. Raises RunError if it can't be read or written."""
    if kept := {name: value for name, value in run.read_control().items() if name not in names}:
        run.write_control(kept)
    else:
        run.control_file.unlink(missing_ok=True)


def forget_pause(run: Run) -> None:
    """Removes from control.json a pause obeyed before a kill, so that a resumed run continues."""
    with suppress(RunError):  # what can't be understood is refused in its turn
        withdraw(run, "pause", "advance")
