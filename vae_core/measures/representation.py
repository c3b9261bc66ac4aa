"""The value of codes as a representation: dimensions in use, their noise, and separation of classes."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_core.measures.subject import Subject
from vae_core.measures.takers import mean_over_images, measure
from vae_core.runs.cards import Measure

ACTIVE_VARIANCE = 0.01
MIN_VARIANCE = 1e-12  # of a dimension's means, so that a ratio to it is finite
NEIGHBOURS = 10


@measure
def active_units(subject: Subject) -> Measure:
    """Latent dimensions whose mean has a variance over test images above 0.01: from 0 to latent_dim.

    Burda et al. 2016, section 5.2.
    """
    variances = _variances(subject.test_posterior.mu)
    return Measure(int((variances > ACTIVE_VARIANCE).sum()), n=len(subject.test[0]))


@measure
def noise_to_signal(subject: Subject) -> Measure:
    """Mean σ² of test images over the variance of their means, for each latent dimension: at least 0.

    About 0.001 where a code tells images apart, 0 where a VAE has become an AE, large where a dimension is not used.
    """
    mu = subject.test_posterior.mu
    ratio = subject.test_posterior.spread.double().exp().mean(0) / _variances(mu).clamp(min=MIN_VARIANCE)
    return Measure(ratio.tolist(), n=len(mu))


@measure
def knn_accuracy(subject: Subject) -> Measure:
    """Share of test images whose label is the most frequent one among the 10 training images nearest in raw means.

    Of labels equally frequent, the one with the nearest image wins. Cover & Hart 1967.
    """
    from sklearn.neighbors import NearestNeighbors

    labels = subject.training[1]
    index = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(labels))).fit(subject.training_posterior.mu.numpy())
    nearest = index.kneighbors(subject.test_posterior.mu.numpy(), return_distance=False)
    votes = labels[torch.from_numpy(nearest)]  # (N, NEIGHBOURS), the nearest first
    counts = (votes[:, :, None] == votes[:, None, :]).sum(2)
    winners = votes.gather(1, counts.argmax(1, keepdim=True))[:, 0]  # argmax takes the first of equals
    return mean_over_images((winners == subject.test[1]).float())


def _variances(mu: Tensor) -> Tensor:
    """Variance over images of each latent dimension: (N, latent_dim) -> (latent_dim,)."""
    return mu.double().var(0, correction=0)
