"""Codes to decode samples from, drawn from the prior or the aggregated posterior with a seed.

The same seed gives all models with as many dimensions the same draws, so that their images can be compared.
"""

from __future__ import annotations

import numpy as np

from vae_core.codes.codes import Codes


def prior_codes(codes: Codes, count: int, seed: int, temperature: float = 1.0, raw: bool = False) -> np.ndarray:
    """Raw codes (count, latent_dim) drawn from N(0, temperature²·I) in the standard coordinates of `codes`.

    With `raw` they are the draws as they are, whatever scale the model's own codes have. `python -m vae_core sample`
    draws the same.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    drawn = temperature * torch.randn(count, codes.mu.shape[1], generator=generator).numpy()
    return drawn if raw else codes.unstandardise(drawn)


def posterior_codes(codes: Codes, count: int, seed: int, temperature: float = 1.0) -> np.ndarray:
    """Raw codes (count, latent_dim), each drawn from a random test image's posterior, σ times `temperature`.

    Where codes are points it is the code itself.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(codes.mu), (count,), generator=generator).numpy()
    means: np.ndarray = codes.mu[chosen]
    if codes.log_var is None:
        return means
    noise = torch.randn(count, codes.mu.shape[1], generator=generator).numpy()
    drawn: np.ndarray = means + temperature * np.exp(0.5 * codes.log_var[chosen]) * noise
    return drawn
