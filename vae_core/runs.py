"""A run is a folder: what the command line, a page and a machine far away all read and write.

Reading a run's settings, codes, records and card needs no torch; only its model does.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from vae_core.configs import RunConfig
from vae_core.errors import ConfigError, RunError
from vae_core.files import could_not_write, read_arrays, remove_file, write_arrays, write_atomically

if TYPE_CHECKING:
    from vae_core.models import AutoEncoder

SHIPPED = Path(__file__).resolve().parent.parent / "weights"
TAIL_BYTES = 4096  # more than the longest record


def runs_folder() -> Path:
    """Where a user's runs lie: VAE_RUNS_DIR, `runs/` by default."""
    return Path(os.environ.get("VAE_RUNS_DIR") or "runs").expanduser()


@dataclass(frozen=True)
class Codes:
    """The codes of a run's test split, and the map that standardises codes.

    `mu` (N, latent_dim), `log_var` the same or None, `labels` and `indices` (N,) with the index of each image in
    its data set; standard coordinates are (z − code_mean) @ code_whitening, with code_mean (latent_dim,) and
    code_whitening (latent_dim, latent_dim).
    """

    mu: np.ndarray
    log_var: np.ndarray | None
    labels: np.ndarray
    indices: np.ndarray
    code_mean: np.ndarray
    code_whitening: np.ndarray

    def standardise(self, codes: np.ndarray) -> np.ndarray:
        """Raw codes (B, latent_dim) in standard coordinates."""
        return (codes - self.code_mean) @ self.code_whitening

    def unstandardise(self, codes: np.ndarray) -> np.ndarray:
        """Standard coordinates (B, latent_dim) as raw codes."""
        return codes @ np.linalg.inv(self.code_whitening) + self.code_mean

    def arrays(self) -> dict[str, np.ndarray]:
        """What `codes.npz` holds."""
        return {name: array for name, array in vars(self).items() if array is not None}


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
        run = cls(Path(folder))
        if run._config_file.exists():
            raise RunError(f"{folder} has a run already: choose another folder, or go on with it by --resume.")
        run.write_config(config)
        return run

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @cached_property
    def config(self) -> RunConfig:
        try:
            return RunConfig.from_json(self._config_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunError(f"There is no run in {self.folder}: it has no config.json.") from None
        except OSError as error:
            raise RunError(f"{self._config_file} can't be read ({error.strerror}).") from error
        except (ConfigError, UnicodeDecodeError) as error:
            raise RunError(f"{self._config_file} is not a run's settings: {error}") from error

    @property
    def is_trained(self) -> bool:
        """Whether there are weights and codes to look at."""
        return self.model_file.exists() and self._codes_file.exists()

    def load_model(self) -> AutoEncoder:
        """The model with its best weights, float32, in evaluation mode and without gradients.

        Raises RunError where the file is missing, truncated or another model's.
        """
        from vae_core import weights  # here, for it needs torch

        return weights.load_model(self.config.model, self.model_file)

    @cached_property
    def codes(self) -> Codes:
        """The codes of the test split. Raises RunError where they are missing or don't fit the model."""
        needed = ("mu", "labels", "indices", "code_mean", "code_whitening")
        arrays = read_arrays(self._codes_file, needed)
        codes = Codes(log_var=arrays.get("log_var"), **{name: arrays[name] for name in needed})
        latent_dim = self.config.model.latent_dim
        shape = (len(codes.labels), latent_dim)
        if codes.mu.shape != shape or (codes.log_var is not None and codes.log_var.shape != shape):
            raise RunError(f"{self._codes_file} does not fit the model: train --resume makes it again.")
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
        """The run's measures, or None where none were taken."""
        return _read_json(self._card_file)

    def write_card(self, card: dict[str, Any]) -> None:
        write_atomically(self._card_file, (json.dumps(card, indent=2) + "\n").encode())

    @property
    def control(self) -> dict[str, Any]:
        """What a watcher asks of the worker; empty where nothing."""
        return _read_json(self.control_file) or {}

    def write_control(self, control: dict[str, Any]) -> None:
        write_atomically(self.control_file, json.dumps(control).encode())

    def training_lock(self) -> FileLock:
        """Held by the one process that trains this run; the system frees it, however that process ends."""
        return FileLock(self.folder / "state" / "lock", timeout=0)

    def records(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """The records from byte `offset` on, and the offset to read from next time.

        An unterminated last line is left for the next time; a file shorter than `offset` is read from its start.
        """
        try:
            with self.records_file.open("rb") as file:
                if file.seek(0, os.SEEK_END) < offset:
                    offset = 0
                file.seek(offset)
                content = file.read()
        except FileNotFoundError:
            return [], 0
        whole = content[: content.rfind(b"\n") + 1]
        return [self._parse_record(line) for line in whole.splitlines()], offset + len(whole)

    def append_record(self, record: dict[str, Any]) -> None:
        """One whole line, in one write; where the disk takes only a part of it, that part is taken back."""
        line, length = (json.dumps(record) + "\n").encode(), self.records_length()
        try:
            with self.records_file.open("ab", buffering=0) as file:
                if file.write(line) != len(line):
                    file.truncate(length)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise could_not_write(self.records_file, error) from error

    def last_record(self) -> dict[str, Any] | None:
        """The newest record, read from the end of a file that may be long."""
        start = max(0, self.records_length() - TAIL_BYTES)
        try:
            with self.records_file.open("rb") as file:
                file.seek(start)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return None
        # What follows the last line break is unterminated; what precedes the first may have begun before `start`.
        return self._parse_record(lines[-2]) if len(lines) > 2 - (start == 0) else None

    def _parse_record(self, line: bytes) -> dict[str, Any]:
        try:
            return json.loads(line)
        except ValueError as error:
            raise RunError(f"{self.records_file} has a line that is no record: {line[:40]!r}.") from error

    def records_length(self) -> int:
        """Bytes of the records written so far."""
        return self.records_file.stat().st_size if self.records_file.exists() else 0

    def cut_records(self, length: int) -> None:
        """Forgets all but the first `length` bytes of the records."""
        if self.records_length() > length:
            try:
                os.truncate(self.records_file, length)
            except OSError as error:
                raise could_not_write(self.records_file, error) from error

    @property
    def _config_file(self) -> Path:
        return self.folder / "config.json"

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


def list_runs(*folders: Path) -> Iterator[Run]:
    """The runs directly in `folders`, by name; what can't be read as a run is passed over, hidden folders too."""
    for folder in folders:
        for config_file in sorted(folder.glob("*/config.json")):
            if config_file.parent.name.startswith("."):  # half-written
                continue
            try:
                yield Run.open(config_file.parent)
            except RunError:
                continue


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RunError(f"{path} is not valid JSON: delete it, or make it again.") from error
    if not isinstance(content, dict):
        raise RunError(f"{path} is not a JSON object: delete it, or make it again.")
    return content
