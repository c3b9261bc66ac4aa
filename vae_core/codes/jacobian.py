"""The exact Jacobian J of the decoded image by the code, by two reverse passes.

Jᵀw is linear in w, and its own derivative by w is J: as many passes as a code has dimensions, far fewer than pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

Decode = Callable[[Tensor], Tensor]
"""Codes (N, latent_dim) to mean images (N, ...), twice differentiable; a model's `decode`."""


@torch.inference_mode(False)  # in which whoever measures a model may be, as `evaluating` is
@torch.enable_grad()
def jacobian(decode: Decode, codes: Tensor) -> Tensor:
    """The derivatives of each image's pixels by its own code (N, D): (N, pixels, D), float64."""
    directions = torch.eye(codes.shape[1], dtype=codes.dtype, device=codes.device)
    return torch.stack([column.flatten(1) for column in _columns(decode, codes, directions)], dim=2).double()


@torch.inference_mode(False)
@torch.enable_grad()
def jacobian_norms(decode: Decode, codes: Tensor, directions: Tensor) -> Tensor:
    """√Σ‖J·d‖² over `directions` d (K, D) at codes (N, D): (N,)."""
    squares = torch.zeros(len(codes), dtype=codes.dtype, device=codes.device)
    for column in _columns(decode, codes, directions):
        squares += column.square().flatten(1).sum(1)
    return squares.sqrt()


def _columns(decode: Decode, codes: Tensor, directions: Tensor) -> Iterator[Tensor]:
    """J·d (N, ...) of each of `directions` (K, D) at codes (N, D).

    Only numbers are differentiated: for a forward pass, or the gradient of anything else, torch first imports its
    compiler for more than a second.
    """
    codes = codes.detach().clone().requires_grad_()
    images = decode(codes)
    weights = torch.zeros_like(images, requires_grad=True)
    (pulled_back,) = torch.autograd.grad((weights * images).sum(), codes, create_graph=True)  # (N, D)
    for direction in directions.to(codes).clone():  # which may have been made in inference mode, as codes may
        yield torch.autograd.grad((pulled_back * direction).sum(), weights, retain_graph=True)[0]
