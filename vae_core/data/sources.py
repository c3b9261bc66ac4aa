"""The registry of data sets, in the order in which they are offered.

Another data set is a final class of `DataSource`, or an object of one that there is, and an entry in SOURCES.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from vae_core.data import drawn_moons, published
from vae_core.data.data_source import Arrays, DataSource, Shape, held_out
from vae_core.moons.drawing import FACTOR_NAMES, PHASE_NAMES
from vae_core.moons.moons_config import PHASE_ONLY, MoonsConfig

if TYPE_CHECKING:
    from vae_core.data.data_config import DataConfig

DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class Published(DataSource):
    """A data set in torchvision's layout: 60,000 published training images, one in twelve for validation, and 10,000
    published test images, which come last."""

    folder: str
    """Of its files; torchvision's class too."""
    classes: tuple[str, ...]

    def image_shape(self, config: DataConfig) -> Shape:
        return (1, 28, 28)

    def class_names(self, config: DataConfig) -> tuple[str, ...]:
        return self.classes

    def image_count(self, config: DataConfig) -> int:
        return 70_000

    def read(self, config: DataConfig, folder: Path, download: bool) -> Arrays:
        images, labels, test_images, test_labels = published.read(self.folder, self.title, folder, download)
        splits = held_out(len(images), validation=len(images) // 12)
        splits["test"] = len(images) + np.arange(len(test_images))
        return Arrays(np.concatenate([images, test_images]), np.concatenate([labels, test_labels]), splits)

    def is_local(self, config: DataConfig, folder: Path) -> bool:
        return published.is_local(self.folder, folder)

    def fetched_bytes(self, folder: Path) -> int:
        return published.fetched_bytes(self.folder, folder)


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class Digits(DataSource):
    """scikit-learn's 1,797 handwritten digits, whose pixels are counts from 0 to 16."""

    def image_shape(self, config: DataConfig) -> Shape:
        return (1, 8, 8)

    def class_names(self, config: DataConfig) -> tuple[str, ...]:
        return DIGITS

    def image_count(self, config: DataConfig) -> int:
        return 1_797

    def read(self, config: DataConfig, folder: Path, download: bool) -> Arrays:
        from sklearn.datasets import load_digits

        digits = load_digits()
        images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
        return Arrays(images, digits.target, held_out(len(images), validation=180, test=360))


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class Moons(DataSource):
    """Moons, drawn on demand."""

    def image_shape(self, config: DataConfig) -> Shape:
        size = drawn_moons.settings_of(config).size
        return (1, size, size)

    def class_names(self, config: DataConfig) -> tuple[str, ...]:
        return PHASE_NAMES

    def image_count(self, config: DataConfig) -> int:
        return sum(drawn_moons.counts(config).values())

    def read(self, config: DataConfig, folder: Path, download: bool) -> Arrays:
        return drawn_moons.draw_set(config)


def _moons(name: str, title: str, settings: MoonsConfig) -> Moons:
    return Moons(name=name, title=title, settings={"phases": "all", "moons": settings}, factor_names=FACTOR_NAMES)


SOURCES: dict[str, DataSource] = {
    source.name: source
    for source in (
        Published(
            name="mnist", title="MNIST", folder="MNIST", classes=DIGITS, download_megabytes=11, ink_box=20,
        ),
        Published(
            name="fashion-mnist", title="Fashion-MNIST", folder="FashionMNIST", classes=CLOTHES, download_megabytes=30,
        ),
        Digits(name="digits", title="Digits", ink_box=8),
        _moons("moons-phase", "Moons (phase only)", PHASE_ONLY),
        _moons("moons", "Moons", MoonsConfig()),
    )
}  # fmt: skip
