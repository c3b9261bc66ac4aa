"""The images of a data set of moons, and their factors, known without drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vae_core.data.data_source import SEED, Arrays, SplitName
from vae_core.moons import drawing
from vae_core.moons.moons_config import MoonsConfig

if TYPE_CHECKING:
    from vae_core.data.data_config import DataConfig

COUNTS: dict[SplitName, int] = {"training": 10_000, "validation": 1_000, "test": 2_000}


def settings_of(config: DataConfig) -> MoonsConfig:
    """The settings by which its moons are drawn. Raises ValueError if it has none."""
    if config.moons is None:
        raise ValueError(f"{config.name} has no moons")
    return config.moons


def counts(config: DataConfig) -> dict[SplitName, int]:
    """The number of images in each split; the pair of "two-images" is used for training and validation."""
    return COUNTS | ({"training": 2, "validation": 2} if config.phases == "two-images" else {})


def moon_factors(config: DataConfig) -> tuple[np.ndarray, dict[SplitName, np.ndarray]]:
    """Factors (N, 5) of a data set of moons and the indices of its splits, without drawing any.

    `config.phases` restricts what is trained on, never the test images.
    """
    is_pair = config.phases == "two-images"
    streams: dict[SplitName, int] = {"training": 0, "validation": 0 if is_pair else 1, "test": 2}
    parts = [
        drawing.sample_factors(
            count,
            "all" if split == "test" else config.phases,
            settings_of(config),
            np.random.default_rng((SEED, streams[split])),
        )
        for split, count in counts(config).items()
    ]
    factors = np.concatenate(parts)
    ends = np.cumsum([len(part) for part in parts])
    return factors, dict(zip(streams, np.split(np.arange(len(factors)), ends[:-1]), strict=True))


def draw_set(config: DataConfig) -> Arrays:
    """All moons of the data set, drawn."""
    settings = settings_of(config)
    factors, splits = moon_factors(config)
    images = drawing.draw(factors, settings.size, settings.earthshine)
    images *= 255
    return Arrays(np.rint(images, out=images).astype(np.uint8), drawing.phase_class(factors[:, 0]), splits, factors)
