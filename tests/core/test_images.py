"""Decoded images as PNG: one alone, or a sheet."""

import numpy as np
import torch
from PIL import Image

from vae_core.data.image_files import to_picture, write_picture


def test_one_image_is_its_pixels_and_several_are_a_square_sheet():
    images = torch.rand(7, 1, 5, 6, generator=torch.Generator().manual_seed(0))
    alone = np.asarray(to_picture(images[:1]))
    np.testing.assert_array_equal(alone, (images[0, 0] * 255).round().byte())
    sheet = np.asarray(to_picture(images))
    assert sheet.shape == (3 * 7 + 2, 3 * 8 + 2)
    np.testing.assert_array_equal(sheet[2:7, 2:8], alone)


def test_a_sheet_in_colour_is_written_as_it_is(tmp_path):
    image = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    write_picture(tmp_path / "a.png", image)
    with Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), (image[0] * 255).round().byte().permute(1, 2, 0))
