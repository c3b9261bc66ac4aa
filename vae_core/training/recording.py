"""Training that writes a run's folder: new, branched, resumed or extended runs.

Killed at any moment and resumed, a run ends with the weights that an undisturbed run ends with.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

import vae_core
from vae_core.codes.encoding import compute_codes
from vae_core.configs import Branching, Extension, ModelConfig, RunConfig, TrainingConfig
from vae_core.data.datasets import ImageSet
from vae_core.errors import BusyError, ConfigError, DivergedError, MissingError, RunError
from vae_core.files import make_folder
from vae_core.models import weight_files
from vae_core.runs import snapshots
from vae_core.runs.records import Record
from vae_core.runs.run import Run
from vae_core.runs.status import Status
from vae_core.training.control import Control
from vae_core.training.in_force import training_at
from vae_core.training.loop import TrainingState, train, with_steps
from vae_core.training.preview import preview
from vae_core.training.recorder import Recorder

EXTENSION_SHARE = 0.1  # of the highest learning rate, for what is added to a finished run


def create_run(folder: str | Path, model: ModelConfig, training: TrainingConfig, data: ImageSet) -> Run:
    """A new run folder with all settings needed to train it, and to train it again."""
    model = model.replace(image_shape=data.image_shape)
    run = Run.create(folder, RunConfig(model=model, training=with_steps(model, training, data), versions=_versions()))
    run.write_about(started=_now())
    return run


def branch_run(
    folder: str | Path, source: Run, step: int, training: TrainingConfig | dict[str, Any], data: ImageSet
) -> Run:
    """A new run of the same model that begins with the weights of `source`'s snapshot at `step`.

    `training` is its whole settings, or what is to be other than at that step of the source, as
    `TrainingConfig.changed` takes it.
    Optimiser and step begin anew. What it begins with is kept as its own snapshot 0, so that a resume and a repeat find
    it wherever the source has gone. Raises RunError where the source has no such snapshot.
    """
    if isinstance(training, dict):
        training = training_at(source, step).changed(**training)
    model = source.config.model
    if data.image_shape != model.image_shape:
        raise ConfigError(f"{source.name} has images of {model.image_shape}, {data.config.name} of {data.image_shape}.")
    run = Run.planned(folder)
    begun_with = snapshots.load(model, source.snapshots_folder, step)
    training = with_steps(model, training, data)
    make_folder(run.folder)
    snapshots.save(run.snapshots_folder, begun_with, preview(begun_with, data, 0), 0)
    origin = Branching(run=source.name, step=step)
    run.write_config(RunConfig(model=model, training=training, branched_from=origin, versions=_versions()))
    run.write_about(started=_now())
    return run


def extend_run(run: Run, steps: int, learning_rate: float | None = None) -> Run:
    """Reopens a finished run with `steps` more steps, to be trained by `record`.

    The learning rate stays at the one given, or at a tenth of the run's highest: its schedule has come to its end.
    Raises RunError where the run is not finished, or has no state to go on from.
    """
    training = run.config.training
    with run.exclusively(_in_training(run)):
        if run.read_status() is not Status.FINISHED:
            raise BusyError(f"{run.folder} is not finished: go on with it as it is, then train it further.")
        if not run.state_file.exists():
            raise MissingError(
                f"{run.folder} has no state to go on from: it was shipped, copied or cleared at its end."
            )
        rate = EXTENSION_SHARE * training.learning_rate if learning_rate is None else learning_rate
        extension = Extension(from_step=training.known_steps, learning_rate=max(rate, 1e-6))
        longer = training.replace(
            steps=training.known_steps + steps,
            extensions=[*map(Extension.model_dump, (*training.extensions, extension))],
        )
        tensors, numbers = weight_files.load_state(run.state_file)
        # The state first: killed before the settings are written, the run is as finished as it was.
        weight_files.save_state(tensors, numbers | {"learning_rate": extension.learning_rate}, run.state_file)
        run.write_config(run.config.replace(training=longer.model_dump()))
    return Run.open(run.folder)


def record(run: Run, data: ImageSet, keep_going: Callable[[], bool] = lambda: True) -> Iterator[Record]:
    """Trains a run from its saved state, or from its start, and yields each record that it writes.

    The last record has an `event`: "finished", or "stopped" where control.json asked for it, or "interrupted" where
    `keep_going()` was false; from the latter two the run can be resumed. A pause and its end are events too, "paused"
    and "resumed". Raises DivergedError where a loss is not finite (the last good weights are kept), and RunError where
    the folder can't be written, has gone, or another process is training the run.
    """
    if run.config.training.steps is None:
        raise RunError(f"{run.folder} has no number of steps in its config.json: give it one.")
    with run.exclusively(_in_training(run)):
        state = TrainingState.start(run.config.model, run.config.training)
        recorder = Recorder(run, data, state)
        control = Control(run, state, recorder.resume())
        steps = train(state, data)
        event = Status.FINISHED
        yield from recorder.say_what_is_new()
        while state.step < state.config.known_steps:
            if not run.is_there:
                raise MissingError(
                    f"{run.folder} was moved or deleted while it was being trained: the training has ended."
                )
            yield from map(recorder.append, control.changes())
            if not keep_going() or control.asks.stop:
                event = Status.STOPPED if control.asks.stop else Status.INTERRUPTED
                break
            if control.asks.pause != recorder.is_paused:
                yield from recorder.pause() if control.asks.pause else recorder.go_on()
                continue
            if not control.may_step():
                recorder.save_state_when_due()
                control.wait()
                continue
            try:
                step = next(steps)
            except DivergedError as error:
                yield recorder.end(Status.DIVERGED, message=str(error))
                raise
            control.stepped()
            yield from recorder.after(step, control.steps_between_records)
        yield recorder.end(event)


def make_ready(run: Run, data: ImageSet) -> None:
    """Completes a killed run with the codes of its best weights; it is trained no further.

    Where none have been validated yet, those of its newest snapshot stand in. Raises RunError where it has no weights
    at all, or is being trained.
    """
    with run.exclusively(_in_training(run)):
        kept = snapshots.steps(run.snapshots_folder)
        if kept and not run.model_file.exists():
            weight_files.save_model(snapshots.load(run.config.model, run.snapshots_folder, kept[-1]), run.model_file)
        run.write_codes(compute_codes(run.load_model(), data))


def _in_training(run: Run) -> str:
    return f"{run.folder} is being trained already, by another process."


def _versions() -> dict[str, str]:
    return {"halfmoon": vae_core.__version__, "torch": torch.__version__, "python": platform.python_version()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
