"""A run is a folder: what the command line, a page and a machine far away all read and write.

Reading a run's settings, codes, records and card needs no torch; only its model does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from safetensors import safe_open

from vae_core.codes.codes import Codes
from vae_core.configs import AboutConfig, RunConfig
from vae_core.errors import ConfigError, RunError
from vae_core.files import (
    make_folder,
    read_arrays,
    read_file,
    read_json,
    reading_tensors,
    remove_file,
    write_arrays,
    write_atomically,
)
from vae_core.locks import is_locked, locked
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.contents import stranger, stranger_before_settings
from vae_core.runs.records import Record, RecordFile
from vae_core.runs.schemas import CODES, codes_of, is_card
from vae_core.workshop import workspace

if TYPE_CHECKING:
    from vae_core.models.kinds import AutoEncoder

End = Literal["finished", "stopped", "interrupted", "diverged"]
"""The event of the last record of a run that nobody trains any more."""
Status = Literal["queued", "training", "paused", End]


@dataclass(frozen=True)
class Run:
    """A run folder that has a `config.json`. Open one with `Run.open`, make one with `Run.create`."""

    folder: Path

    @classmethod
    def open(cls, folder: Path | str) -> Run:
        """The run in `folder`. Raises RunError where there is none, or its settings can't be read."""
        run = cls(Path(folder))
        run.config  # noqa: B018 - read once here, so that a broken run fails where it is opened
        return run

    @classmethod
    def create(cls, folder: Path | str, config: RunConfig) -> Run:
        """A new run. Raises RunError where the folder has one already or can't be written."""
        run = cls.planned(folder)
        make_folder(run.folder)
        run.write_config(config)
        return run

    @classmethod
    def planned(cls, folder: Path | str) -> Run:
        """The run that is to come into `folder`: one as soon as it has settings.

        Raises RunError where there is a run already, or anything else of somebody's.
        """
        run = cls(Path(folder))
        if run._config_file.exists():
            raise RunError(f"{folder} has a run already: choose another folder, or go on with it by --resume.")
        if run.folder.is_dir() and (found := stranger_before_settings(run.folder)) is not None:
            raise RunError(f"{folder} holds {found}, which is not of a run: choose a folder that is new or empty.")
        return run

    @property
    def name(self) -> str:
        return os.path.basename(os.path.abspath(self.folder))  # of a link its own, not that of what it leads to

    @cached_property
    def config(self) -> RunConfig:
        try:
            return RunConfig.from_json(read_file(self._config_file))
        except FileNotFoundError:
            raise RunError(f"There is no run in {self.folder}: it has no config.json.") from None
        except ConfigError as error:
            raise RunError(f"{self._config_file} is not a run's settings: {error}") from error

    def check(self) -> None:
        """All that there is of the run can be read. Raises RunError with what can't."""
        self.check_name()
        _ = self.config, self.about, self.card, self.last_record()
        self.check_results()

    def check_name(self) -> None:
        """The name is made of characters: on Linux it need not be. Raises RunError where it isn't."""
        try:
            self.name.encode()
        except UnicodeEncodeError as error:
            raise RunError(f"The name of {self.name!a} is not made of characters: rename its folder.") from error

    def check_results(self) -> None:
        """The codes and the file of the model, where they are there, fit the settings. Raises RunError where not.

        For what is in the weights torch is needed: they are read with the model.
        """
        given, shape = self.config.model.image_shape, self.config.training.data.image_shape
        if given != shape:
            raise RunError(f"{self._config_file} has images of {given}, its data set of {shape}.")
        if self.is_trained:
            _ = self.codes
            with reading_tensors(self.model_file), safe_open(self.model_file, "numpy"):
                pass

    @property
    def is_there(self) -> bool:
        """Whether its folder has settings: before it begins and once it is deleted, there are none."""
        return self._config_file.exists()

    @property
    def is_trained(self) -> bool:
        """Whether there are weights and codes to look at."""
        return self.model_file.exists() and self._codes_file.exists()

    def load_model(self) -> AutoEncoder:
        """The model with its best weights, float32, in evaluation mode and without gradients.

        Raises RunError where the file is missing, truncated or another model's.
        """
        from vae_core.models import weight_files  # here, for it needs torch

        return weight_files.load_model(self.config.model, self.model_file)

    @cached_property
    def codes(self) -> Codes:
        """The codes of the test split. Raises RunError where they are missing or don't fit the model."""
        codes = codes_of(read_arrays(self._codes_file, CODES), self.config)
        if codes is None:
            raise RunError(f"{self._codes_file} does not fit the model and its data: train --resume makes it again.")
        return codes

    def write_codes(self, codes: Codes) -> None:
        write_arrays(self._codes_file, codes.arrays())
        self.__dict__.pop("codes", None)

    def forget_results(self) -> None:
        """Removes codes and card, which are those of weights that are about to change."""
        for path in (self._codes_file, self._card_file):
            remove_file(path)
        self.__dict__.pop("codes", None)

    def write_config(self, config: RunConfig) -> None:
        write_atomically(self._config_file, config.to_json().encode())
        self.__dict__.pop("config", None)  # read anew: this run's settings are what the file says

    @property
    def card(self) -> dict[str, Any] | None:
        """The run's measures, or None where none were taken. Raises RunError where it is no card of measures."""
        card = read_json(self._card_file)
        if card is not None and not is_card(card):
            raise RunError(f"{self._card_file} is not a card of measures: delete it, or measure the run again.")
        return card

    def write_card(self, card: dict[str, Any]) -> None:
        write_atomically(self._card_file, (json.dumps(card, indent=2) + "\n").encode())

    @property
    def control(self) -> dict[str, Any]:
        """What a watcher asks of the worker; empty where nothing."""
        return read_json(self.control_file) or {}

    def write_control(self, control: dict[str, Any]) -> None:
        write_atomically(self.control_file, json.dumps(control).encode())

    def exclusively(self, otherwise: str) -> AbstractContextManager[None]:
        """Nobody else trains or deletes the run meanwhile. Raises RunError, saying `otherwise`, where somebody does."""
        return locked(self._lock_file, otherwise)

    def records(self, offset: int = 0) -> tuple[list[Record], int]:
        """The records from byte `offset` on, and the offset to read from next time; see `RecordFile.read`."""
        return RecordFile(self.records_file).read(offset)

    def append_record(self, record: Record) -> None:
        RecordFile(self.records_file).append(record)

    def last_record(self) -> Record | None:
        """The newest record; None where there is none."""
        return RecordFile(self.records_file).last()

    def records_length(self) -> int:
        """Bytes of the records written so far."""
        return RecordFile(self.records_file).length()

    def cut_records(self, length: int) -> None:
        """Forgets all but the first `length` bytes of the records."""
        RecordFile(self.records_file).cut(length)

    @property
    def about(self) -> dict[str, Any]:
        """What people say of the run: `title`, `owner` and when it `started`, each where it is known."""
        try:
            return AboutConfig(**(read_json(self._about_file) or {})).model_dump(exclude_none=True)
        except ConfigError as error:
            raise RunError(f"{self._about_file} can't be understood: {error}") from error

    def write_about(self, **changes: str | None) -> None:
        """Changes what is said of the run; what is not named stays, what is None is forgotten. Raises ConfigError."""
        about = AboutConfig(**(self.about | changes))
        write_atomically(self._about_file, (about.model_dump_json(indent=2, exclude_none=True) + "\n").encode())

    @property
    def title(self) -> str:
        """What people call the run; its name where they have not said."""
        return self.about.get("title", self.name)

    @property
    def status(self) -> Status:
        """Where the run stands; asking disturbs nobody.

        "queued" has never begun. "interrupted" ended early, by a kill too: like "queued" and "stopped" it can be
        trained by a resume.
        """
        last = self.last_record()
        if last and last.get("event") in get_args(End):
            return last["event"]
        if is_locked(self._lock_file):
            return "paused" if last and last.get("paused") else "training"
        return "interrupted" if last or self.state_file.exists() else "queued"

    @property
    def has_ended(self) -> bool:
        """Whether the run has come to an end of its own, and not by a kill."""
        return (self.last_record() or {}).get("event") in get_args(End)

    @property
    def is_resumable(self) -> bool:
        """Whether a resume can train it further: it isn't at its end, and what it would go on from is there."""
        whole = self.state_file.exists() or not self.has_ended
        return whole and self.status in ("queued", "interrupted", "stopped")

    @property
    def _config_file(self) -> Path:
        return self.folder / "config.json"

    @property
    def _about_file(self) -> Path:
        return self.folder / "about.json"

    @property
    def _lock_file(self) -> Path:
        return self.folder / "state" / "lock"

    @property
    def records_file(self) -> Path:
        return self.folder / "records.jsonl"

    @property
    def control_file(self) -> Path:
        return self.folder / "control.json"

    @property
    def preview_file(self) -> Path:
        return self.folder / "preview.npz"

    @property
    def snapshots_folder(self) -> Path:
        return self.folder / "snapshots"

    @property
    def state_file(self) -> Path:
        return self.folder / "state" / "state.safetensors"

    @property
    def model_file(self) -> Path:
        return self.folder / "model.safetensors"

    @property
    def _codes_file(self) -> Path:
        return self.folder / "codes.npz"

    @property
    def _card_file(self) -> Path:
        return self.folder / "card.json"


def look_through(*folders: Path) -> Iterator[Run]:
    """What is to be a run directly in `folders`, by name, whether it can be read or not; hidden folders are not."""
    for folder in folders:
        for config_file in sorted(folder.glob("*/config.json")):
            if not config_file.parent.name.startswith("."):  # half-written
                yield Run(config_file.parent)


def list_runs(*folders: Path) -> Iterator[Run]:
    """The runs directly in `folders`, by name; what can't be read as a run is passed over, hidden folders too."""
    for run in look_through(*folders):
        try:
            run.check_name()
            _ = run.config
        except RunError:
            continue
        yield run


def may_be_a_name(name: str) -> bool:
    """Whether a run that is listed can have this name: nothing outside the folders of runs is reached by it."""
    return name == Path(name).name and not name.startswith(".") and "\0" not in name


def find_run(name: str) -> Run | None:
    """The run of that name, shipped or a user's; None where there is none. Nothing outside their folders is opened."""
    if not may_be_a_name(name):
        return None
    for parent in (SHIPPED, runs_folder()):
        try:
            return Run.open(parent / name)
        except RunError:
            continue
    return None


def delete_run(run: Run) -> None:
    """The run is gone, all at once for whoever lists runs; of a link to a run, the link.

    Raises RunError, and nothing is gone, where it is being trained or about to be, shipped, or holds what is not of a
    run.
    """
    if run.folder.resolve().parent == SHIPPED:
        raise RunError(f"{run.name} is one of the shipped runs, which are not deleted.")
    in_training = f"{run.name} is being trained: stop it first, then delete it."
    if run.folder.is_symlink():
        if is_locked(run._lock_file):
            raise RunError(in_training)
        remove_file(run.folder)
        return
    with run.exclusively(in_training):
        if (found := stranger(run.folder)) is not None:
            raise RunError(f"{run.name} holds {found}, which is not of a run: move it elsewhere first, then delete it.")
        with workspace(run.folder.parent) as gone:
            try:
                run.folder.rename(gone / run.name)
            except OSError as error:
                raise RunError(f"{run.folder} can't be deleted ({error.strerror}).") from error
