"""Samples of the prior: codes drawn from N(0, I) in standard coordinates, and the images decoded from them."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_core.codes.jacobian import jacobian_norms
from vae_core.data.datasets import to_floats
from vae_core.errors import needed
from vae_core.measures import image_quality
from vae_core.measures.folds import interval_of, over_folds
from vae_core.measures.subject import SEED, Subject
from vae_core.measures.takers import measure, with_interval
from vae_core.runs.cards import Measure

SPLIT = "prior samples"
SPEED_COUNT = 2_000  # codes at which the Jacobian is taken
MIN_SHARPNESS = 1e-10  # of a flat image, so that its ratio to a real one is finite


@measure
def round_trip_error(subject: Subject) -> Measure:
    """Median over prior samples z of the distance between z and the mean code of the image decoded at z: at least 0.

    Both in standard coordinates. Beside it, of a VAE, the median sigma of test posteriors: how well a code is known.
    """
    codes = subject.prior_codes
    back = subject.standardise(subject.of_decoded(lambda images: subject.model.encode(images).mu, codes))
    sigma = subject.median_sigma
    beside = None if sigma is None else {"median_sigma": sigma}
    return with_interval(torch.median, (back - codes).norm(dim=1), split=SPLIT, seed=SEED, beside=beside)


@measure
def sample_credibility(subject: Subject) -> Measure:
    """Mean over decoded prior samples of the judge's probability of their likeliest class: up to 1.

    Beside it the same of real test images, which nothing need exceed, and the entropy in nats of the labels it gives
    the samples: a model that draws the same perfect image again and again has 0, one that draws all ten classes alike
    log 10. After the Inception score, Salimans et al. 2016.
    """

    def judged(images: Tensor) -> Tensor:
        return needed(subject.judge).probabilities(images.cpu())

    samples = subject.of_decoded(judged, subject.prior_codes)
    real = subject.per_image(lambda images: judged(to_floats(images)), subject.test[0])
    shares = torch.bincount(samples.argmax(1)).double() / len(samples)
    beside = {
        "real_images": float(real.amax(1).double().mean()),
        "label_entropy": float(torch.special.entr(shares).sum()),
    }
    return with_interval(torch.mean, samples.amax(1).double(), split=SPLIT, seed=SEED, beside=beside)


@measure
def decoder_speed_ratio(subject: Subject) -> Measure:
    """99th percentile over median of the decoded image's rate of change with the code: from 1, an even one.

    The Frobenius norm of the mean image's exact Jacobian in standard coordinates, at prior samples. A collapsed decoder
    is even too: read it beside `reconstruction_at_mean`.
    """
    speeds = decoder_speeds(subject, subject.prior_codes[:SPEED_COUNT])
    if speeds.median() == 0:
        return Measure(None, SPLIT, len(speeds), reason="The same image is decoded nearly everywhere: nothing moves.")
    return with_interval(lambda part: part.quantile(0.99) / part.median(), speeds, split=SPLIT, seed=SEED)


@measure
def sharpness_error(subject: Subject) -> Measure:
    """Absolute log ratio of the mean sharpness of decoded prior samples to that of real test images.

    0 where both are as sharp; blur and noise are both errors. Beside it the logarithm itself, below 0 for blur.
    Sharpness is `pictures.sharpness`, the variance of the Laplacian.
    """
    samples = subject.of_decoded(image_quality.sharpness, subject.prior_codes)
    real = subject.per_image(lambda images: image_quality.sharpness(to_floats(images)), subject.test[0])
    ratio = float(_log_mean(samples) - _log_mean(real))
    interval = interval_of(abs(ratio), over_folds(_log_mean, samples) - over_folds(_log_mean, real))
    return Measure(
        abs(ratio),
        "prior samples and test",
        len(samples) + len(real),
        seed=SEED,
        interval=interval,
        beside={"log_ratio": ratio},
    )


def decoder_speeds(subject: Subject, codes: Tensor) -> Tensor:
    """Frobenius norm of the decoded mean image's Jacobian J at each code in standard coordinates: (N, D) -> (N,)."""
    rows = torch.from_numpy(subject.space.inverse)
    speeds = subject.per_image(
        lambda raw: jacobian_norms(subject.model.decode, raw, rows), subject.unstandardise(codes)
    )
    return speeds.double()


def _log_mean(values: Tensor) -> Tensor:
    return values.double().mean().clamp(min=MIN_SHARPNESS).log()
