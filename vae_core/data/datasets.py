"""Every data set by its name, as one object with images, labels, known factors and a fixed split.

Importing this module is cheap: torch, torchvision and scikit-learn are imported by the functions that need them, so
that a page may ask for a title or a class name at no cost.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from vae_core.configs import PHASE_ONLY, DataConfig, DataName, MoonsConfig, Phases
from vae_core.data import published
from vae_core.errors import DataError
from vae_core.moons import drawing

if TYPE_CHECKING:
    import torch

SplitName = Literal["training", "validation", "test"]

_SEED = 20_240  # of every split and of the moons; a change makes the measures of older runs incomparable


@dataclass(frozen=True)
class About:
    """What is known of a data set without its images; `image_shape` is (channels, height, width)."""

    name: DataName
    title: str
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    factor_names: tuple[str, ...] = ()
    folder: str = ""
    """The folder of its files in torchvision's layout, which is torchvision's class too; empty where it has none."""
    download_megabytes: int | None = None
    """What fetching it takes, where it is published."""
    ink_box: int | None = None
    """Its digits were scaled into a square of so many pixels and centred by their mass; None where nothing was."""


class Arrays(NamedTuple):
    """A data set before it is wrapped: uint8 images (N, H, W), int64 labels (N,), factors (N, F), split indices."""

    images: np.ndarray
    labels: np.ndarray
    splits: dict[SplitName, np.ndarray]
    factors: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class ImageSet:
    """A data set in memory, not to be changed: whoever loads it may share it."""

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
        return tuple(self.images.shape[1:])

    def split(self, name: SplitName) -> tuple[torch.Tensor, torch.Tensor]:
        """Images and labels of one split, in the order of its indices."""
        indices = self.splits[name]
        return self.images[indices], self.labels[indices]


_DIGITS = tuple("0123456789")
_CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
_MOON_SHAPE = (1, PHASE_ONLY.size, PHASE_ONLY.size)
_ABOUT = {
    about.name: about
    for about in (
        About("mnist", "MNIST", _DIGITS, (1, 28, 28), folder="MNIST", download_megabytes=11, ink_box=20),
        About("fashion-mnist", "Fashion-MNIST", _CLOTHES, (1, 28, 28), folder="FashionMNIST", download_megabytes=30),
        About("digits", "Digits", _DIGITS, (1, 8, 8), ink_box=8),
        About("moons-phase", "Moons (phase only)", drawing.PHASE_NAMES, _MOON_SHAPE, drawing.FACTOR_NAMES),
        About("moons", "Moons", drawing.PHASE_NAMES, _MOON_SHAPE, drawing.FACTOR_NAMES),
    )
}


def about(data: DataConfig | DataName) -> About:
    """What is known of a data set without loading it; a config tells the moons' size, a name alone means the usual."""
    if isinstance(data, str):
        return _ABOUT[data]
    known = _ABOUT[data.name]
    return known if data.moons is None else replace(known, image_shape=(1, data.moons.size, data.moons.size))


def image_count(data: DataConfig) -> int:
    """How many images a data set has in all its splits, known without loading it."""
    if data.moons is not None:
        return len(moon_factors(data)[0])
    return 1_797 if data.name == "digits" else 70_000


def data_folder() -> Path:
    """Where data sets lie or are downloaded to: VAE_DATA_DIR, `data/` by default."""
    return Path(os.environ.get("VAE_DATA_DIR") or "data").expanduser()


def is_local(data: DataConfig) -> bool:
    """Whether `load` needs no download: nothing is read, so that files may turn out to be broken."""
    folder = about(data).folder
    return not folder or published.is_local(folder, data_folder())


def to_floats(images: torch.Tensor) -> torch.Tensor:
    """float32 images in [0, 1], from uint8 ones."""
    return images / 255


def load(config: DataConfig, folder: Path | None = None, download: bool = True) -> ImageSet:
    """The data set that `config` describes: the same images, labels and splits every time.

    Published sets are read from `folder` (VAE_DATA_DIR where not given, else `data/`) and, with `download`, fetched
    there if they are missing. Raises DataError where files are missing, broken or can't be written, and where there are
    fewer training images than `config` asks for.
    """
    import torch

    known = about(config)
    if config.moons is not None:
        arrays = _moons(config, config.moons)
    elif config.name == "digits":
        arrays = _digits()
    else:
        arrays = _published(known, (folder or data_folder()).expanduser(), download)

    training, count = arrays.splits["training"], config.training_count
    if count is not None and count > len(training):
        raise DataError(f"{known.title} has {len(training):,} training images, fewer than the {count:,} asked for.")
    splits = arrays.splits | {"training": training[:count]}
    return ImageSet(
        config=config,
        images=torch.from_numpy(arrays.images)[:, None],  # (N, H, W) -> (N, 1, H, W)
        labels=torch.from_numpy(arrays.labels),
        class_names=known.class_names,
        factors=None if arrays.factors is None else torch.from_numpy(arrays.factors.astype(np.float32)),
        factor_names=known.factor_names,
        splits={name: torch.from_numpy(indices) for name, indices in splits.items()},
    )


def moon_factors(config: DataConfig) -> tuple[np.ndarray, dict[SplitName, np.ndarray]]:
    """Factors (N, 5) of a data set of moons and the indices of its splits, at no cost: none of them is drawn.

    `config.phases` restricts what is trained on, never the test images.
    """

    def sample(stream: int, count: int, phases: Phases) -> np.ndarray:
        return drawing.sample_factors(count, phases, config.moons, np.random.default_rng((_SEED, stream)))

    if config.phases == "two-images":
        pair = sample(0, 2, "two-images")
        parts = {"training": pair, "validation": pair}
    else:
        parts = {"training": sample(0, 10_000, config.phases), "validation": sample(1, 1_000, config.phases)}
    parts["test"] = sample(2, 2_000, "all")

    factors = np.concatenate(list(parts.values()))
    ends = np.cumsum([len(part) for part in parts.values()])
    return factors, dict(zip(parts, np.split(np.arange(len(factors)), ends[:-1]), strict=True))


def _moons(config: DataConfig, settings: MoonsConfig) -> Arrays:
    """Moons drawn as `settings` says."""
    factors, splits = moon_factors(config)
    images = drawing.draw(factors, settings.size, settings.earthshine)
    images *= 255
    return Arrays(np.rint(images, out=images).astype(np.uint8), drawing.phase_class(factors[:, 0]), splits, factors)


def _digits() -> Arrays:
    """scikit-learn's 1,797 handwritten digits, whose pixels are counts from 0 to 16."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return Arrays(images, digits.target.astype(np.int64), _held_out(len(images), validation=180, test=360))


def _published(known: About, folder: Path, download: bool) -> Arrays:
    """The published training images, one in twelve of them for validation, followed by the published test images."""
    images, labels, test_images, test_labels = published.read(known.folder, known.title, folder, download)
    splits = _held_out(len(images), validation=len(images) // 12)
    splits["test"] = len(images) + np.arange(len(test_images))
    labels = np.concatenate([labels, test_labels]).astype(np.int64)
    return Arrays(np.concatenate([images, test_images]), labels, splits)


def _held_out(count: int, validation: int, test: int = 0) -> dict[SplitName, np.ndarray]:
    """Indices below `count` in a fixed random order: the last are held out, the others are for training."""
    # RandomState, for NumPy promises its stream in every version to come (NEP 19), and a Generator's not.
    order = np.random.RandomState(_SEED).permutation(count).astype(np.int64)
    training, held_out = np.split(order, [count - validation - test])
    return {"training": training, "validation": held_out[:validation], "test": held_out[validation:]}
