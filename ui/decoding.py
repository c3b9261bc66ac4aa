"""Images from codes, and the originals of test images: what a page shows, as plain arrays in [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from ui import warmup
from ui.gallery import identity
from vae_core import datasets
from vae_core.configs import DataConfig
from vae_core.runs import Run

if TYPE_CHECKING:
    from vae_core.datasets import ImageSet
    from vae_core.models import AutoEncoder


def decode(run: Run, codes: np.ndarray) -> np.ndarray:
    """What the run's model draws at codes (B, latent_dim): images (B, C, H, W)."""
    warmup.ensure()
    import torch

    with torch.inference_mode():
        return _model(run).decode(torch.from_numpy(codes.astype(np.float32))).numpy()


def originals(run: Run, points: np.ndarray) -> np.ndarray:
    """The test images (B, C, H, W) whose codes are at these positions of `run.codes`.

    Raises DataError where the data set is not at hand; nothing is downloaded.
    """
    warmup.ensure()
    images = _images(run.config.training.data).images[run.codes.indices[points]]
    return datasets.to_floats(images).numpy()


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs={Run: identity})
def _model(run: Run) -> AutoEncoder:
    """Shared by all sessions, so never to be changed."""
    return run.load_model()


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs={DataConfig: DataConfig.model_dump_json})
def _images(data: DataConfig) -> ImageSet:
    """Shared by all sessions, so never to be changed."""
    return datasets.load(data, download=False)
