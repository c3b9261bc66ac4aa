"""A decoder as plain arrays, for code without torch: the browser, and pages that must not wait for its import."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from safetensors import safe_open

from vae_core.errors import BrokenError, MissingError
from vae_core.files import reading_tensors
from vae_core.runs.run import Run


class DenseLayer(NamedTuple):
    """A fully connected layer, weight @ features + bias: `weight` (after, before) and `bias` (after,)."""

    weight: np.ndarray
    bias: np.ndarray


def dense_layers(run: Run) -> list[DenseLayer]:
    """The layers of the run's decoder, from the code to the raw image, float16 or float32 as in its file.

    Between two of them comes the activation that the config names. Raises RunError where the decoder isn't made of
    such layers, or its file is missing, truncated, another model's or not finite.
    """
    model = run.config.model
    if model.decoder.network != "mlp":
        raise MissingError(f"The decoder of {run.name} is not made of fully connected layers.")
    widths = (model.latent_dim, *reversed(model.decoder.widths), math.prod(model.image_shape))
    tensors = _decoder_tensors(run)
    # In the model every layer but the last is followed by its activation, which has a number but no weights.
    names = [(f"decoder.{2 * at}.weight", f"decoder.{2 * at}.bias") for at in range(len(widths) - 1)]
    shapes = [((after, before), (after,)) for before, after in pairwise(widths)]
    expected = dict(zip(sum(names, ()), sum(shapes, ()), strict=True))
    if {name: tensor.shape for name, tensor in tensors.items()} != expected:
        raise BrokenError(f"{run.model_file} holds the weights of another model than its config.json describes.")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise BrokenError(f"{run.model_file} holds weights that are not finite: restore it, or train again.")
    return [DenseLayer(tensors[weight], tensors[bias]) for weight, bias in names]


def _decoder_tensors(run: Run) -> dict[str, np.ndarray]:
    """The decoder's part of the run's weights; the rest is not read."""
    with reading_tensors(run.model_file), safe_open(run.model_file, "numpy") as file:
        names = [name for name in file.keys() if name.startswith("decoder.")]  # noqa: SIM118 - it's no dictionary
        tensors = {name: file.get_tensor(name) for name in names}
    half = np.dtype(np.float16)
    return {name: tensor if tensor.dtype == half else tensor.astype(np.float32) for name, tensor in tensors.items()}
