"""Whether images resemble a run's training images, judged by the loss of quality in reconstruction.

How far a code lies from all others does not say it: an AE of MNIST codes inverted digits among the usual ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

    from vae_core.models.auto_encoders import AutoEncoder
    from vae_core.runs.cards import Card

GOOD = 25.0  # dB: what is drawn again as well as this is known to a model, however well it draws the rest
STRANGE, STRANGE_SPREAD = 2.5, 4.5  # dB: the mean of n images may be so much worse, and the second by the root of n
STRANGE_ALONE = 10.0  # dB: and one image among many

# Of the shipped runs' own held-out images one in a hundred at most is called strange alone, and no batch of ten was.
# Found are inverted images and noise, one at a time; transposed digits, MNIST in a model of Fashion and the other way
# round, ten at a time.


def shortfalls(card: Card, model: AutoEncoder, images: torch.Tensor, mu: torch.Tensor) -> np.ndarray:
    """The PSNR deficit in dB of each of uint8 images (N, C, H, W), decoded from `mu`, to the card's test images, (N,).

    Empty where the card doesn't say how well those are decoded.
    """
    import torch

    from vae_core.data.datasets import to_floats
    from vae_core.measures.image_quality import psnr

    known = card.measures.get("psnr")
    if known is None or not known.values:
        return np.empty(0)
    parts = zip(images.split(2000), mu.split(2000), strict=True)
    with torch.inference_mode():
        found = torch.cat([psnr(model.decode(codes), to_floats(part)) for part, codes in parts])
    return min(*known.values, GOOD) - found.numpy()


def are_strange(worse: np.ndarray) -> bool:
    """Whether these images together are worse than chance allows for images like the training images."""
    return bool(len(worse)) and float(worse.mean()) > STRANGE + STRANGE_SPREAD / math.sqrt(len(worse))


def strange_ones(worse: np.ndarray) -> np.ndarray:
    """Positions of the images unlike all training images, the strangest first."""
    order = np.argsort(-worse, kind="stable")
    return order[worse[order] > STRANGE_ALONE]
