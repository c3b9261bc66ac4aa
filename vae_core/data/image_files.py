"""Decoded images as PNG: one image, or a sheet of them."""

from __future__ import annotations

import io
import math
from pathlib import Path

from PIL import Image
from torch import Tensor

from vae_core.data._torchvision import import_torchvision
from vae_core.files import make_folder, write_atomically


def to_picture(images: Tensor) -> Image.Image:
    """Images (N, C, H, W) in [0, 1] on a sheet as square as possible; a single image has no margin."""
    make_grid = import_torchvision().utils.make_grid
    images = images.clamp(0, 1).float()
    alone = len(images) == 1
    grid = make_grid(images, nrow=math.ceil(math.sqrt(len(images))), padding=0 if alone else 2, pad_value=0.5)
    pixels = grid.mul(255).round().byte().permute(1, 2, 0).numpy()  # (3, h, w) -> (h, w, 3)
    return Image.fromarray(pixels if images.shape[1] == 3 else pixels[..., 0])


def write_picture(path: Path, images: Tensor) -> None:
    """Writes `to_picture(images)` to `path` as PNG."""
    buffer = io.BytesIO()
    to_picture(images).save(buffer, "PNG")
    make_folder(path.parent)
    write_atomically(path, buffer.getvalue())
