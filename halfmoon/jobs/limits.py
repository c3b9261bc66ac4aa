"""The limits of a training from the page: time, space, processor, and local data."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from halfmoon.server.cores import cores
from vae_core.configs import DataConfig, ModelConfig, TrainingConfig
from vae_core.data.datasets import is_local
from vae_core.errors import ConfigError, DataError, RunError, StorageError
from vae_core.places import data_folder, runs_folder
from vae_core.runs import snapshots, weighing
from vae_core.runs.layouts import PREVIEW_CODES

MAX_SECONDS = 7200
OVERTIME = 1.1  # what was measured to take the longest time may take a little longer
MAX_RUN_MEGABYTES = 400
MEGABYTE = 1_000_000
STATE_COPIES, WEIGHT_BYTES, SNAPSHOT_BYTES = 2, 4, 2  # a state is written beside the one before
PICTURE_BYTES = 60_000  # of a preview, at most, in the images that there are


def check(model: ModelConfig, training: TrainingConfig) -> None:
    """Raises if the run may not start.

    ConfigError where it would be too long, or too large to be kept or looked at, DataError where its data set is not at
    hand, RunError where the disk is full.
    """
    if (training.seconds or 0) > MAX_SECONDS:
        raise ConfigError(f"A run trained here takes at most {MAX_SECONDS:,} seconds.")
    check_at_hand(training.data)
    model = model.replace(image_shape=training.data.image_shape)
    needed = _expected_size(model)
    if needed > MAX_RUN_MEGABYTES * MEGABYTE:
        raise ConfigError(
            f"These networks are too large: their run would hold {needed / MEGABYTE:,.0f} MB, "
            f"and one trained here may hold {MAX_RUN_MEGABYTES} MB."
        )
    try:
        weighing.check_model(model)
    except RunError as error:
        raise ConfigError(f"This run could not be looked at. {error}") from error
    folder = runs_folder().resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if shutil.disk_usage(existing).free < needed:
        raise StorageError(f"There is no space left in {existing} for a run of {needed / MEGABYTE:,.0f} MB: free some.")


def excess(folder: Path, seconds: float) -> str | None:
    """Why a run that has trained for so long into `folder` must stop; None if it may continue."""
    if seconds > OVERTIME * MAX_SECONDS:
        return f"It was stopped after {MAX_SECONDS // 3600} hours, and can be resumed."
    if _size(folder) > MAX_RUN_MEGABYTES * MEGABYTE:
        return f"It was stopped when its folder held more than {MAX_RUN_MEGABYTES} MB."
    return None


def check_at_hand(data: DataConfig) -> None:
    """Raises DataError if the data set is not on this machine."""
    if not is_local(data):
        raise DataError(
            f"{data.source.title} is not in {data_folder()} yet: fetch it first, or take the digits or the moons."
        )


def max_jobs() -> int:
    """The largest number of jobs at once: VAE_MAX_JOBS, half of the cores by default."""
    try:
        return max(1, int(os.environ.get("VAE_MAX_JOBS", "")))
    except ValueError:
        return max(1, cores() // 2)


def free_threads(taken: int) -> int:
    """The threads of the next job: one core is the server's, and `taken` are other jobs'."""
    return max(1, cores() - 1 - taken)


def _size(folder: Path) -> int:
    """Bytes in the folder and below; files replaced or removed during the count are skipped."""
    size = 0
    for root, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(root, name)).st_size
    return size


def _expected_size(model: ModelConfig) -> float:
    """The largest size of a run's folder in bytes, without its records."""
    parameters = weighing.parameters(model)
    weights = parameters * WEIGHT_BYTES
    state = STATE_COPIES * 3 * weights  # the optimiser has two moments of each
    a_preview = PREVIEW_CODES * model.latent_dim * WEIGHT_BYTES + PICTURE_BYTES
    return 2 * weights + state + snapshots.MAX_SNAPSHOTS * (parameters * SNAPSHOT_BYTES + a_preview)
