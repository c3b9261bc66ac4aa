"""How well a model fits images: reconstruction, likelihood, and generalisation to unseen images.

Reconstruction, KL and likelihoods are sums over pixels and latent dimensions and means over images, in nats per image.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vae_core.data.datasets import to_floats
from vae_core.errors import needed
from vae_core.measures import image_quality, likelihood
from vae_core.measures.folds import fold_means, interval_of
from vae_core.measures.subject import BATCH, SEED, Subject, seeded
from vae_core.measures.takers import mean_over_images, measure
from vae_core.runs.cards import Measure


@measure
def reconstruction(subject: Subject) -> Measure:
    """−log p(x|z) of test images, z from the posterior, mean of DRAWS draws; with mse without the Gaussian's constant.

    At least `floor` with bce, at least 0 with mse. Kingma & Welling 2014, eq. 8.
    """
    return mean_over_images(subject.sampled_reconstruction, seed=SEED, floor=subject.floor)


@measure
def kl(subject: Subject) -> Measure:
    """KL(q(z|x) ‖ N(0, I)) of test images in closed form, at least 0. Kingma & Welling 2014, appendix B."""
    return mean_over_images(subject.test_kl)


@measure
def negative_elbo(subject: Subject) -> Measure:
    """`reconstruction` + `kl`, with β = 1 for every model: an upper bound of −log p(x).

    With mse it holds the constant ½D·log 2πs², as every likelihood here does. Kingma & Welling 2014, eq. 3.
    """
    return mean_over_images(subject.sampled_reconstruction + subject.test_kl + subject.likelihood_constant, seed=SEED)


@measure
def reconstruction_at_mean(subject: Subject) -> Measure:
    """`reconstruction` of test images with z the mean of the code: defined for every kind of model."""
    return mean_over_images(subject.test_reconstruction_at_mean, floor=subject.floor)


@measure
def psnr(subject: Subject) -> Measure:
    """Mean over test images of each one's PSNR, decoded from the mean: −10·log₁₀ of its pixels' mean squared error.

    A white pixel is 1: 0 dB for black in place of white, 100 (the most that is said) for a perfect image.
    """

    def of_images(images: Tensor, codes: Tensor) -> Tensor:
        return image_quality.psnr(subject.model.decode(codes), to_floats(images))

    return mean_over_images(subject.per_image(of_images, subject.test[0], subject.test_posterior.mu))


@measure
def ssim(subject: Subject) -> Measure:
    """Mean over test images of each one's structural similarity with its reconstruction from the mean: up to 1.

    See `pictures.ssim`. Wang et al. 2004, eq. 13.
    """

    def of_images(images: Tensor, codes: Tensor) -> Tensor:
        return image_quality.ssim(subject.model.decode(codes), to_floats(images))

    return mean_over_images(subject.per_image(of_images, subject.test[0], subject.test_posterior.mu))


@measure
def generalisation_gap(subject: Subject) -> Measure:
    """`reconstruction_at_mean` on test images minus the same on training images: the larger, the more a model overfits.

    Beside it, with bce, how much of that is no overfitting: the floor of the test images minus that of the training
    images, which no model can go below, and which differ where the ones are greyer than the others.
    """
    test, training = subject.test_reconstruction_at_mean, subject.training_reconstruction_at_mean
    value = float(test.double().mean() - training.double().mean())
    interval = interval_of(value, fold_means(test) - fold_means(training))
    beside = None if subject.floor is None else {"floor_difference": subject.floor - needed(subject.training_floor)}
    return Measure(value, "test and training", len(test) + len(training), interval=interval, beside=beside)


@measure
def iwae_64(subject: Subject) -> Measure:
    """−L₆₄ of test images, an upper bound of −log p(x) below `negative_elbo`. Burda et al. 2016, eq. 8."""
    return _iwae(subject, subject.test[0], 64)


@measure
def iwae_5000(subject: Subject) -> Measure:
    """−L₅₀₀₀ of RECORD_COUNT test images: closer to −log p(x) than `iwae_64`. Burda et al. 2016, eq. 8."""
    return _iwae(subject, subject.record_images, 5000)


@measure
def exact_nll(subject: Subject) -> Measure:
    """−log p(x) of RECORD_COUNT test images by quadrature over the codes: see `likelihood.exact_nll`."""
    return mean_over_images(likelihood.exact_nll(subject.model, to_floats(subject.record_images)), seed=SEED)


def _iwae(subject: Subject, images: Tensor, samples: int) -> Measure:
    generator = seeded()
    bounds = [likelihood.iwae(subject.model, to_floats(part), samples, generator) for part in images.split(BATCH)]
    return mean_over_images(-torch.cat(bounds), seed=SEED)
