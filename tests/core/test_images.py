"""Pictures in and out: sheets of PNG, and pictures of any size and depth as images of a model's shape."""

import numpy as np
import pytest
import torch
from PIL import Image

from vae_core.errors import DataError
from vae_core.images import read_image_archive, read_picture_folder, to_picture, write_picture


def test_one_image_is_its_pixels_and_several_are_a_square_sheet():
    images = torch.rand(7, 1, 5, 6, generator=torch.Generator().manual_seed(0))
    alone = np.asarray(to_picture(images[:1]))
    np.testing.assert_array_equal(alone, (images[0, 0] * 255).round().byte())
    sheet = np.asarray(to_picture(images))
    assert sheet.shape == (3 * 7 + 2, 3 * 8 + 2)
    np.testing.assert_array_equal(sheet[2:7, 2:8], alone)


def test_colours_stay_colours(tmp_path):
    image = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    write_picture(tmp_path / "a.png", image)
    images, names = read_picture_folder(tmp_path, (3, 4, 4))
    assert names == ["a.png"]
    np.testing.assert_array_equal(images, (image * 255).round().byte())


def test_pictures_are_read_by_name_resized_and_made_grey(tmp_path):
    Image.new("RGB", (10, 20), (255, 255, 255)).save(tmp_path / "b.png")
    Image.new("L", (4, 4), 51).save(tmp_path / "a.png")
    images, names = read_picture_folder(tmp_path, (1, 4, 4))
    assert names == ["a.png", "b.png"]
    assert images.shape == (2, 1, 4, 4)
    assert images.flatten(1).unique(dim=1).tolist() == [[51], [255]]


def test_sixteen_bits_are_scaled_and_not_cut_off(tmp_path):
    ramp = np.linspace(0, 65535, 16).reshape(4, 4).astype(np.uint16)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    images, _ = read_picture_folder(tmp_path, (1, 4, 4))
    np.testing.assert_array_equal(images[0, 0], (ramp / 257).round())


@pytest.mark.parametrize("images", [np.full((1, 1, 4, 4), 2.0), np.full((1, 1, 4, 4), np.nan), np.zeros((0, 1, 4, 4))])
def test_images_outside_their_range_are_met_with_a_sentence(tmp_path, images):
    np.savez(tmp_path / "images.npz", images=images)
    with pytest.raises(DataError, match="must be finite and from 0 to 1, and there must be one at least"):
        read_image_archive(tmp_path / "images.npz", (1, 4, 4))
