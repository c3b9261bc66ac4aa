"""Images in files of arrays: .npz with the usual names, and .npy."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from vae_core.data.data_source import SplitName
from vae_core.errors import BrokenError, DataError, MissingError
from vae_core.files import read_arrays

IMAGE_NAMES = ("images", "x", "X", "data", "arr_0")
LABEL_NAMES = ("labels", "label", "y", "Y", "targets", "target", "arr_1")
SPLIT_SUFFIXES = {"training": "_train", "validation": "_val", "test": "_test"}
SCALES = (1, 16, 255)  # the highest number there may be: fractions, scikit-learn's digits, bytes


class ImageArrays(NamedTuple):
    """Images as uint8 (N, channels, height, width), and their labels (N,) if the file has them."""

    images: np.ndarray
    labels: np.ndarray | None
    name: str
    """of the array that holds them; empty for a .npy"""
    scale: int
    """the number that was taken for white"""

    @property
    def summary(self) -> str:
        """One line on the images that were read."""
        count = len(self.images)
        read = f"Read {count:,} image{'' if count == 1 else 's'}{f' from {self.name}' if self.name else ''}"
        return f"{read} as they are, {self.scale} for white{', and their labels' if self.labels is not None else ''}."


def read_image_arrays(path: Path, shape: tuple[int, int, int], split: SplitName | None = None) -> ImageArrays:
    """The images of `shape` in a file; of an .npz with several splits, those of `split`, "test" by default.

    They are numbers from 0 to 1, to 16 or to 255, (N, C, H, W), (N, H, W, C), (N, H, W) or (N, H·W). Raises RunError
    where the file is missing or broken, DataError where it has no such images.
    """
    arrays = _arrays_in(path)
    name = _image_name(path, arrays, split)
    what = f"{name or 'The array'} in {path}"
    images, scale = _in_bytes(_in_shape(arrays[name], shape, what), what)
    return ImageArrays(images, _labels(arrays, name, len(images), path), name, scale)


def _arrays_in(path: Path) -> dict[str, np.ndarray]:
    if path.suffix.lower() != ".npy":
        return read_arrays(path, ())
    try:
        return {"": np.load(path, allow_pickle=False)}
    except FileNotFoundError:
        raise MissingError(f"There is no file {path}.") from None
    except (OSError, ValueError, EOFError, TypeError, SyntaxError, MemoryError) as error:
        raise BrokenError(f"{path} is not a whole .npy file of one plain array: make or fetch it again.") from error


def _image_name(path: Path, arrays: dict[str, np.ndarray], split: SplitName | None) -> str:
    if "" in arrays:
        return ""
    wanted = [f"{name}{SPLIT_SUFFIXES[split or 'test']}" for name in IMAGE_NAMES]
    known = wanted if split is not None else [*wanted, *IMAGE_NAMES]
    found = next((name for name in known if name in arrays), None)
    if found is None:
        held = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
        raise DataError(f"{path} has no array {' or '.join(known)}; it holds {held}: name the images so.")
    return found


def _in_shape(array: np.ndarray, shape: tuple[int, int, int], name: str) -> np.ndarray:
    """The array as (N, *shape). Raises DataError."""
    channels, height, width = shape
    fits = {shape, (height, width), (height * width,)} if channels == 1 else {shape}
    if array.ndim >= 2 and array.shape[1:] in fits:
        return array.reshape(len(array), *shape)
    if array.shape[1:] == (height, width, channels):
        return array.transpose(0, 3, 1, 2)
    if array.shape == shape or (channels == 1 and array.shape == (height, width)):
        return array.reshape(1, *shape)
    wanted = f"(N, {channels}, {height}, {width})" + (f" or (N, {height}, {width})" if channels == 1 else "")
    raise DataError(f"{name} must be of shape {wanted}, and is {array.shape}.")


def _in_bytes(images: np.ndarray, name: str) -> tuple[np.ndarray, int]:
    """The images as bytes, and the number that stood for white. Raises DataError."""
    if not len(images) or images.dtype.kind not in "buif":
        raise DataError(f"{name} must be numbers, and one image at least; it is {images.dtype}, {images.shape}.")
    low, high = float(images.min()), float(images.max())
    scale = next((scale for scale in SCALES if high <= scale), None)
    if not (np.isfinite([low, high]).all() and low >= 0 and scale):
        raise DataError(f"{name} must be finite numbers from 0 to 1, or to 255, and go from {low:g} to {high:g}.")
    if images.dtype == np.uint8 and scale == 255:
        return images, scale
    return np.rint(images.astype(np.float32) * np.float32(255 / scale)).astype(np.uint8), scale


def _labels(arrays: dict[str, np.ndarray], name: str, count: int, path: Path) -> np.ndarray | None:
    """The labels beside the images of that name. Raises DataError if there are more or fewer."""
    suffix = next((suffix for suffix in SPLIT_SUFFIXES.values() if name.endswith(suffix)), "")
    found = next((f"{label}{suffix}" for label in LABEL_NAMES if f"{label}{suffix}" in arrays), None)
    if found is None:
        return None
    labels = arrays[found]
    if labels.shape not in ((count,), (count, 1)):
        raise DataError(
            f"{found} in {path} must be of shape ({count},), a label for each image, and is {labels.shape}."
        )
    return labels.reshape(count)
