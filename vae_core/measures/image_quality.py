"""Image quality for floats (N, C, H, W) in [0, 1]: similarity of two images, sharpness of one."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from vae_core.measures.catalogue import MIN_SQUARED_ERROR

WINDOW, WINDOW_SIGMA = 11, 1.5  # pixels
STABILISERS = 0.01**2, 0.03**2  # C1 and C2, where a white pixel is 1


def psnr(images: Tensor, others: Tensor) -> Tensor:
    """−10·log₁₀ of the mean squared error of each pair of images, (N,), in dB: at most 100, for equal ones."""
    errors = (images - others).square().flatten(1).mean(1)
    return -10 * errors.clamp(min=MIN_SQUARED_ERROR).log10()


def ssim(images: Tensor, others: Tensor) -> Tensor:
    """Structural similarity of each pair of images, mean over places and channels, (N,): 1 for equal ones, above −1.

    Under a Gaussian window that lies within the image; a smaller one where the image has fewer pixels than it.
    Wang, Bovik, Sheikh & Simoncelli 2004, Image Quality Assessment, eq. 13, with their constants.
    """
    images, others = images.double(), others.double()  # a variance is a difference of means of squares
    means, other_means = _windowed(images), _windowed(others)
    variances = _windowed(images.square()) - means.square()
    other_variances = _windowed(others.square()) - other_means.square()
    covariances = _windowed(images * others) - means * other_means
    first, second = STABILISERS
    above = (2 * means * other_means + first) * (2 * covariances + second)
    below = (means.square() + other_means.square() + first) * (variances + other_variances + second)
    return (above / below).flatten(1).mean(1)


def sharpness(images: Tensor) -> Tensor:
    """Variance of the Laplacian over the pixels of each image, (N,): 0 for a flat one.

    Beyond the border pixels go on as they are, so that a frame is no edge. Pech-Pacheco et al. 2000.
    """
    channels = images.shape[1]
    kernel = images.new_tensor([[0, 1, 0], [1, -4, 1], [0, 1, 0]]).expand(channels, 1, 3, 3)
    padded = functional.pad(images, (1, 1, 1, 1), mode="replicate")
    return functional.conv2d(padded, kernel, groups=channels).flatten(1).var(1, correction=0)


def _windowed(images: Tensor) -> Tensor:
    """Means of pixels under the window at each position: (N, C, H, W) -> (N, C, h, w)."""
    down, across = (_window_matrix(side, min(images.shape[2:])).to(images) for side in images.shape[2:])
    return down @ images @ across.T


def _window_matrix(side: int, shorter_side: int) -> Tensor:
    """The window at each position along a side of that many pixels: (positions, side), rows sum to 1."""
    width = min(WINDOW, shorter_side - 1 + shorter_side % 2)  # odd, so that it has a middle
    window = torch.exp(-0.5 * ((torch.arange(width, dtype=torch.float64) - width // 2) / WINDOW_SIGMA).square())
    matrix = torch.zeros(side - width + 1, side, dtype=torch.float64)
    for place, row in enumerate(matrix):
        row[place : place + width] = window / window.sum()
    return matrix
