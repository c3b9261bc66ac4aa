"""Models, images and judges in memory, and computation with them: the web app's door to torch.

Every function that needs torch waits until it is imported (see `warmup`); what it returns are plain arrays, images
among them (B, C, H, W) in [0, 1], or objects that are shared by all sessions, so never to be changed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from halfmoon.server import warmup
from halfmoon.server.run_cache import remembered_for_run
from vae_core.codes import sampling
from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.errors import DataError
from vae_core.places import data_folder, runs_folder
from vae_core.runs import weighing
from vae_core.runs.archives import unpack_run
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet
    from vae_core.measures.judge import Judge
    from vae_core.models.auto_encoders import AutoEncoder


POLL_SECONDS = 0.3  # while a data set is fetched
MEGABYTE = 1_000_000
TILES_AT_ONCE = 256  # more at once is no faster, and takes more memory

_read: set[DataConfig] = set()
_fetched: Counter[str] = Counter()


def model_of(run: Run) -> AutoEncoder:
    """The run's model, in evaluation mode and without gradients."""
    warmup.ensure()
    return _model(run)


def decode(run: Run, codes: np.ndarray) -> np.ndarray:
    """The images that the run's model decodes from codes (B, latent_dim), as many at once as fit in memory."""
    model = model_of(run)
    import torch

    blocks = torch.from_numpy(codes.astype(np.float32)).split(weighing.images_at_once(model.config, TILES_AT_ONCE))
    with torch.inference_mode():
        return torch.cat([model.decode(block) for block in blocks]).numpy()


def tiles(run: Run, codes: np.ndarray) -> np.ndarray:
    """The same as bytes (B, C, H, W), 255 for 1; also of thousands of codes, decoded a block at a time."""
    images = np.empty((len(codes), *run.config.model.image_shape), np.uint8)
    for start in range(0, len(codes), TILES_AT_ONCE):
        block = slice(start, start + TILES_AT_ONCE)
        images[block] = np.rint(decode(run, codes[block]).clip(0, 1) * 255)
    return images


def encode(run: Run, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The codes of images (B, C, H, W), uint8 or floats in [0, 1]: mu (B, latent_dim), and log_var the same.

    `log_var` is None where codes are points.
    """
    model = model_of(run)
    import torch

    given = torch.tensor(images)
    with torch.inference_mode():
        mu, log_var = model.encode(datasets.to_floats(given) if images.dtype == np.uint8 else given)
    return mu.numpy(), None if log_var is None else log_var.numpy()


def prior_codes(run: Run, count: int, seed: int, temperature: float = 1.0, raw: bool = False) -> np.ndarray:
    """Codes (count, latent_dim) of the prior, as `sampling.prior_codes`."""
    warmup.ensure()
    return sampling.prior_codes(run.codes, count, seed, temperature, raw)


def posterior_codes(run: Run, count: int, seed: int, temperature: float = 1.0) -> np.ndarray:
    """Codes (count, latent_dim) of random test images, as `sampling.posterior_codes`."""
    warmup.ensure()
    return sampling.posterior_codes(run.codes, count, seed, temperature)


def judge_of(name: str) -> Judge | None:
    """The judge of a data set; None if there is none."""
    warmup.ensure()
    return _judge(name)


def judged(data: DataConfig, images: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The most probable classes (B,) of images by the judge of the data set, and their probabilities.

    None where there is no judge.
    """
    judge = judge_of(data.name)
    if judge is None:
        return None
    import torch

    with torch.inference_mode():
        certainty, labels = judge.probabilities(torch.from_numpy(images)).max(1)
    return labels.numpy(), certainty.numpy()


def images(data: DataConfig) -> ImageSet:
    """The data set. Raises DataError if it is missing or broken; nothing is downloaded."""
    warmup.ensure()
    found = _images_or_reason(data)
    _read.add(data)
    if isinstance(found, str):
        raise DataError(found)
    return found


def why_missing(data: DataConfig) -> str | None:
    """Why the images of the data set can't be read, in a sentence; None if they can."""
    try:
        images(data)
    except DataError as error:
        return str(error)
    return None


def are_read(data: DataConfig) -> bool:
    """Whether `images` has read this data set before: only the first time takes long."""
    return data in _read


def originals(run: Run, points: np.ndarray) -> np.ndarray:
    """The test images whose codes are at these positions of `run.codes`. Raises DataError as `images`."""
    known = images(run.config.training.data)
    return datasets.to_floats(known.images[run.codes.indices[points]]).numpy()


def fetch(data: DataConfig, progress: Callable[[float], object] = lambda _: None) -> None:
    """Downloads the data set if it is missing; `progress` is called again and again with the share that has arrived.

    Raises DataError where that fails.
    """
    warmup.ensure()
    source = data.source
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(datasets.load, data, download=True)
        while not wait([fetching], POLL_SECONDS).done:
            come = source.fetched_bytes(data_folder()) / (MEGABYTE * (source.download_megabytes or math.inf))
            progress(min(1.0, come))
        fetching.result()
    _images(data, _download=True)
    _images_or_reason.clear()
    _fetched[data.name] += 1


def times_fetched(data: DataConfig) -> int:
    """The number of downloads of the data set by this server: statements on its images depend on it."""
    return _fetched[data.name]


def unpack(archive: bytes) -> Run:
    """The run in a zip, checked, in the users' folder under a free name. Raises RunError as `unpack_run`."""
    warmup.ensure()
    return unpack_run(archive, runs_folder())


@remembered_for_run(maxsize=16)
def _model(run: Run) -> AutoEncoder:
    import torch

    with torch.inference_mode(False):  # which whoever asks first may be in, and then nobody could take a gradient
        return run.load_model()


@lru_cache(maxsize=4)
def _judge(name: str) -> Judge | None:
    from vae_core.measures import judge

    return judge.load(name) if judge.exists(name) else None


# A set that is not there is looked for again after a while, and not with every click.
@st.cache_resource(show_spinner=False, ttl=10, hash_funcs={DataConfig: DataConfig.model_dump_json})
def _images_or_reason(data: DataConfig) -> ImageSet | str:
    try:
        return _images(data)
    except DataError as error:
        return str(error)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs={DataConfig: DataConfig.model_dump_json})
def _images(data: DataConfig, _download: bool = False) -> ImageSet:
    found = datasets.load(data, download=_download)
    warmup.freeze()  # scikit-learn or torchvision has just been imported
    return found
