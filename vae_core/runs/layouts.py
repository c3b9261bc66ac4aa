"""The arrays in the files of a run: the types and the axes of each, by name. One table for whoever writes or reads one.

An axis is called by what lies along it; how long it is follows from the run's settings, or is open up to a maximum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from vae_core.configs import RunConfig
from vae_core.runs.headers import Header

FLOATS = ("<f2", "<f4", "<f8")
LABELS = ("|u1", "<i4", "<i8")
INDICES = ("<i4", "<i8")  # bytes would be a mask to torch
COUNTS = ("<i4", "<i8")
PICTURES = ("|u1",)
IMAGE = ("channels", "height", "width")

PREVIEW_CODES, PREVIEW_RECONSTRUCTIONS, PREVIEW_SAMPLES = 2000, 10, 25  # at most


class Layout(NamedTuple):
    """The types that an array may have, as numpy writes them, and the names of its axes."""

    dtypes: tuple[str, ...]
    axes: tuple[str, ...]


PREVIEW_ARRAYS = {
    "step": Layout(COUNTS, ()),
    "codes": Layout(FLOATS, ("points", "latent_dim")),
    "labels": Layout(LABELS, ("points",)),
    "originals": Layout(PICTURES, ("pictures", *IMAGE)),
    "reconstructions": Layout(PICTURES, ("pictures", *IMAGE)),
    "samples": Layout(PICTURES, ("samples", *IMAGE)),
    "sigma": Layout(FLOATS, ("latent_dim",)),
    "kl": Layout(FLOATS, ("latent_dim",)),
}
"""Of `preview.npz` and of the previews of snapshots."""

CODE_ARRAYS = {
    "mu": Layout(FLOATS, ("codes", "latent_dim")),
    "labels": Layout(LABELS, ("codes",)),
    "indices": Layout(INDICES, ("codes",)),
    "code_mean": Layout(FLOATS, ("latent_dim",)),
    "code_whitening": Layout(FLOATS, ("latent_dim", "latent_dim")),
    "log_var": Layout(FLOATS, ("codes", "latent_dim")),
}
"""Of `codes.npz`; codes that are points have no `log_var`."""


def code_arrays(config: RunConfig) -> dict[str, Layout]:
    """The arrays of the codes of a run with these settings."""
    return {name: one for name, one in CODE_ARRAYS.items() if name != "log_var" or config.model.has_posterior}


def headers_of(arrays: Mapping[str, np.ndarray]) -> dict[str, Header]:
    """Type and shape of arrays that have been read, as their file's headers have them."""
    return {name: Header(array.dtype.str, array.shape) for name, array in arrays.items()}


def fit(headers: Mapping[str, Header], layouts: Mapping[str, Layout], config: RunConfig) -> bool:
    """Whether these are the arrays of such a file of a run with these settings, neither more nor fewer.

    Axes of one name are equally long.
    """
    if headers.keys() != layouts.keys():
        return False
    lengths = _lengths(config)
    for name, (dtypes, axes) in layouts.items():
        dtype, shape = headers[name]
        if dtype not in dtypes or len(shape) != len(axes):
            return False
        for axis, length in zip(axes, shape, strict=True):
            if length not in lengths[axis]:
                return False
            lengths[axis] = range(length, length + 1)
    return True


def _lengths(config: RunConfig) -> dict[str, range]:
    """How long each axis may be."""
    channels, height, width = config.model.image_shape
    known = {"latent_dim": config.model.latent_dim, "channels": channels, "height": height, "width": width}
    maxima = {"points": PREVIEW_CODES, "pictures": PREVIEW_RECONSTRUCTIONS, "samples": PREVIEW_SAMPLES}
    return (
        {name: range(length, length + 1) for name, length in known.items()}
        | {name: range(maximum + 1) for name, maximum in maxima.items()}
        | {"codes": range(1, config.training.data.image_count + 1)}
    )
