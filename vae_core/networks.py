"""The networks that encoders and decoders are made of: layers of units (mlp) or of convolutions (conv).

An encoder maps images (B, C, H, W) to features (B, out_features), a decoder codes (B, latent_dim) to raw images
(B, C, H, W). Any height and width will do.
"""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn

from vae_core.configs import NetworkConfig

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}


def encoder(config: NetworkConfig, image_shape: tuple[int, int, int], out_features: int) -> nn.Module:
    """A network from images (B, *image_shape) to (B, out_features)."""
    activation = ACTIVATIONS[config.activation]
    if config.network == "mlp":
        return nn.Sequential(nn.Flatten(), *_dense((math.prod(image_shape), *config.widths, out_features), activation))
    layers: list[nn.Module] = []
    channels = image_shape[0]
    for width in config.widths:
        layers += [nn.Conv2d(channels, width, kernel_size=3, stride=2, padding=1), activation()]
        channels = width
    height, width = _sides(image_shape, len(config.widths))[-1]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * height * width, out_features))


def decoder(config: NetworkConfig, image_shape: tuple[int, int, int], latent_dim: int) -> nn.Module:
    """A network from codes (B, latent_dim) to raw images (B, *image_shape)."""
    activation = ACTIVATIONS[config.activation]
    widths = config.widths[::-1]
    if config.network == "mlp":
        return nn.Sequential(
            *_dense((latent_dim, *widths, math.prod(image_shape)), activation), nn.Unflatten(1, image_shape)
        )
    sides = _sides(image_shape, len(widths))[::-1]
    channels = (*widths, image_shape[0])
    first = (channels[0], *sides[0])
    layers: list[nn.Module] = [nn.Linear(latent_dim, math.prod(first)), nn.Unflatten(1, first)]
    for (before, after), side in zip(pairwise(channels), sides[1:], strict=True):
        layers += [activation(), nn.ConvTranspose2d(before, after, kernel_size=4, stride=2, padding=1), _Crop(side)]
    return nn.Sequential(*layers)


class _Crop(nn.Module):
    """Cuts (B, C, h, w) to (B, C, *side): doubling a side that was odd before it was halved gives one row too many."""

    def __init__(self, side: tuple[int, int]) -> None:
        super().__init__()
        self.side = side

    def forward(self, images: Tensor) -> Tensor:
        return images[..., : self.side[0], : self.side[1]]


def _dense(widths: tuple[int, ...], activation: type[nn.Module]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), activation()]
    return layers[:-1]


def _sides(image_shape: tuple[int, int, int], halvings: int) -> list[tuple[int, int]]:
    """Height and width of the image, and after each of the halvings (rounded up)."""
    sides = [image_shape[1:]]
    for _ in range(halvings):
        sides.append(tuple(math.ceil(side / 2) for side in sides[-1]))
    return sides


def count_parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
