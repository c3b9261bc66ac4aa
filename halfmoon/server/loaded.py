"""Images from codes, and the originals of test images: what a page shows, as plain arrays in [0, 1]."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from halfmoon.jobs.limits import MEGABYTE
from halfmoon.parts.titles import identity
from halfmoon.server import warmup
from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.data.published import fetched_bytes
from vae_core.errors import DataError
from vae_core.runs import weighing
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet
    from vae_core.measures.judge import Judge
    from vae_core.models.auto_encoders import AutoEncoder


SECONDS_BETWEEN_LOOKS = 0.3  # while a data set is fetched
TILES_AT_ONCE = 256  # more at once is no faster, and takes more memory

_read: set[DataConfig] = set()
_fetched: Counter[str] = Counter()


def decode(run: Run, codes: np.ndarray) -> np.ndarray:
    """What the run's model draws at codes (B, latent_dim): images (B, C, H, W), as many at once as memory is due to."""
    warmup.ensure()
    import torch

    model = _model(*identity(run))
    blocks = torch.from_numpy(codes.astype(np.float32)).split(weighing.images_at_once(model.config, TILES_AT_ONCE))
    with torch.inference_mode():
        return torch.cat([model.decode(block) for block in blocks]).numpy()


def tiles(run: Run, codes: np.ndarray) -> np.ndarray:
    """The same as bytes (B, C, H, W), 255 for 1; of thousands of codes too, for they are decoded a block at a time."""
    images = np.empty((len(codes), *run.config.model.image_shape), np.uint8)
    for start in range(0, len(codes), TILES_AT_ONCE):
        block = slice(start, start + TILES_AT_ONCE)
        images[block] = np.rint(decode(run, codes[block]).clip(0, 1) * 255)
    return images


def encode(run: Run, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The codes of images (B, C, H, W), uint8 or floats in [0, 1]: mu (B, latent_dim), and log_var the same.

    `log_var` is None where codes are points.
    """
    warmup.ensure()
    import torch

    given = torch.tensor(images)
    with torch.inference_mode():
        mu, log_var = _model(*identity(run)).encode(datasets.to_floats(given) if images.dtype == np.uint8 else given)
    return mu.numpy(), None if log_var is None else log_var.numpy()


def originals(run: Run, points: np.ndarray) -> np.ndarray:
    """The test images (B, C, H, W) whose codes are at these positions of `run.codes`.

    Raises DataError where the data set is missing or broken; nothing is downloaded.
    """
    images = image_set(run.config.training.data)
    return datasets.to_floats(images.images[run.codes.indices[points]]).numpy()


def image_set(data: DataConfig) -> ImageSet:
    """The data set, shared by all sessions. Raises DataError where it is missing or broken; nothing is downloaded."""
    warmup.ensure()
    images = _images_or_reason(data)
    _read.add(data)
    if isinstance(images, str):
        raise DataError(images)
    return images


def model_of(run: Run) -> AutoEncoder:
    """The run's model, shared by all sessions, so never to be changed."""
    warmup.ensure()
    return _model(*identity(run))


@lru_cache(maxsize=4)
def judge_of(name: str) -> Judge | None:
    """The judge of a data set, shared by all sessions, so never to be changed; None where there is none."""
    from vae_core.measures import judge

    return judge.load(name) if judge.exists(name) else None


def why_no_originals(run: Run) -> str | None:
    """Why the originals of the run's test images are not at hand, in a sentence; None where they are."""
    try:
        originals(run, np.zeros(1, np.int64))
    except DataError as error:
        return str(error)
    return None


def originals_are_read(run: Run) -> bool:
    """Whether `originals` has been asked for this data set before: only the first time takes long."""
    return run.config.training.data in _read


def fetch(data: DataConfig, progress: Callable[[float], object] = lambda _: None) -> None:
    """Downloads the data set where it is missing; `progress` is told again and again what share of it has come.

    Raises DataError where that fails.
    """
    warmup.ensure()
    known = datasets.about(data)
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(datasets.load, data, download=True)
        while not wait([fetching], SECONDS_BETWEEN_LOOKS).done:
            come = fetched_bytes(known.folder, datasets.data_folder()) / (MEGABYTE * known.download_megabytes)
            progress(min(1.0, come))
        fetching.result()
    _images(data, _download=True)
    _images_or_reason.clear()
    _fetched[data.name] += 1


def times_fetched(data: DataConfig) -> int:
    """How often this server has fetched the data set: with it, what is said of its images changes."""
    return _fetched[data.name]


@lru_cache(maxsize=16)
def _model(folder: Path, stamp: str) -> AutoEncoder:
    """Shared by all sessions, so never to be changed."""
    import torch

    with torch.inference_mode(False):  # which whoever asks first may be in, and then nobody could take a gradient
        return Run.open(folder).load_model()


# A set that is not there is looked for again after a while, and not with every click.
@st.cache_resource(show_spinner=False, ttl=10, hash_funcs={DataConfig: DataConfig.model_dump_json})
def _images_or_reason(data: DataConfig) -> ImageSet | str:
    try:
        return _images(data)
    except DataError as error:
        return str(error)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs={DataConfig: DataConfig.model_dump_json})
def _images(data: DataConfig, _download: bool = False) -> ImageSet:
    """Shared by all sessions, so never to be changed."""
    images = datasets.load(data, download=_download)
    warmup.freeze()  # scikit-learn or torchvision has just been imported
    return images
