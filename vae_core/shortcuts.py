"""Shortcuts for notebooks and scripts: runs, images, training, measures and decoded images, each in one call.

They are offered by `vae_core` itself: `from vae_core import open_run, decode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core.configs import DataConfig, ModelConfig, TrainingConfig
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs import shelf
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet
    from vae_core.runs.cards import Measure


def run_folder(name: str | Path) -> Path:
    """The folder of a run: `name` where it is one, else that of the shipped run or the user's run of that name."""
    folder = Path(name)
    if folder.exists() or (found := shelf.find_run(str(name))) is None:
        return folder
    return found.folder


def open_run(name: str | Path) -> Run:
    """The run in the folder `name`, or else the shipped run or the user's run of that name. Raises RunError."""
    return Run.open(run_folder(name))


def list_runs() -> list[Run]:
    """The shipped runs and those in the user's folder of runs, each by name."""
    return list(shelf.list_runs(SHIPPED, runs_folder()))


def load_images(data: str | DataConfig) -> ImageSet:
    """Images, labels and splits of a data set, fetched where it is not here yet. Raises DataError, ConfigError."""
    from vae_core.data import datasets

    return datasets.load(DataConfig(name=data) if isinstance(data, str) else data)


def train(data: str, folder: str | Path, model: ModelConfig | None = None, **settings: Any) -> Run:
    """Trains a model on a data set to its end, in a new run folder, and returns the run.

    `settings` are those of TrainingConfig, as `epochs`, `beta` or `seed`; those of the model are ModelConfig's.
    `vae_core.training.recording.record` yields the records while it trains. Raises ConfigError, DataError, RunError.
    """
    from vae_core.training import recording

    training = TrainingConfig(data=DataConfig(name=data), **settings)
    images = load_images(training.data)
    run = recording.create_run(Path(folder), model or ModelConfig(), training, images)
    for _ in recording.record(run, images):
        pass
    return run


def measure(run: Run, record: bool = False) -> dict[str, Measure]:
    """Every measure of a run on its test images, by name; with `record` those that take minutes as well."""
    from vae_core.measures import evaluation

    return dict(
        evaluation.measures(evaluation.Subject(run.load_model(), load_images(run.config.training.data)), record)
    )


def decode(run: Run, codes: np.ndarray | Sequence[Sequence[float]]) -> np.ndarray:
    """The decoded mean images of codes, floats in [0, 1]: (N, latent_dim) -> (N, channels, height, width)."""
    import torch

    with torch.inference_mode():
        return run.load_model().decode(torch.as_tensor(codes, dtype=torch.float32)).numpy()
