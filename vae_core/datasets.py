"""Every data set by its name, as one object with images, labels, known factors and a fixed split.

Importing this module is cheap: torch, torchvision and scikit-learn are imported by the functions that need them, so
that a page may ask for a title or a class name at no cost.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import shutil
import struct
import tempfile
import time
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from vae_core import moons
from vae_core._torchvision import import_torchvision
from vae_core.configs import PHASE_ONLY, DataConfig, DataName, MoonsConfig, Phases
from vae_core.errors import DataError, RunError
from vae_core.files import write_atomically

if TYPE_CHECKING:
    import torch

SplitName = Literal["training", "validation", "test"]

# The published files, by their names without ".gz", and the shape of what is in each.
PUBLISHED = {
    "train-images-idx3-ubyte": (60_000, 28, 28),
    "train-labels-idx1-ubyte": (60_000,),
    "t10k-images-idx3-ubyte": (10_000, 28, 28),
    "t10k-labels-idx1-ubyte": (10_000,),
}
_SEED = 20_240  # of every split and of the moons; a change makes the measures of older runs incomparable
_STAGE = ".download-"
_STALE_SECONDS = 86_400


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
        About("mnist", "MNIST", _DIGITS, (1, 28, 28), folder="MNIST"),
        About("fashion-mnist", "Fashion-MNIST", _CLOTHES, (1, 28, 28), folder="FashionMNIST"),
        About("digits", "Digits", _DIGITS, (1, 8, 8)),
        About("moons-phase", "Moons (phase only)", moons.PHASE_NAMES, _MOON_SHAPE, moons.FACTOR_NAMES),
        About("moons", "Moons", moons.PHASE_NAMES, _MOON_SHAPE, moons.FACTOR_NAMES),
    )
}


def about(data: DataConfig | DataName) -> About:
    """What is known of a data set without loading it; a config tells the moons' size, a name alone means the usual."""
    if isinstance(data, str):
        return _ABOUT[data]
    known = _ABOUT[data.name]
    return known if data.moons is None else replace(known, image_shape=(1, data.moons.size, data.moons.size))


def data_folder() -> Path:
    """Where data sets lie or are downloaded to: VAE_DATA_DIR, `data/` by default."""
    return Path(os.environ.get("VAE_DATA_DIR") or "data")


def to_floats(images: torch.Tensor) -> torch.Tensor:
    """float32 images in [0, 1], from uint8 ones."""
    return images.float().div_(255)


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
        arrays = _published(known, folder or data_folder(), download)

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


def _moons(config: DataConfig, settings: MoonsConfig) -> Arrays:
    """Moons drawn as `settings` says; `config.phases` restricts what is trained on, never the test images."""

    def sample(stream: int, count: int, phases: Phases) -> np.ndarray:
        return moons.sample_factors(count, phases, settings, np.random.default_rng((_SEED, stream)))

    if config.phases == "two-images":
        pair = sample(0, 2, "two-images")
        parts = {"training": pair, "validation": pair}
    else:
        parts = {"training": sample(0, 10_000, config.phases), "validation": sample(1, 1_000, config.phases)}
    parts["test"] = sample(2, 2_000, "all")

    factors = np.concatenate(list(parts.values()))
    ends = np.cumsum([len(part) for part in parts.values()])
    splits = dict(zip(parts, np.split(np.arange(len(factors)), ends[:-1]), strict=True))
    images = moons.draw(factors, settings.size, settings.earthshine)
    images *= 255
    return Arrays(np.rint(images, out=images).astype(np.uint8), moons.phase_class(factors[:, 0]), splits, factors)


def _digits() -> Arrays:
    """scikit-learn's 1,797 handwritten digits, whose pixels are counts from 0 to 16."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return Arrays(images, digits.target.astype(np.int64), _held_out(len(images), validation=180, test=360))


def _published(known: About, folder: Path, download: bool) -> Arrays:
    """The published training images, one in twelve of them for validation, followed by the published test images."""
    folder = folder.expanduser()
    raw = folder / known.folder / "raw"
    try:
        missing = [name for name in PUBLISHED if not ((raw / name).is_file() or _packed(raw / name).is_file())]
        if missing and not download:
            raise _missing(known, missing, raw, "no download was asked for")
        if missing:
            _download(known, missing, folder, raw)
        images, labels, test_images, test_labels = (_read(raw / name, known) for name in PUBLISHED)
    except OSError as error:
        raise DataError(f"{known.title} can't be read in {raw}: {error.strerror or error}.") from error

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


def _packed(path: Path) -> Path:
    return path.with_name(path.name + ".gz")


def _read(path: Path, known: About) -> np.ndarray:
    """The uint8 array of a published file that lies at `path`, or gzipped beside it; DataError where it is broken."""
    source = path if path.is_file() else _packed(path)
    try:
        return _parse(path.read_bytes(), path.name) if source == path else _unpack(source, path.name, known)
    except ValueError as error:
        raise DataError(f"{source} is broken ({error}): delete it and let it be downloaded again.") from error


def _parse(content: bytes, name: str) -> np.ndarray:
    """The array in an IDX file, whose header holds a type (8: uint8), the number of dimensions and each size."""
    shape = PUBLISHED[name]
    header = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
    if not content.startswith(header):
        raise ValueError("its header is not the published one")
    if len(content) != len(header) + math.prod(shape):
        raise ValueError("it is not as long as its header says")
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)


def _unpack(packed: Path, name: str, known: About) -> np.ndarray:
    """The array in a gzipped file, unpacked into the user's cache and never beside it: its folder may be read-only.

    What is in the cache came from a file with the published checksum, whichever that was. Beside it stands the path,
    size and time of that file; as long as they are those of `packed`, it needn't be read and summed again.
    """
    cached = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "halfmoon" / known.folder / name
    verified = cached.with_name(name + ".verified")
    status = packed.stat()
    stamp = f"{packed.resolve()} {status.st_size} {status.st_mtime_ns}".encode()
    try:
        if verified.read_bytes() == stamp:
            return _parse(cached.read_bytes(), name)
    except (OSError, ValueError):
        pass  # not unpacked yet, or spoilt since

    content = packed.read_bytes()
    resources = getattr(import_torchvision().datasets, known.folder).resources
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != dict(resources)[packed.name]:
        raise ValueError("its checksum is not the published one")
    content = gzip.decompress(content)
    try:
        write_atomically(cached, content)
        write_atomically(verified, stamp)  # second, so that it never vouches for a file that isn't there yet
    except RunError:
        pass  # a cache that can't be written only costs time
    return _parse(content, name)


def _download(known: About, missing: list[str], folder: Path, raw: Path) -> None:
    """Fetch the `missing` files with torchvision, into a folder of their own first.

    torchvision takes any file of the right name for a whole one, and an interrupted download leaves a part: so only
    what it has fetched, summed and unpacked to the end is moved to where it is looked for.
    """
    try:
        raw.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{_STAGE}*"):  # by a process that was killed
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        stage = tempfile.TemporaryDirectory(dir=folder, prefix=_STAGE)
    except OSError as error:
        raise _missing(known, missing, raw, f"can't be written there ({error.strerror})") from error
    with stage as root:
        try:
            getattr(import_torchvision().datasets, known.folder)(root, download=True)
            for name in missing:
                os.replace(Path(root, known.folder, "raw", name), raw / name)
        except (OSError, RuntimeError, HTTPException) as error:
            reason = str(error).strip().rpartition("\n")[2]  # torchvision's list of mirrors ends with the last one's
            raise _missing(known, missing, raw, f"could not be downloaded ({reason})") from error


def _missing(known: About, missing: list[str], raw: Path, why: str) -> DataError:
    files = "its files" if len(missing) == len(PUBLISHED) else ", ".join(missing)
    return DataError(
        f"{known.title} is missing: {files} were looked for in {raw} and {why}; "
        "the shipped runs, the digits and the moons work without."
    )
