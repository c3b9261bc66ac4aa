"""The catalogue of measures: name, meaning, better end and requirements of each. No torch is needed.

`MEASURES` is in the order and the groups in which measures are taken, stored in a card and shown. Each is taken by a
function of its name, marked `@measure`, in a module of this package; `takers.TAKERS` holds them.
"""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import groupby

from vae_core.errors import RunError
from vae_core.measures.definition import Definition, Group
from vae_core.runs.cards import Card
from vae_core.runs.run import Run

NATS = "nats per image"
MIN_SQUARED_ERROR = 1e-10  # of a pixel, so that a perfect image has a finite PSNR: 100 dB
CELLS = 100  # of equal prior mass: 10 × 10 in a plane

_PROBABILITY = (0.0, 1.0)
_FROM_ZERO = (0.0, math.inf)


_DEFINITIONS = (
    Definition(
        name="reconstruction_at_mean",
        group="fit",
        unit=NATS,
        better="low",
        meaning="−log p(x|z) of test images with z the mean of the code, without the Gaussian's constant.",
        bounds=_FROM_ZERO,
    ),
    Definition(
        name="psnr",
        group="fit",
        unit="dB",
        better="high",
        meaning="Mean over test images of −10·log₁₀ of the mean squared error of the reconstruction from the mean.",
        bounds=(-math.inf, -10 * math.log10(MIN_SQUARED_ERROR)),
    ),
    Definition(
        name="ssim",
        group="fit",
        unit="similarity",
        better="high",
        meaning="Mean over test images of the structural similarity with the reconstruction from the mean code.",
        source="Wang et al. 2004, eq. 13",
        bounds=(-1, 1),
    ),
    Definition(
        name="generalisation_gap",
        group="fit",
        unit=NATS,
        better="low",
        meaning="`reconstruction_at_mean` on test images minus the same on training images.",
        context=("floor_difference",),
    ),
    Definition(
        name="negative_elbo",
        group="fit",
        unit=NATS,
        better="low",
        meaning="`reconstruction` + `kl` with β = 1, and the Gaussian's constant: an upper bound of −log p(x).",
        source="Kingma & Welling 2014, eq. 3",
        needs_posterior=True,
    ),
    Definition(
        name="reconstruction",
        group="fit",
        unit=NATS,
        better="low",
        meaning="−log p(x|z) of test images, z drawn from the posterior, without the Gaussian's constant.",
        source="Kingma & Welling 2014, eq. 8",
        bounds=_FROM_ZERO,
        needs_posterior=True,
    ),
    Definition(
        name="kl",
        group="fit",
        unit=NATS,
        better="low",
        meaning="KL(q(z|x) ‖ N(0, I)) of test images in closed form.",
        source="Kingma & Welling 2014, appendix B",
        bounds=_FROM_ZERO,
        needs_posterior=True,
    ),
    Definition(
        name="iwae_64",
        group="fit",
        unit=NATS,
        better="low",
        meaning="−L₆₄ of test images, an upper bound of −log p(x) below `negative_elbo`.",
        source="Burda et al. 2016, eq. 8",
        needs_posterior=True,
    ),
    Definition(
        name="iwae_5000",
        group="fit",
        unit=NATS,
        better="low",
        meaning="−L₅₀₀₀ of 1,000 test images: closer to −log p(x) than `iwae_64`.",
        source="Burda et al. 2016, eq. 8",
        needs_posterior=True,
        only_record=True,
    ),
    Definition(
        name="exact_nll",
        group="fit",
        unit=NATS,
        better="low",
        meaning="−log p(x) of 1,000 test images by quadrature over the codes.",
        needs_posterior=True,
        only_record=True,
        max_latent_dims=2,
    ),
    Definition(
        name="knn_accuracy",
        group="codes",
        unit="share of images",
        better="high",
        meaning="Share of test images whose label is that of most of the 10 training images nearest in mean codes.",
        source="Cover & Hart 1967",
        bounds=_PROBABILITY,
    ),
    Definition(
        name="active_units",
        group="codes",
        unit="dimensions",
        better="high",
        meaning="Latent dimensions in which the variance of the mean over test images is above 0.01.",
        source="Burda et al. 2016, section 5.2",
        needs_posterior=True,
    ),
    Definition(
        name="noise_to_signal",
        group="codes",
        unit="ratio, per dimension",
        better=None,
        meaning="Mean σ² of test images over the variance of their means, for each latent dimension.",
        needs_posterior=True,
    ),
    Definition(
        name="marginal_kl",
        group="gaps",
        unit="nats",
        better="low",
        meaning="KL of the shares of test codes in 100 cells of equal prior mass: a lower bound of KL(q(z) ‖ p(z)).",
        source="Hoffman & Johnson 2016",
        bounds=(0, math.log(CELLS)),
        context=("of_the_prior",),
        of_smoothness=True,
        over_decades=True,
    ),
    Definition(
        name="prior_hole_share",
        group="gaps",
        unit="share of cells",
        better="low",
        meaning="Share of 100 cells of equal prior mass that hold less than a quarter of the test codes they are due.",
        bounds=_PROBABILITY,
        context=("of_the_prior",),
        of_smoothness=True,
    ),
    Definition(
        name="mmd2",
        group="gaps",
        unit="squared distance",
        better="low",
        meaning="Squared maximum mean discrepancy of test codes and N(0, I) by a Gaussian kernel, unbiased.",
        source="Gretton et al. 2012, eq. 3",
    ),
    Definition(
        name="round_trip_error",
        group="samples",
        unit="standard coordinates",
        better="low",
        meaning="Median over prior samples z of the distance between z and the mean code of the image decoded at z.",
        bounds=_FROM_ZERO,
        context=("median_sigma",),
        of_smoothness=True,
    ),
    Definition(
        name="sample_credibility",
        group="samples",
        unit="probability",
        better="high",
        meaning="Mean over decoded prior samples of the probability that the judge gives the likeliest class.",
        source="after Salimans et al. 2016",
        bounds=_PROBABILITY,
        context=("real_images", "label_entropy"),
        needs_judge=True,
    ),
    Definition(
        name="sharpness_error",
        group="samples",
        unit="logarithm of a ratio",
        better="low",
        meaning="|log| of the mean sharpness of decoded prior samples over that of real test images.",
        bounds=_FROM_ZERO,
        context=("log_ratio",),
    ),
    Definition(
        name="decoder_speed_ratio",
        group="smoothness",
        unit="ratio",
        better="low",
        meaning="99th percentile over median of the norm of the decoder's Jacobian at prior samples.",
        bounds=(1, math.inf),
        of_smoothness=True,
    ),
    Definition(
        name="step_evenness",
        group="smoothness",
        unit="share",
        better="high",
        meaning="Mean step over largest step along straight paths between test codes, in what the ruler sees.",
        bounds=_PROBABILITY,
        needs_ruler=True,
        of_smoothness=True,
    ),
    Definition(
        name="path_distance",
        group="smoothness",
        unit="distance",
        better="low",
        meaning="Mean distance of images along such paths from the nearest real image, minus that of test images.",
        needs_ruler=True,
    ),
    Definition(
        name="mig",
        group="factors",
        unit="share of a factor's entropy",
        better="high",
        meaning="Mutual information gap: how much more the best dimension tells of a factor than the second best.",
        source="Chen et al. 2018, eq. 6",
        bounds=_PROBABILITY,
        needs_factors=True,
    ),
    Definition(
        name="sap",
        group="factors",
        unit="share of a factor's variance",
        better="high",
        meaning="Separated attribute predictability: the same by how well one dimension predicts a factor linearly.",
        source="Kumar et al. 2018, section 3",
        bounds=_PROBABILITY,
        needs_factors=True,
    ),
    Definition(
        name="dci_disentanglement",
        group="factors",
        unit="share",
        better="high",
        meaning="How nearly each dimension is of use for one factor only.",
        source="Eastwood & Williams 2018",
        bounds=_PROBABILITY,
        needs_factors=True,
    ),
    Definition(
        name="dci_completeness",
        group="factors",
        unit="share",
        better="high",
        meaning="How nearly each factor is found in one dimension only.",
        source="Eastwood & Williams 2018",
        bounds=_PROBABILITY,
        needs_factors=True,
    ),
    Definition(
        name="dci_informativeness",
        group="factors",
        unit="share of variance",
        better="high",
        meaning="R² of factors predicted from codes, on images the forests were not fitted to.",
        source="Eastwood & Williams 2018",
        bounds=(-math.inf, 1),
        needs_factors=True,
    ),
)

MEASURES: dict[str, Definition] = {definition.name: definition for definition in _DEFINITIONS}
"""Every measure by name."""

HEADLINES = (
    "reconstruction_at_mean",
    "prior_hole_share",
    "marginal_kl",
    "sample_credibility",
    "step_evenness",
    "round_trip_error",
    "decoder_speed_ratio",
    "psnr",
    "mmd2",
)
"""What a comparison tells first, the most telling first: of these as many as there is room for and all runs have."""

CONTEXT = tuple(dict.fromkeys(name for definition in _DEFINITIONS for name in definition.context))
"""The names of all figures that stand beside a value."""


def groups() -> dict[Group, list[Definition]]:
    """The measures of each group, in order."""
    return {group: list(definitions) for group, definitions in groupby(_DEFINITIONS, lambda one: one.group)}


def missing(run: Run) -> list[str]:
    """The measures without an entry in the run's card, not even a reason; all of them if it can't be read."""
    card = Card()
    with suppress(RunError):
        card = run.read_card()
    return [name for name in MEASURES if name not in card.measures]
