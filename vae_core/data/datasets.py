"""Every data set in memory, as one object with images, labels, known factors and a fixed split.

Importing this module is cheap: torch, torchvision and scikit-learn are imported by the functions that need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vae_core.data.data_config import DataConfig
from vae_core.data.data_source import Arrays, SplitName
from vae_core.errors import DataError
from vae_core.places import data_folder

if TYPE_CHECKING:
    import torch

MAX_CLASSES = 256  # a label is kept as a byte


@dataclass(frozen=True, eq=False)
class ImageSet:
    """A data set in memory, immutable and shared by its users."""

    config: DataConfig
    images: torch.Tensor
    """uint8 (N, C, H, W)"""
    labels: torch.Tensor
    """int64 (N,), indices into `class_names`"""
    class_names: tuple[str, ...]
    factors: torch.Tensor | None
    """float32 (N, F), where they are known"""
    factor_names: tuple[str, ...]
    splits: dict[SplitName, torch.Tensor]
    """int64 indices of the images under "training", "validation" and "test" """

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    def split(self, name: SplitName) -> tuple[torch.Tensor, torch.Tensor]:
        """Images and labels of one split, in the order of its indices."""
        indices = self.splits[name]
        return self.images[indices], self.labels[indices]


def to_floats(images: torch.Tensor) -> torch.Tensor:
    """float32 images in [0, 1], from uint8 ones."""
    return images / 255


def is_local(config: DataConfig) -> bool:
    """Whether `load` needs no download; nothing is read, so files may still prove broken."""
    return config.source.is_local(config, data_folder())


def load(config: DataConfig, folder: Path | None = None, download: bool = True) -> ImageSet:
    """The data set that `config` describes: the same images, labels and splits every time.

    Files are read from `folder` (VAE_DATA_DIR where not given, else `data/`) and, with `download`, fetched there if
    they are missing. Raises DataError where files are missing, broken or can't be written, where there are more classes
    than MAX_CLASSES, and where there are fewer training images than `config` asks for.
    """
    import torch

    source = config.source
    arrays = source.read(config, (folder or data_folder()).expanduser(), download)
    _check(config, arrays)
    images = arrays.images[:, None] if arrays.images.ndim == 3 else arrays.images  # (N, H, W) -> (N, 1, H, W)
    splits = arrays.splits | {"training": arrays.splits["training"][: config.training_count]}
    return ImageSet(
        config=config,
        images=torch.from_numpy(images),
        labels=torch.from_numpy(arrays.labels.astype(np.int64)),
        class_names=config.class_names,
        factors=None if arrays.factors is None else torch.from_numpy(arrays.factors.astype(np.float32)),
        factor_names=source.factor_names,
        splits={name: torch.from_numpy(indices) for name, indices in splits.items()},
    )


def _check(config: DataConfig, arrays: Arrays) -> None:
    """Raises DataError if the data set has too many classes, or fewer images than `config` asks for."""
    title, classes = config.source.title, len(config.class_names)
    if classes > MAX_CLASSES:
        raise DataError(f"{title} has {classes:,} classes, and {MAX_CLASSES} is the most that a model is trained with.")
    held, wanted = len(arrays.splits["training"]), config.training_count or 0
    if wanted > held:
        raise DataError(f"{title} has {held:,} training images, fewer than the {wanted:,} asked for.")
