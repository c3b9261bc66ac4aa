"""The settings in force at a step: those the training began with, and all changes since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from vae_core.configs import TrainingConfig
from vae_core.errors import BrokenError, ConfigError
from vae_core.runs.run import Run
from vae_core.training.control import ControlConfig

STEERED = ("beta", "learning_rate")


class Change(NamedTuple):
    """From `step` on, `values` of STEERED are different."""

    step: int
    values: dict[str, float]


def changes(run: Run) -> list[Change]:
    """All changes in the run's training, in the order of the steps, with those of its extensions.

    Raises RunError where its records can't be understood.
    """
    added = [Change(one.from_step, {"learning_rate": one.learning_rate}) for one in run.config.training.extensions]
    return sorted([*added, *_steering(run)], key=lambda change: change.step)


def training_at(run: Run, step: int) -> TrainingConfig:
    """The run's settings in force at that step. Raises RunError if its records can't be parsed."""
    values: dict[str, float] = {}
    for change in changes(run):
        if change.step <= step:
            values |= change.values
    return run.config.training.changed(**values)


def _steering(run: Run) -> Iterator[Change]:
    """The watchers' changes. Other records are not parsed, as there are many."""
    try:
        with run.records.path.open("rb") as file:
            lines = [line for line in file if b'"control"' in line and line.endswith(b"\n")]
        for record in map(json.loads, lines):
            if record.get("event") == "control" and (values := _steered(record["control"])):
                yield Change(int(record["step"]), values)
    except FileNotFoundError:
        return
    except (AttributeError, ConfigError, KeyError, OSError, RecursionError, TypeError, ValueError) as error:
        raise BrokenError(f"What was changed in {run.name} while it was trained can't be understood.") from error


def _steered(control: dict[str, Any]) -> dict[str, float]:
    asked = ControlConfig(**control)
    return {name: getattr(asked, name) for name in STEERED if getattr(asked, name) is not None}
