"""Pictures in and out: PNG sheets of decoded images, and folders or archives of images to encode."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from vae_core._torchvision import import_torchvision
from vae_core.errors import DataError
from vae_core.files import read_arrays, write_atomically

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")


def to_picture(images: Tensor) -> Image.Image:
    """Images (N, C, H, W) in [0, 1] side by side on a sheet as square as can be; one image alone has no margin."""
    make_grid = import_torchvision().utils.make_grid
    images = images.clamp(0, 1).float()
    alone = len(images) == 1
    grid = make_grid(images, nrow=math.ceil(math.sqrt(len(images))), padding=0 if alone else 2, pad_value=0.5)
    pixels = grid.mul(255).round().byte().permute(1, 2, 0).numpy()  # (3, h, w) -> (h, w, 3)
    return Image.fromarray(pixels if images.shape[1] == 3 else pixels[..., 0])


def write_picture(path: Path, images: Tensor) -> None:
    """`path` becomes a PNG of `to_picture(images)`."""
    buffer = io.BytesIO()
    to_picture(images).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def read_image_archive(path: Path, image_shape: tuple[int, int, int]) -> Tensor:
    """The uint8 images (N, *image_shape) of an .npz with floats `images` in [0, 1].

    Raises RunError where the file is missing or broken, DataError where these are no such images.
    """
    images = read_arrays(path, ("images",))["images"]
    if images.ndim != 4 or images.shape[1:] != tuple(image_shape) or not np.issubdtype(images.dtype, np.number):
        raise DataError(f"images in {path} must be numbers of shape (N, {', '.join(map(str, image_shape))}).")
    if not len(images) or not np.isfinite(images).all() or images.min() < 0 or images.max() > 1:
        raise DataError(f"images in {path} must be finite and from 0 to 1, and there must be one at least.")
    return torch.from_numpy(np.rint(images * 255).astype(np.uint8))


def read_picture_folder(folder: Path, image_shape: tuple[int, int, int]) -> tuple[Tensor, list[str]]:
    """The pictures in a folder by name, as uint8 (N, *image_shape), and their file names.

    A picture of another size is resized, one with colours made grey where the model is. Raises DataError.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"There is no picture in {folder}; looked for {', '.join(SUFFIXES)}.")
    return torch.stack([_read_picture(path, image_shape) for path in paths]), [path.name for path in paths]


def _read_picture(path: Path, image_shape: tuple[int, int, int]) -> Tensor:
    channels, height, width = image_shape
    try:
        with Image.open(path) as file:
            if file.mode.startswith("I"):  # 16 bits a pixel, which convert would cut off at 255
                file = Image.fromarray((np.asarray(file) / 257).round().astype(np.uint8))
            picture = file.convert("RGB" if channels == 3 else "L")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} is not a picture that can be read: remove it, or save it again.") from error
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(picture)).reshape(height, width, channels).permute(2, 0, 1)
