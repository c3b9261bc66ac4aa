"""A training run that writes its folder: records, previews, snapshots, state, best weights and, at its end, codes.

Killed at any moment and resumed, a run ends with the weights that an undisturbed run ends with.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch
from filelock import Timeout

import vae_core
from vae_core import latent, snapshots, weights
from vae_core.configs import ControlConfig, ModelConfig, RunConfig, TrainingConfig
from vae_core.datasets import ImageSet
from vae_core.errors import DivergedError, RunError, UserError
from vae_core.files import could_not_write, remove_file, remove_leftovers, write_arrays
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
    finite (the last good weights are kept), and RunError where the folder can't be written or another process is
    training the run.
    """
    with _exclusively(run):
        state = TrainingState.start(run.config.model, run.config.training)
        recorder = _Recorder(run, data, state)
        control = _Control(run, state, recorder.resume())
        steps = train(state, data)
        event = "finished"
        while state.step < state.config.steps:
            yield from map(recorder.append, control.changes())
            if not keep_going() or control.asks.stop:
                event = "stopped" if control.asks.stop else "interrupted"
                break
            if control.asks.pause:
                recorder.save_state()
                control.wait_while_paused(keep_going)
                recorder.start_clock()
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


@contextmanager
def _exclusively(run: Run) -> Iterator[None]:
    """Nobody else trains the run meanwhile. Raises RunError where somebody does."""
    try:
        lock = run.training_lock().acquire()
    except Timeout:
        raise RunError(f"{run.folder} is being trained already, by another process.") from None
    except OSError as error:
        raise could_not_write(run.folder, error) from error
    with lock:
        yield


class _Recorder:
    """Writes what a step brings into the run's folder, each file when it is due."""

    def __init__(self, run: Run, data: ImageSet, state: TrainingState) -> None:
        self.run, self.data, self.state = run, data, state
        self.between_records = max(1, min(MOST_STEPS_BETWEEN_RECORDS, steps_per_epoch(state.config, data) // 2))
        self.begun = self.state_saved = time.perf_counter()
        self.seconds_before, self.watched_seconds, self.previewed = 0.0, 0.0, -math.inf
        self.snapshots: list[int] = []
        self.pending: list[Record] = []
        self.start_clock()

    def start_clock(self) -> None:
        """Begins the means and the speed of the next training record."""
        self.sums, self.steps, self.images = torch.zeros(3, device=self.state.noise.device), 0, 0
        self.clock = time.perf_counter()

    def resume(self) -> list[Record]:
        """Restores the state, if there is one; the changes by control.json that are to come again are returned.

        Records and snapshots from after that state are removed: they will be made again.
        """
        remove_leftovers(self.run.folder)
        length, replay = 0, []
        last = self.run.last_record()
        if self.run.state_file.exists():
            tensors, numbers = weights.load_state(self.run.state_file)
            try:
                self.state.restore(tensors, numbers)
                length, replay = numbers["records_length"], numbers["replay"]
                self.seconds_before = numbers["seconds"]
            except (KeyError, ValueError, RuntimeError) as error:
                raise RunError(f"{self.run.state_file} is not a state of this run.") from error
        elif last and last.get("event") == "finished":
            raise RunError(f"{self.run.folder} has no state to go on from: it was shipped, or cleared, when finished.")
        for record in self.run.records(length)[0]:
            change = {name: record.get(name) for name in ("step", "control")}
            if record.get("event") == "control" and change not in replay:
                replay.append(change)
        if self.state.step < self.state.config.steps:
            self.run.forget_results()
        self.pending = replay  # whoever takes from what is returned takes from what is saved
        if replay:
            self.save_state(length)  # before they are cut off: a second kill must not lose them
        self.run.cut_records(length)
        snapshots.remove_after(self.run.snapshots_folder, self.state.step)
        self.snapshots = snapshots.steps(self.run.snapshots_folder)
        return replay

    def after(self, step: Step) -> Iterator[Record]:
        """Everything that is due after a step; yields the records written."""
        self.sums += torch.stack(step.terms)
        self.steps += 1
        self.images += step.images
        if step.step % self.between_records == 0 or step.validation:
            terms = LossTerms(*(self.sums / self.steps).tolist())
            speed = round(self.images / (time.perf_counter() - self.clock))
            yield self._append_terms("training", step, terms, beta=step.beta, images_per_second=speed)
            self.start_clock()
        if step.validation:
            yield self._append_terms("validation", step, step.validation, beta=self.state.beta)
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

    def save_state(self, records_length: int | None = None) -> None:
        """The state of training, and how many bytes of the records belong to it: all of them where not given."""
        numbers = {
            "records_length": self.run.records_length() if records_length is None else records_length,
            "replay": self.pending,
            "seconds": self._seconds(),
        }
        weights.save_state(self.state.tensors(), numbers | self.state.numbers(), self.run.state_file)
        self.state_saved = time.perf_counter()

    def finish(self) -> None:
        """Makes the run ready to be looked at: best weights, their codes, and a last preview."""
        self.save_state()
        if not self.run.model_file.exists():
            weights.save_model(self.state.model, self.run.model_file)
        write_arrays(self.run.preview_file, preview(self.state.model, self.data, self.state.step))
        self.run.write_codes(latent.compute_codes(self.run.load_model(), self.data))
        remove_file(self.run.control_file)  # what it asked for was for this time

    def _seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self.begun

    def _append_terms(self, split: str, step: Step, terms: LossTerms, **more: float) -> Record:
        epoch = {"epoch": round(step.epoch, 4), "split": split}
        return self.append(epoch | terms._asdict() | {"learning_rate": step.learning_rate} | more)

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
        self.asks = ControlConfig()
        self.seen = self._stamp() if self._was_obeyed() else None

    def changes(self) -> Iterator[Record]:
        """Applies what was asked for since the last call; yields a record of each."""
        while self.replay and self.replay[0]["step"] <= self.state.step:
            control = self.replay.pop(0)["control"]
            self._apply(ControlConfig(**control))
            yield {"event": "control", "control": control}
        if (stamp := self._stamp()) != self.seen:
            self.seen = stamp
            try:
                control = self.run.control
                self.asks = ControlConfig(**control)
            except UserError as error:
                yield {"event": "refused", "message": str(error)}
            else:
                self._apply(self.asks)
                yield {"event": "control", "control": control}

    def wait_while_paused(self, keep_going: Callable[[], bool]) -> None:
        while self._stamp() == self.seen and keep_going():
            time.sleep(SECONDS_BETWEEN_PAUSE_CHECKS)

    def _was_obeyed(self) -> bool:
        """Whether what stands there is from before a kill; anything else is news, however old."""
        obeyed = [record["control"] for record in self.run.records()[0] if record.get("event") == "control"]
        obeyed += [change["control"] for change in self.replay]
        with suppress(RunError):
            return bool(obeyed) and obeyed[-1] == self.run.control
        return False

    def _apply(self, asks: ControlConfig) -> None:
        if asks.beta is not None:
            self.state.set_beta(asks.beta)
        if asks.learning_rate is not None:
            self.state.learning_rate = asks.learning_rate

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.run.control_file)
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino
