"""How alike and how sharp images are: closed forms and an independent reference."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from tests.core.subjects import grey, linear_model, subject
from vae_core.measures import image_quality
from vae_core.measures.fit import ssim

C1, C2 = 1e-4, 9e-4


def noise(count: int, *shape: int, seed: int = 0) -> Tensor:
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))


def reference_ssim(image: np.ndarray, other: np.ndarray) -> float:
    """As scikit-image has it with its Gaussian window: filters of the whole image, the border cut off."""

    def windowed(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, 1.5, truncate=3.5)[5:-5, 5:-5]

    mean, other_mean = windowed(image), windowed(other)
    variance, other_variance = windowed(image**2) - mean**2, windowed(other**2) - other_mean**2
    covariance = windowed(image * other) - mean * other_mean
    above = (2 * mean * other_mean + C1) * (2 * covariance + C2)
    return float((above / ((mean**2 + other_mean**2 + C1) * (variance + other_variance + C2))).mean())


def test_ssim_is_that_of_an_independent_implementation():
    images = noise(4, 1, 28, 20)
    others = (images + 0.3 * noise(4, 1, 28, 20, seed=1)).clamp(0, 1)
    expected = [
        reference_ssim(a[0].double().numpy(), b[0].double().numpy()) for a, b in zip(images, others, strict=True)
    ]
    np.testing.assert_allclose(image_quality.ssim(images, others), expected, atol=1e-9)


def test_ssim_of_flat_images_compares_their_brightness_alone():
    dark, light = torch.full((1, 1, 16, 16), 0.2), torch.full((1, 1, 16, 16), 0.6)
    expected = (2 * 0.2 * 0.6 + C1) / (0.2**2 + 0.6**2 + C1)
    assert image_quality.ssim(dark, light).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", [(1, 2, 2), (1, 8, 8), (3, 28, 28), (1, 12, 30)])
def test_ssim_is_1_for_equal_images_of_any_shape_and_below_for_others(shape):
    images = noise(5, *shape)
    torch.testing.assert_close(image_quality.ssim(images, images), torch.ones(5, dtype=torch.float64))
    assert (image_quality.ssim(images, noise(5, *shape, seed=1)) < 0.999).all()


def test_ssim_of_a_negative_is_below_0():
    images = noise(3, 1, 28, 28)
    assert (image_quality.ssim(images, 1 - images) < 0).all()


def test_ssim_of_a_model_is_the_mean_over_its_reconstructions():
    model = linear_model("ae", output="identity", reconstruction="mse")
    with torch.no_grad():
        model.decoder[0].bias.fill_(0.6)
    expected = [(2 * 0.6 * level / 255 + C1) / (0.36 + (level / 255) ** 2 + C1) for level in (51, 153, 255)]
    assert ssim(subject(model, grey(51, 153, 255))).value == pytest.approx(sum(expected) / 3, abs=1e-6)


def test_ssim_is_higher_for_the_better_model():
    images = grey(*range(0, 250, 5))
    flat, faithful = (linear_model("ae", latent_dim=1, output="identity", reconstruction="mse") for _ in range(2))
    with torch.no_grad():
        faithful.encoder[-1].weight[0, 0] = 1
        faithful.decoder[0].weight.fill_(1)
    assert ssim(subject(faithful, images)).value > 0.99 > 0.5 > ssim(subject(flat, images)).value


def test_sharpness_of_a_point_is_the_sum_of_squares_of_its_laplacian():
    image = torch.zeros(1, 1, 7, 9)
    image[0, 0, 3, 4] = 1
    assert image_quality.sharpness(image).item() == pytest.approx((16 + 4) / 63)


def test_flat_images_have_no_sharpness_blurred_ones_little_and_noisy_ones_much():
    flat, images = torch.full((1, 1, 28, 28), 0.7), noise(1, 1, 28, 28)
    blurred = torch.from_numpy(gaussian_filter(images.numpy(), (0, 0, 1, 1)))
    assert image_quality.sharpness(flat).item() == pytest.approx(0, abs=1e-12)
    assert image_quality.sharpness(blurred) < 0.1 * image_quality.sharpness(images)


def test_sharpness_grows_with_the_square_of_contrast_and_ignores_brightness():
    images = noise(3, 2, 10, 10)
    torch.testing.assert_close(image_quality.sharpness(0.5 * images + 0.2), image_quality.sharpness(images) / 4)
