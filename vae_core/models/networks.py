"""The networks of encoders and decoders: fully connected layers (mlp) or convolutions (conv).

An encoder maps images (B, C, H, W) to features (B, out_features), a decoder codes (B, latent_dim) to raw images
(B, C, H, W). Any height and width will do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional

from vae_core.configs import NetworkConfig

MIN_BFLOAT16_WEIGHTS = 2**16  # a smaller layer gains nothing, and those next to the code need their digits

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
    return nn.Sequential(*layers, nn.Flatten(), Dense(channels * height * width, out_features))


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
    layers: list[nn.Module] = [Dense(latent_dim, math.prod(first)), nn.Unflatten(1, first)]
    for (before, after), side in zip(pairwise(channels), sides[1:], strict=True):
        layers += [activation(), nn.ConvTranspose2d(before, after, kernel_size=4, stride=2, padding=1), _Crop(side)]
    return nn.Sequential(*layers)


class Dense(nn.Linear):
    """A fully connected layer. A large one multiplies in `training_dtype` during training; otherwise in float32."""

    training_dtype = torch.float32

    def forward(self, features: Tensor) -> Tensor:
        if self.training and self.training_dtype == torch.bfloat16 and self.weight.numel() >= MIN_BFLOAT16_WEIGHTS:
            return _bfloat16_dense(features, self.weight, self.bias)
        return super().forward(features)


class _Bfloat16Dense(torch.autograd.Function):
    """A fully connected layer with its three products in bfloat16; input and output are float32."""

    @staticmethod
    def forward(context: FunctionCtx, features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        features, weight = features.bfloat16(), weight.bfloat16()
        context.save_for_backward(features, weight)
        return functional.linear(features, weight).float().add_(bias)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        features, weight = context.saved_tensors
        rounded = gradient.bfloat16()
        before = (rounded @ weight).float() if context.needs_input_grad[0] else None
        return before, (rounded.T @ features).float(), gradient.sum(0)


_bfloat16_dense: Callable[[Tensor, Tensor, Tensor], Tensor] = _Bfloat16Dense.apply


def set_training_precision(module: nn.Module, precision: str) -> None:
    """Sets the products of `module`'s large layers during training to "float32" or "bfloat16"."""
    for layer in module.modules():
        if isinstance(layer, Dense):
            layer.training_dtype = getattr(torch, precision)


def fastest_precision() -> str:
    """ "bfloat16" if the processor has instructions for its products, else "float32"."""
    abilities = torch.cpu.get_capabilities()
    return "bfloat16" if abilities.get("avx512_bf16") or abilities.get("amx_bf16") else "float32"


class _Crop(nn.Module):
    """Crops (B, C, h, w) to (B, C, *side): doubling a halved odd side gives one row too many."""

    def __init__(self, side: tuple[int, int]) -> None:
        super().__init__()
        self.side = side

    def forward(self, images: Tensor) -> Tensor:
        return images[..., : self.side[0], : self.side[1]]


def _dense(widths: tuple[int, ...], activation: type[nn.Module]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [Dense(before, after), activation()]
    return layers[:-1]


def _sides(image_shape: tuple[int, int, int], halvings: int) -> list[tuple[int, int]]:
    """Height and width of the image, and after each halving (rounded up)."""
    sides = [image_shape[1:]]
    for _ in range(halvings):
        height, width = sides[-1]
        sides.append((math.ceil(height / 2), math.ceil(width / 2)))
    return sides


def count_parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
