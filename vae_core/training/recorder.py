"""The recorder of a run in training: writes each file of its folder when it is due."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from vae_core.codes import encoding
from vae_core.configs import Beta, Config, LearningRate
from vae_core.data.datasets import ImageSet
from vae_core.errors import BrokenError, ConfigError, MissingError
from vae_core.files import remove_file, write_arrays
from vae_core.models import weight_files
from vae_core.runs import snapshots
from vae_core.runs.contents import remove_half_written
from vae_core.runs.records import Record
from vae_core.runs.run import Run
from vae_core.runs.schemas import MAX_STEP
from vae_core.runs.status import Status
from vae_core.training.control import Change, forget_pause, logged_changes
from vae_core.training.loop import Step, TermSums, TrainingState, steps_per_epoch
from vae_core.training.preview import preview

MAX_STEPS_BETWEEN_RECORDS = 20
SECONDS_BETWEEN_STATES = 10.0
SECONDS_BETWEEN_PREVIEWS = 0.4
OTHER_NOISE = (
    "The run was begun on another kind of device, whose random numbers don't go on here: with new ones its figures "
    "come out a little other than there."
)
COLUMNS = ("total", "reconstruction", "kl", "mismatch")  # of every record, 0 where the loss lacks such a term
WATCHED_SHARE = 0.05  # of the time may go into previews and snapshots; past that they come less often


class SavedChange(Config):
    """A `Change` to be replayed."""

    step: int = Field(ge=0, le=MAX_STEP)
    control: dict[Literal["beta", "learning_rate"], float]


class SavedNumbers(Config):
    """The part of a state without its tensors."""

    step: int = Field(ge=0, le=MAX_STEP)
    beta: Beta
    learning_rate: LearningRate
    best: float | None
    records_length: int = Field(ge=0)
    replay: list[SavedChange]
    seconds: float = Field(ge=0)


class Recorder:
    """Writes the results of steps into the run's folder."""

    def __init__(self, run: Run, data: ImageSet, state: TrainingState) -> None:
        self.run, self.data, self.state = run, data, state
        self.between_records = max(1, min(MAX_STEPS_BETWEEN_RECORDS, steps_per_epoch(state.config, data) // 2))
        self.begun = self.state_saved = time.perf_counter()
        self.seconds_before, self.previewed, self.watch_again = 0.0, -math.inf, -math.inf
        self.has_same_noise = True
        self.last_step: Step | None = None
        self.saved_step = 0
        self.is_paused = False
        self.snapshots: list[int] = []
        self.pending: list[Change] = []
        self._start_clock()

    def resume(self) -> list[Change]:
        """Restores the state, if there is one; returns the changes by control.json to replay.

        Records and snapshots from after that state are removed: they will be made again.
        """
        remove_half_written(self.run.folder)
        length, replay = 0, []
        last = self.run.records.last()
        if self.run.state_file.exists():
            tensors, numbers = weight_files.load_state(self.run.state_file)
            try:
                numbers = SavedNumbers(**numbers).model_dump()
                self.has_same_noise = self.state.restore(tensors, numbers)
                length, replay = numbers["records_length"], numbers["replay"]
                self.seconds_before = numbers["seconds"]
            except (ConfigError, KeyError, ValueError, RuntimeError, TypeError) as error:
                raise BrokenError(f"{self.run.state_file} is not a state of this run.") from error
        elif self.run.read_end() is not None:
            raise MissingError(
                f"{self.run.folder} has no state to go on from: it was shipped, copied or cleared at its end."
            )
        else:
            self._begin()
        replay = logged_changes(self.run.records.read(length)[0], replay)
        if self.state.step < self.state.config.known_steps:
            self.run.forget_results()
        self.pending = replay  # whoever takes from what is returned takes from what is saved
        if replay:
            self.save_state(length)  # before they are cut off: a second kill must not lose them
        if last and last.get("paused"):
            forget_pause(self.run)
        self.run.records.cut(length)
        self.is_paused = bool((self.run.records.last() or {}).get("paused"))
        snapshots.remove_after(self.run.snapshots_folder, self.state.step)
        self.snapshots = snapshots.steps(self.run.snapshots_folder)
        self.saved_step = self.state.step
        return replay

    def say_what_is_new(self) -> Iterator[Record]:
        """Appends an event for what a resume could not restore."""
        if not self.has_same_noise and self.state.step < self.state.config.known_steps:
            yield self.append({"event": "reseeded", "message": OTHER_NOISE})

    def after(self, step: Step, max_steps: float) -> Iterator[Record]:
        """Writes everything that is due after a step; yields the records written.

        A record comes after `max_steps` at the latest; where that is 1, a preview after every step.
        """
        self.last_step = step
        self.sums.add(step.terms)
        self.images += step.images
        if step.step % self.between_records == 0 or step.validation or self.sums.count >= max_steps:
            yield self._append_means(step)
        if step.validation:
            yield self._append_terms("validation", step, step.validation, beta=self.state.beta)
        if step.is_best:
            weight_files.save_model(self.state.model, self.run.model_file)
        self._watch(at_once=max_steps == 1)
        self.save_state_when_due()

    def pause(self) -> Iterator[Record]:
        """Writes the state of training for a pause."""
        if self.last_step is not None and self.sums.count:
            yield self._append_means(self.last_step)
        self.is_paused = True
        yield self.append({"event": "paused"})
        self._watch(at_once=True)
        self.save_state()

    def go_on(self) -> Iterator[Record]:
        self.is_paused = False
        yield self.append({"event": "resumed"})
        self._start_clock()

    def end(self, event: Status, **more: str) -> Record:
        """Writes best weights, their codes, a last preview and snapshot. Returns the last record."""
        self.save_state()
        remove_file(self.run.control_file)  # what it asked for was for this time
        if not self.run.model_file.exists():
            weight_files.save_model(self.state.model, self.run.model_file)
        self._show(and_keep=self.state.step > max(self.snapshots, default=0))
        self.run.write_codes(encoding.compute_codes(self.run.load_model(), self.data))
        remove_file(self.run.control_file)  # asked for meanwhile
        self.is_paused = False
        return self.append({"event": event} | more)

    def append(self, record: Record) -> Record:
        """Appends a record, with its step and the seconds since the start, pauses included; returns it as written.

        Those from a pause have `paused`, so that the last record tells how things stand.
        """
        record = {"step": self.state.step, "seconds": round(self._seconds(), 3)} | record
        if self.is_paused:
            record["paused"] = True
        self.run.records.append(record)
        return record

    def save_state(self, records_length: int | None = None) -> None:
        """Saves the state of training, and the length of the records that belong to it: all by default."""
        numbers = {
            "records_length": self.run.records.length() if records_length is None else records_length,
            "replay": self.pending,
            "seconds": self._seconds(),
        }
        weight_files.save_state(self.state.tensors(), numbers | self.state.numbers(), self.run.state_file)
        self.state_saved, self.saved_step = time.perf_counter(), self.state.step

    def save_state_when_due(self) -> None:
        """Saves the state if it has changed and the last save is old."""
        if self.saved_step != self.state.step and time.perf_counter() - self.state_saved > SECONDS_BETWEEN_STATES:
            self.save_state()

    def _begin(self) -> None:
        """Starts a branched run with the weights of its origin."""
        if self.run.config.branched_from is not None:
            begun_with = snapshots.load(self.run.config.model, self.run.snapshots_folder, 0)
            self.state.model.load_state_dict(begun_with.state_dict())

    def _start_clock(self) -> None:
        """Begins the means and the speed of the next training record."""
        self.sums, self.images = TermSums(self.state.noise.device), 0
        self.clock = time.perf_counter()

    def _seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self.begun

    def _append_means(self, step: Step) -> Record:
        """Appends the record of the steps since the last one."""
        terms = self.sums.means()
        speed = round(self.images / (time.perf_counter() - self.clock))
        record = self._append_terms("training", step, terms, beta=step.beta, images_per_second=speed)
        self._start_clock()
        return record

    def _append_terms(self, split: str, step: Step, terms: dict[str, float], **more: float) -> Record:
        epoch = {"epoch": round(step.epoch, 4), "split": split}
        columns = dict.fromkeys(COLUMNS, 0.0) | terms
        return self.append(epoch | columns | {"learning_rate": step.learning_rate} | more)

    def _watch(self, at_once: bool) -> None:
        """Writes a preview and a snapshot if they are due and within their share of the time, or `at_once`."""
        now = time.perf_counter()
        snapshot_due = snapshots.is_due(self.state.step, self.snapshots)
        if not at_once:
            if not snapshot_due and now - self.previewed < SECONDS_BETWEEN_PREVIEWS:
                return
            if now < self.watch_again:
                return
        self._show(and_keep=snapshot_due)
        self.previewed = time.perf_counter()
        self.watch_again = self.previewed + (self.previewed - now) * (1 / WATCHED_SHARE - 1)

    def _show(self, and_keep: bool) -> None:
        """Writes the preview and, if it is due, a snapshot."""
        arrays = preview(self.state.model, self.data, self.state.step)
        write_arrays(self.run.preview_file, arrays)
        if and_keep:
            snapshots.save(self.run.snapshots_folder, self.state.model, arrays, self.state.step)
            self.snapshots = snapshots.steps(self.run.snapshots_folder)
