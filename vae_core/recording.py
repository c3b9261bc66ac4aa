"""A training run that writes its folder: records, previews, snapshots, state, best weights and, at its end, codes.

Killed at any moment and resumed, a run ends with the weights that an undisturbed run ends with.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

import vae_core
from vae_core import latent, snapshots, weights
from vae_core.configs import ModelConfig, RunConfig, TrainingConfig
from vae_core.datasets import ImageSet
from vae_core.errors import ConfigError, DivergedError, RunError
from vae_core.files import write_arrays
from vae_core.losses import LossTerms
from vae_core.preview import preview
from vae_core.runs import Run
from vae_core.training import Step, TrainingState, steps_per_epoch, train, with_steps

MOST_STEPS_BETWEEN_RECORDS = 20
SECONDS_BETWEEN_STATES = 10.0
SECONDS_BETWEEN_PREVIEWS = 0.4
WATCHED_SHARE = 0.05  # of the time may go into previews and snapshots; past that they come less often
SECONDS_BETWEEN_PAUSE_CHECKS = 0.02

Record = dict[str, Any]


def create_run(folder: str | os.PathLike, model: ModelConfig, training: TrainingConfig, data: ImageSet) -> Run:
    """A new run folder with all it takes to train, and to train again."""
    versions = {"halfmoon": vae_core.__version__, "torch": torch.__version__, "python": platform.python_version()}
    model = model.replace(image_shape=data.image_shape)
    return Run.create(folder, RunConfig(model=model, training=with_steps(model, training, data), versions=versions))


def record(run: Run, data: ImageSet, keep_going: Callable[[], bool] = lambda: True) -> Iterator[Record]:
    """Trains a run from where it was left, or from its start, and yields each record that it writes.

    The last record has an `event`: "finished", or "stopped" where control.json asked for it, or "interrupted" where
    `keep_going()` was false; from the latter two the run can be resumed. Raises DivergedError where a loss is not
    finite (the last good weights are kept), and RunError where the folder can't be written.
    """
    state = TrainingState.start(run.config.model, run.config.training)
    recorder = _Recorder(run, data, state)
    control = _Control(run, state, recorder.resume())
    steps = train(state, data)
    event = "finished"
    while state.step < state.config.steps:
        yield from map(recorder.append, control.changes())
        if not keep_going() or control.stopped:
            event = "stopped" if control.stopped else "interrupted"
            break
        if control.paused:
            recorder.save_state()
            control.wait_while_paused(keep_going)
            continue
        try:
            step = next(steps)
        except DivergedError as error:
            recorder.finish()
            yield recorder.append({"event": "diverged", "message": str(error)})
            raise
        yield from recorder.after(step)
    recorder.finish()
    yield recorder.append({"event": event})


class _Recorder:
    """Writes what a step brings into the run's folder, each file when it is due."""

    def __init__(self, run: Run, data: ImageSet, state: TrainingState) -> None:
        self.run, self.data, self.state = run, data, state
        self.between_records = max(1, min(MOST_STEPS_BETWEEN_RECORDS, steps_per_epoch(state.config, data) // 10))
        self.sums, self.steps = torch.zeros(3, device=state.noise.device), 0
        self.begun = self.record_begun = self.state_saved = time.perf_counter()
        self.seconds_before, self.watched_seconds, self.previewed = 0.0, 0.0, -math.inf
        self.snapshots: list[int] = []

    def resume(self) -> list[Record]:
        """Restores the state, if there is one; the changes by control.json that came after it are returned.

        Records and snapshots from after that state are removed: they will be made again.
        """
        length = 0
        if self.run.state_file.exists():
            tensors, numbers = weights.load_state(self.run.state_file)
            try:
                self.state.restore(tensors, numbers)
                length, self.seconds_before = numbers["records_length"], numbers["seconds"]
            except (KeyError, ValueError, RuntimeError) as error:
                raise RunError(f"{self.run.state_file} is not a state of this run.") from error
        later, _ = self.run.records(length)
        self.run.cut_records(length)
        for step in snapshots.steps(self.run.snapshots_folder):
            if step > self.state.step:
                snapshots.remove(self.run.snapshots_folder, step)
            else:
                self.snapshots.append(step)
        return [record for record in later if record.get("event") == "control"]

    def after(self, step: Step) -> Iterator[Record]:
        """Everything that is due after a step; yields the records written."""
        self.sums += torch.stack(step.terms)
        self.steps += 1
        if step.step % self.between_records == 0 or step.validation:
            terms = LossTerms(*(self.sums / self.steps).tolist())
            speed = self.steps * self.state.config.batch_size / (time.perf_counter() - self.record_begun)
            yield self._append_terms("training", step, terms, images_per_second=round(speed))
            self.sums.zero_()
            self.steps, self.record_begun = 0, time.perf_counter()
        if step.validation:
            yield self._append_terms("validation", step, step.validation)
        if step.is_best:
            weights.save_model(self.state.model, self.run.model_file)
        self._watch()
        if time.perf_counter() - self.state_saved > SECONDS_BETWEEN_STATES:
            self.save_state()

    def append(self, record: Record) -> Record:
        """The record as it was written: with its step, and the seconds since the start, pauses included."""
        record = {"step": self.state.step, "seconds": round(self._seconds(), 3)} | record
        self.run.append_record(record)
        return record

    def save_state(self) -> None:
        numbers = {"records_length": self.run.records_length(), "seconds": self._seconds()} | self.state.numbers()
        weights.save_state(self.state.tensors(), numbers, self.run.state_file)
        self.state_saved = time.perf_counter()

    def finish(self) -> None:
        """Makes the run ready to be looked at: best weights, their codes, and a last preview."""
        self.save_state()
        if not self.run.model_file.exists():
            weights.save_model(self.state.model, self.run.model_file)
        write_arrays(self.run.preview_file, preview(self.state.model, self.data, self.state.step))
        self.run.write_codes(latent.compute_codes(self.run.load_model(), self.data))

    def _seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self.begun

    def _append_terms(self, split: str, step: Step, terms: LossTerms, **more: float) -> Record:
        settings = {"beta": self.state.beta, "learning_rate": self.state.learning_rate}
        return self.append({"epoch": round(step.epoch, 4), "split": split} | terms._asdict() | settings | more)

    def _watch(self) -> None:
        """A preview and a snapshot, where they are due and their share of the time is not used up."""
        now = time.perf_counter()
        snapshot_due = snapshots.is_due(self.state.step, self.snapshots)
        if not snapshot_due and now - self.previewed < SECONDS_BETWEEN_PREVIEWS:
            return
        if self.watched_seconds > WATCHED_SHARE * (now - self.begun):
            return
        arrays = preview(self.state.model, self.data, self.state.step)
        write_arrays(self.run.preview_file, arrays)
        if snapshot_due:
            snapshots.save(self.run.snapshots_folder, self.state.model, arrays, self.state.step)
            self.snapshots = snapshots.steps(self.run.snapshots_folder)
        self.previewed = time.perf_counter()
        self.watched_seconds += self.previewed - now


class _Control:
    """What control.json asks for; after a resume, first what it had asked for before, each at its step again."""

    def __init__(self, run: Run, state: TrainingState, replay: list[Record]) -> None:
        self.run, self.state, self.replay = run, state, replay
        self.stopped = self.paused = False
        # What stands there already was obeyed before, or was meant for the run as it ended: only news count.
        self.seen = self._stamp()

    def changes(self) -> Iterator[Record]:
        """Applies what was asked for since the last call; yields a record of each."""
        while self.replay and self.replay[0]["step"] <= self.state.step:
            yield self._apply(self.replay.pop(0)["control"])
        if (stamp := self._stamp()) != self.seen:
            self.seen = stamp
            try:
                control = self.run.control
            except RunError as error:
                yield {"event": "refused", "message": str(error)}
            else:
                yield self._apply(control)
                self.stopped, self.paused = control.get("stop", False), control.get("pause", False)

    def wait_while_paused(self, keep_going: Callable[[], bool]) -> None:
        while self._stamp() == self.seen and keep_going():
            time.sleep(SECONDS_BETWEEN_PAUSE_CHECKS)

    def _apply(self, control: dict[str, Any]) -> Record:
        wanted = {name: control[name] for name in ("beta", "learning_rate") if name in control}
        try:
            self.state.config.replace(**wanted)
        except ConfigError as error:
            return {"event": "refused", "message": str(error)}
        if wanted.get("beta", self.state.beta) != self.state.beta:
            self.state.best = math.inf  # totals with another beta don't compare
        for name, value in wanted.items():
            setattr(self.state, name, value)
        return {"event": "control", "control": control}

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.run.control_file)
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino
