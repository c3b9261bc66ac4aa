"""A run is a folder: settings, weights, codes, records and card.

Reading a run's settings, codes, records and card needs no torch; only its model does.
"""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import safe_open

from vae_core.codes.codes import Codes
from vae_core.configs import RunConfig
from vae_core.errors import BrokenError, BusyError, ConfigError, MissingError, RunError
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
from vae_core.runs.about import AboutConfig
from vae_core.runs.cards import Card
from vae_core.runs.contents import stranger_before_settings
from vae_core.runs.layouts import code_arrays
from vae_core.runs.records import Record, RecordFile
from vae_core.runs.schemas import codes_of
from vae_core.runs.status import ENDS, Status

if TYPE_CHECKING:
    from vae_core.models.auto_encoders import AutoEncoder


@dataclass(frozen=True)
class Run:
    """A run folder with a `config.json`. Open one with `Run.open`, make one with `Run.create`.

    Settings and codes are read once, where they are first asked for: a run whose files were written since is opened
    again. All else is read whenever it is asked for.
    """

    folder: Path

    @classmethod
    def open(cls, folder: Path | str) -> Run:
        """The run in `folder`. Raises RunError if there is none, or its settings can't be read."""
        run = cls(Path(folder))
        run.config  # noqa: B018 - read once here, so that a broken run fails where it is opened
        return run

    @classmethod
    def create(cls, folder: Path | str, config: RunConfig) -> Run:
        """A new run. Raises RunError if the folder has one already or can't be written."""
        run = cls.planned(folder)
        make_folder(run.folder)
        run.write_config(config)
        return run

    @classmethod
    def planned(cls, folder: Path | str) -> Run:
        """The run planned for `folder`: it exists once it has settings.

        Raises RunError if there is a run already, or a foreign file.
        """
        run = cls(Path(folder))
        if run._config_file.exists():
            raise BusyError(f"{folder} has a run already: choose another folder, or go on with it by --resume.")
        if run.folder.is_dir() and (foreign := stranger_before_settings(run.folder)) is not None:
            raise RunError(f"{folder} holds {foreign}, which is not of a run: choose a folder that is new or empty.")
        return run

    @property
    def name(self) -> str:
        return os.path.basename(os.path.abspath(self.folder))  # of a link its own, not that of what it leads to

    @cached_property
    def config(self) -> RunConfig:
        try:
            return RunConfig.from_json(read_file(self._config_file))
        except FileNotFoundError:
            raise MissingError(f"There is no run in {self.folder}: it has no config.json.") from None
        except ConfigError as error:
            raise BrokenError(f"{self._config_file} is not a run's settings: {error}") from error

    def check(self) -> None:
        """Checks that every part of the run can be read. Raises RunError with the first that can't."""
        self.check_name()
        _ = self.config, self.read_about(), self.read_card(), self.records.last()
        self.check_results()

    def check_name(self) -> None:
        """Checks that the name is text: on Linux it need not be. Raises RunError if it isn't."""
        try:
            self.name.encode()
        except UnicodeEncodeError as error:
            raise BrokenError(f"The name of {self.name!a} is not made of characters: rename its folder.") from error

    def check_results(self) -> None:
        """Checks that codes and model, if there are any, fit the settings. Raises RunError if not.

        The values of the weights are not checked here, as that needs torch: they are read with the model.
        """
        given, shape = self.config.model.image_shape, self.config.training.data.image_shape
        if given != shape:
            raise BrokenError(f"{self._config_file} has images of {given}, its data set of {shape}.")
        if self.is_trained:
            _ = self.codes
            with reading_tensors(self.model_file), safe_open(self.model_file, "numpy"):
                pass

    @property
    def is_there(self) -> bool:
        """Whether its folder has settings: false before it begins and after it is deleted."""
        return self._config_file.exists()

    @property
    def is_trained(self) -> bool:
        """Whether it has weights and codes."""
        return self.model_file.exists() and self._codes_file.exists()

    def load_model(self) -> AutoEncoder:
        """The model with its best weights, float32, in evaluation mode and without gradients.

        Raises RunError if the file is missing, truncated or another model's.
        """
        from vae_core.models import weight_files  # here, for it needs torch

        return weight_files.load_model(self.config.model, self.model_file)

    @cached_property
    def codes(self) -> Codes:
        """The codes of the test split. Raises RunError if they are missing or don't fit the model."""
        codes = codes_of(read_arrays(self._codes_file, tuple(code_arrays(self.config))), self.config)
        if codes is None:
            raise BrokenError(f"{self._codes_file} does not fit the model and its data: train --resume makes it again.")
        return codes

    def write_codes(self, codes: Codes) -> None:
        write_arrays(self._codes_file, codes.arrays())

    def forget_results(self) -> None:
        """Removes codes and card, before the weights they belong to change."""
        for path in (self._codes_file, self._card_file):
            remove_file(path)

    def write_config(self, config: RunConfig) -> None:
        write_atomically(self._config_file, config.to_json().encode())

    def read_card(self) -> Card:
        """The run's measures; an empty card if none were taken. Raises RunError if it is invalid."""
        entry = read_json(self._card_file)
        if entry is None:
            return Card()
        try:
            return Card.from_json(entry)
        except ValueError as error:
            message = f"{self._card_file} is not a card of measures: delete it, or measure the run again."
            raise BrokenError(message) from error

    def write_card(self, card: Card) -> None:
        write_atomically(self._card_file, card.to_text().encode())

    def read_control(self) -> dict[str, Any]:
        """The watcher's request to the worker, see `ControlConfig`; empty if there is none."""
        return read_json(self.control_file) or {}

    def write_control(self, control: dict[str, Any]) -> None:
        write_atomically(self.control_file, json.dumps(control).encode())

    def is_held(self) -> bool:
        """Whether a process trains or deletes the run now."""
        return is_locked(self._lock_file)

    def exclusively(self, message: str) -> AbstractContextManager[None]:
        """Holds the run against training and deletion. Raises RunError with `message` if it is held elsewhere."""
        return locked(self._lock_file, message)

    @property
    def records(self) -> RecordFile:
        return RecordFile(self.folder / "records.jsonl")

    def read_about(self) -> AboutConfig:
        """The run's title, owner and start, as far as known. Raises RunError if they can't be parsed."""
        try:
            return AboutConfig(**(read_json(self._about_file) or {}))
        except ConfigError as error:
            raise BrokenError(f"{self._about_file} can't be understood: {error}") from error

    def write_about(self, **changes: str | None) -> None:
        """Changes title, owner or start; others stay, and None removes one. Raises ConfigError."""
        about = self.read_about().replace(**changes)
        write_atomically(self._about_file, (about.model_dump_json(indent=2, exclude_none=True) + "\n").encode())

    def read_title(self) -> str:
        """The run's title; its name if it has none."""
        return self.read_about().title or self.name

    def read_status(self) -> Status:
        """The run's status; reading it disturbs no process."""
        last = self.records.last()
        if (end := _end_of(last)) is not None:
            return end
        if self.is_held():
            return Status.PAUSED if last and last.get("paused") else Status.TRAINING
        return Status.INTERRUPTED if last or self.state_file.exists() else Status.QUEUED

    def read_end(self) -> Status | None:
        """The status at which the run ended by itself; None if it has not, or was killed."""
        return _end_of(self.records.last())

    def can_be_resumed(self) -> bool:
        """Whether training can be resumed: steps remain, and its training state is available."""
        status = self.read_status()
        is_whole = self.state_file.exists() or self.read_end() is None
        return is_whole and (status.is_resumable or status is Status.QUEUED)

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


def _end_of(last: Record | None) -> Status | None:
    """The final status in the run's last record, if it has one."""
    event = (last or {}).get("event")
    return Status(event) if event in ENDS else None
