"""The interface of a data set: facts known without its images, and the reading of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from vae_core.data.data_config import DataConfig

SplitName = Literal["training", "validation", "test"]
Shape = tuple[int, int, int]

SEED = 20_240  # of every split and of the moons; a change makes the measures of older runs incomparable


class Arrays(NamedTuple):
    """The content of a data set: `images` uint8 (N, C, H, W), or (N, H, W) if grey; `labels` (N,), whole
    numbers; `splits`, int64 indices of images; `factors` (N, F) where they are known."""

    images: np.ndarray
    labels: np.ndarray
    splits: dict[SplitName, np.ndarray]
    factors: np.ndarray | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class DataSource(ABC):
    """A data set by name. Facts that depend on its settings take a `DataConfig`; all others are attributes.

    `settings` are those settings of a `DataConfig` that only some data sets have, with their usual values here.
    """

    name: str
    title: str
    """For people, where the texts have none of their own."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    factor_names: tuple[str, ...] = ()
    download_megabytes: int | None = None
    """What fetching it takes, where it is published."""
    ink_box: int | None = None
    """Its digits were scaled into a square of so many pixels and centred by their mass; None where nothing was."""

    @abstractmethod
    def image_shape(self, config: DataConfig) -> Shape:
        """Channels, height, width."""

    @abstractmethod
    def class_names(self, config: DataConfig) -> tuple[str, ...]:
        """The names of its classes, at most MAX_CLASSES, in the order of the labels."""

    @abstractmethod
    def image_count(self, config: DataConfig) -> int:
        """The number of images in all splits, known without reading them."""

    @abstractmethod
    def read(self, config: DataConfig, folder: Path, download: bool) -> Arrays:
        """The images, labels and factors, the same every time.

        Files are looked for in `folder` and, with `download`, fetched there if they are missing. Raises DataError where
        they are missing or broken, or can't be written.
        """

    def is_local(self, config: DataConfig, folder: Path) -> bool:
        """Whether `read` needs no download."""
        return True

    def fetched_bytes(self, folder: Path) -> int:
        """The number of bytes in `folder` so far, while another thread reads with `download`."""
        return 0


def held_out(count: int, validation: int, test: int = 0) -> dict[SplitName, np.ndarray]:
    """Indices below `count` in a fixed random order: the last are held out, the others are for training."""
    # RandomState, for NumPy promises its stream in every version to come (NEP 19), and a Generator's not.
    order = np.random.RandomState(SEED).permutation(count).astype(np.int64)
    training, rest = np.split(order, [count - validation - test])
    return {"training": training, "validation": rest[:validation], "test": rest[validation:]}
