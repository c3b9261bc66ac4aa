"""log p(x) where it has a closed form: a linear decoder with Gaussian pixels, p(x) = N(b, WWᵀ + s²I)."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, Normal

from vae_core.configs import DataConfig, ModelConfig, NetworkConfig
from vae_core.data.datasets import to_floats
from vae_core.measures import evaluation, likelihood
from vae_core.models.auto_encoders import VAE, build
from vae_core.runs.cards import Measure

SHAPE, PIXELS = (1, 2, 3), 6


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Linear:
    """Orthogonal columns W of the given lengths, an offset b and a variance s²: all of p(x, z) in closed form."""

    def __init__(self, lengths: tuple[float, ...], variance: float) -> None:
        random = torch.randn(PIXELS, len(lengths), generator=generator(), dtype=torch.float64)
        self.variance, self.latent_dim = variance, len(lengths)
        self.weight = torch.linalg.qr(random)[0] * torch.tensor(lengths, dtype=torch.float64)
        self.bias = torch.linspace(0.2, 0.8, PIXELS, dtype=torch.float64)
        self.posterior_variance = 1 / (1 + self.weight.square().sum(0) / variance)
        self.to_mean = (self.weight / variance * self.posterior_variance).T  # posterior mean of x − b

    def images(self, count: int) -> Tensor:
        """Images drawn from the model."""
        codes = torch.randn(count, self.latent_dim, generator=generator(1), dtype=torch.float64)
        noise = torch.randn(count, PIXELS, generator=generator(2), dtype=torch.float64)
        return (codes @ self.weight.T + self.bias + math.sqrt(self.variance) * noise).float().view(-1, *SHAPE)

    def means(self, images: Tensor) -> Tensor:
        return (images.flatten(1).double() - self.bias) @ self.to_mean.T

    def nll(self, images: Tensor) -> Tensor:
        covariance = self.weight @ self.weight.T + self.variance * torch.eye(PIXELS, dtype=torch.float64)
        return -MultivariateNormal(self.bias, covariance).log_prob(images.flatten(1).double())

    def model(self, sigma_factor: float = 1.0, shift: float = 0.0, folded: bool = False) -> VAE:
        """A VAE with this decoder, and as encoder the exact posterior, made worse by the arguments.

        The shift is in posterior standard deviations. A folded decoder sees |z| for z.
        """
        plain = NetworkConfig(widths=())
        folds = NetworkConfig(widths=(2 * self.latent_dim,), activation="relu")
        model = build(
            ModelConfig(
                encoder=plain,
                decoder=folds if folded else plain,
                image_shape=SHAPE,
                latent_dim=self.latent_dim,
                reconstruction="mse",
                observation_variance=self.variance,
                output="identity",
            )
        )
        sigma = self.posterior_variance.sqrt()
        mean_bias = -self.to_mean @ self.bias + shift * sigma
        log_var_bias = 2 * (sigma * sigma_factor).log()
        with torch.no_grad():
            encoder, first, last = model.encoder[-1], model.decoder[0], model.decoder[-2]
            encoder.weight.copy_(torch.cat([self.to_mean, torch.zeros_like(self.to_mean)]))
            encoder.bias.copy_(torch.cat([mean_bias, log_var_bias]))
            if folded:  # relu(z) + relu(−z) = |z|
                eye = torch.eye(self.latent_dim)
                first.weight.copy_(torch.cat([eye, -eye]))
                first.bias.zero_()
            last.weight.copy_(torch.cat([self.weight] * 2, 1) if folded else self.weight)
            last.bias.copy_(self.bias)
        return model


# σ of the posterior is about 0.45 and 0.1 for the first, 0.006 for the narrow ones
ONE, TWO = Linear((1.0,), 0.25), Linear((2.0, 5.0), 0.25)
NARROW_ONE, NARROW_TWO = Linear((8.0,), 0.0025), Linear((8.0, 1.0), 0.0025)
EVERY = pytest.mark.parametrize(
    "linear", [ONE, TWO, NARROW_ONE, NARROW_TWO], ids=["1d", "2d", "1d-narrow", "2d-narrow"]
)


# Quadrature


@EVERY
def test_quadrature_agrees_with_the_closed_form(linear):
    images = linear.images(20)
    exact = likelihood.exact_nll(linear.model(), images)
    torch.testing.assert_close(exact.double(), linear.nll(images), rtol=0, atol=1e-3)


@EVERY
def test_halving_the_spacing_changes_nothing(linear):
    images = linear.images(10)
    coarse, fine = (likelihood.exact_nll(linear.model(), images, spacing) for spacing in (0.5, 0.25))
    torch.testing.assert_close(coarse, fine, rtol=0, atol=1e-3)


@pytest.mark.parametrize(("sigma_factor", "shift"), [(0.003, 0), (0.3, 0), (10, 0), (1, 8), (3, -20)])
def test_quadrature_does_not_depend_on_a_good_encoder(sigma_factor, shift):
    images = NARROW_TWO.images(10)
    exact = likelihood.exact_nll(NARROW_TWO.model(sigma_factor, shift), images)
    torch.testing.assert_close(exact.double(), NARROW_TWO.nll(images), rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    "linear", [ONE, TWO, NARROW_ONE, Linear((4.0, 5.0), 0.01)], ids=["1d", "2d", "1d-narrow", "2d-narrow"]
)
def test_quadrature_finds_the_modes_that_the_encoder_does_not_know(linear):
    """A decoder of |z| has a mode in each quadrant, cut at the axes: p(x) = Π 2Φ(mean / σ) times the linear one."""
    images = linear.images(20)
    log_share = torch.special.log_ndtr(linear.means(images) / linear.posterior_variance.sqrt())
    expected = linear.nll(images) - (math.log(2) + log_share).sum(1)
    exact = likelihood.exact_nll(linear.model(folded=True), images)
    torch.testing.assert_close(exact.double(), expected, rtol=3e-5, atol=1e-3)


def test_quadrature_of_grey_pixels_is_a_fine_sum_over_the_prior():
    small = NetworkConfig(widths=(8,), activation="tanh")
    model = build(ModelConfig(encoder=small, decoder=small, image_shape=SHAPE, latent_dim=1), seed=3)
    with torch.no_grad():
        model.decoder[2].weight.mul_(20)
    images = torch.rand(5, *SHAPE, generator=generator())
    codes = torch.linspace(-6, 6, 20_001)[:, None]
    log_joint = Normal(0, 1).log_prob(codes) - model.observation.pairwise_nats(model.decode_raw(codes), images)
    expected = -log_joint.double().logsumexp(0) - math.log(12 / 20_000)
    torch.testing.assert_close(likelihood.exact_nll(model, images).double(), expected.detach(), rtol=0, atol=1e-3)


def test_images_far_from_each_other_do_not_disturb_each_other():
    images = NARROW_TWO.images(7)
    model = NARROW_TWO.model()
    alone = torch.cat([likelihood.exact_nll(model, image[None]) for image in images])
    torch.testing.assert_close(likelihood.exact_nll(model, images), alone, rtol=0, atol=1e-3)


def test_codes_beyond_the_reach_of_the_prior_are_found():
    images = ONE.images(3) + 12 * ONE.weight.float().view(SHAPE)
    exact = likelihood.exact_nll(ONE.model(), images)
    torch.testing.assert_close(exact.double(), ONE.nll(images), rtol=0, atol=1e-3)


def test_three_dimensions_are_refused():
    small = NetworkConfig(widths=())
    model = build(ModelConfig(encoder=small, decoder=small, image_shape=SHAPE, latent_dim=3))
    with pytest.raises(ValueError, match="one or two"):
        likelihood.exact_nll(model, torch.zeros(1, *SHAPE))


# Importance weighting


@pytest.mark.parametrize("samples", [1, 3, 64, 130])
def test_the_bound_of_an_exact_posterior_is_log_p_with_any_number_of_samples(samples):
    images = TWO.images(20)
    bound = likelihood.iwae(TWO.model(), images, samples, generator())
    torch.testing.assert_close(-bound.double(), TWO.nll(images), rtol=0, atol=1e-3)


def test_the_bound_is_its_definition_on_the_same_noise():
    model, images, samples = TWO.model(2.0, 0.5), TWO.images(3), 130
    blocks, noise = (64, 64, 2), generator(5)
    epsilon = torch.cat([torch.randn(3, count, 2, generator=noise) for count in blocks], 1).double()
    mu, log_var = (part.detach().double()[:, None] for part in model.encode(images))
    codes = mu + torch.exp(0.5 * log_var) * epsilon
    pixels = Normal(codes @ TWO.weight.T + TWO.bias, math.sqrt(TWO.variance))
    log_weights = pixels.log_prob(images.flatten(1)[:, None].double()).sum(2) + Normal(0, 1).log_prob(codes).sum(2)
    log_weights -= Normal(mu, torch.exp(0.5 * log_var)).log_prob(codes).sum(2)
    expected = log_weights.logsumexp(1) - math.log(samples)
    bound = likelihood.iwae(model, images, samples, generator(5))
    torch.testing.assert_close(bound.double(), expected, rtol=0, atol=1e-3)


def test_more_samples_tighten_the_bound_of_a_worse_posterior():
    model, images = ONE.model(1.5, 0.7), ONE.images(2000)
    bounds = [likelihood.iwae(model, images, samples, generator()).mean() for samples in (1, 8, 64, 512)]
    assert bounds == sorted(bounds)
    assert bounds[-1] == pytest.approx(-ONE.nll(images).mean().item(), abs=0.02)


def test_the_bound_repeats_with_its_seed_and_leaves_the_model_in_its_mode():
    model, images = TWO.model(2.0).train(), TWO.images(50)
    first, second, other = (likelihood.iwae(model, images, 64, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second) and not torch.equal(first, other)
    assert model.training


# The card's three likelihoods


def card(linear: Linear, model: VAE) -> tuple[dict[str, Measure], float]:
    """The measures of uint8 images drawn from the model, and the mean of their −log p(x)."""
    images = (linear.images(60) * 255).round().clamp(0, 255).to(torch.uint8)
    labels = torch.arange(len(images)) % 3
    known = {"config": DataConfig(name="digits"), "factors": None, "factor_names": ()}
    data = SimpleNamespace(split=lambda name: (images, labels), **known)
    return evaluation.evaluate(model, data, record=True).measures, float(linear.nll(to_floats(images)).mean())


FAINT = {1: Linear((0.2,), 0.01), 2: Linear((0.2, 0.1), 0.01)}


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_elbo_and_bounds_of_an_exact_posterior_are_the_exact_likelihood(latent_dim):
    measures, exact = card(FAINT[latent_dim], FAINT[latent_dim].model())
    assert measures["exact_nll"].value == pytest.approx(exact, abs=1e-3)
    assert measures["iwae_64"].value == pytest.approx(exact, abs=1e-3)
    assert measures["iwae_5000"].value == pytest.approx(exact, abs=1e-3)
    assert measures["negative_elbo"].value == pytest.approx(exact, abs=0.1)  # a mean of 600 draws


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_elbo_is_above_iwae_64_above_iwae_5000_above_exact_for_a_worse_posterior(latent_dim):
    measures, exact = card(FAINT[latent_dim], FAINT[latent_dim].model(sigma_factor=2, shift=1))
    elbo, iwae_64, iwae_5000 = (measures[name].value for name in ("negative_elbo", "iwae_64", "iwae_5000"))
    assert elbo > iwae_64 + 0.5
    assert iwae_64 > iwae_5000 > exact - 2e-3
    assert iwae_5000 == pytest.approx(exact, abs=5e-3)
    assert measures["exact_nll"].value == pytest.approx(exact, abs=1e-3)
