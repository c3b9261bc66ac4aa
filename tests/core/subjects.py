"""What measures are tested on: small images, and models that are nothing but a matrix or two."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from vae_core.configs import DataConfig, ModelConfig, NetworkConfig
from vae_core.measures import evaluation
from vae_core.models.auto_encoders import AutoEncoder, build


def random_images(count: int, seed: int = 0) -> Tensor:
    return torch.randint(0, 256, (count, 1, 2, 2), generator=torch.Generator().manual_seed(seed)).to(torch.uint8)


def grey(*levels: int) -> Tensor:
    """Images (N, 1, 2, 2) of one grey level each."""
    return torch.tensor(levels, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 2, 2).contiguous()


def image_set(
    test: Tensor,
    training: Tensor | None = None,
    test_labels: Tensor | None = None,
    training_labels: Tensor | None = None,
    factors: Tensor | None = None,
    factor_names: tuple[str, ...] = (),
    name: str = "digits",
) -> SimpleNamespace:
    """What a measure asks of a data set; `factors` are those of the test images."""

    def labelled(images: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        return images, torch.arange(len(images)) % 3 if labels is None else labels

    splits = {
        "test": labelled(test, test_labels),
        "training": labelled(test if training is None else training, training_labels),
    }
    return SimpleNamespace(
        split=splits.__getitem__,
        splits={"test": torch.arange(len(test))},
        factors=factors,
        factor_names=factor_names,
        config=DataConfig(name=name),
    )


def linear_model(kind: str = "vae", latent_dim: int = 2, **changes: Any) -> AutoEncoder:
    """Nothing but matrices, and those 0: every code is 0, every posterior the prior, every image the bias."""
    plain = NetworkConfig(widths=())
    values = {"kind": kind, "encoder": plain, "decoder": plain, "image_shape": (1, 2, 2), "latent_dim": latent_dim}
    model = build(ModelConfig(**values | changes))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    return model


def pixels_as_codes(kind: str = "vae", latent_dim: int = 2, scale: float = 1.0, log_var: float = 0.0) -> AutoEncoder:
    """A model whose code is the first pixels times `scale`."""
    model = linear_model(kind, latent_dim)
    with torch.no_grad():
        model.encoder[-1].weight[:latent_dim, :latent_dim] = scale * torch.eye(latent_dim)
        model.encoder[-1].bias[latent_dim:] = log_var
    return model


def small_model(kind: str = "vae", seed: int = 0, **changes: Any) -> AutoEncoder:
    """A model with a hidden layer and weights drawn from `seed`."""
    network = NetworkConfig(widths=(5,))
    values = {"kind": kind, "encoder": network, "decoder": network, "image_shape": (1, 2, 2)}
    return build(ModelConfig(**values | changes), seed)


def subject(model: AutoEncoder, *splits: Tensor, **known: Any) -> evaluation.Subject:
    return evaluation.Subject(model, image_set(*splits, **known))
