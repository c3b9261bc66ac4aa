"""The losses against closed forms, quadrature, Monte Carlo and torch's own."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from vae_core.configs import ModelConfig, NetworkConfig
from vae_core.models import losses, observations
from vae_core.models.auto_encoders import build

LOG_VARS = torch.linspace(-30, 20, 51)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def config(reconstruction: str = "bce", **changes) -> ModelConfig:
    network = NetworkConfig(widths=())
    small = {"encoder": network, "decoder": network, "image_shape": (1, 3, 4), "reconstruction": reconstruction}
    return ModelConfig(**small | changes)


def random_images(count: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.rand(count, 1, 3, 4, generator=generator(1), dtype=dtype)


# KL


def test_kl_is_that_of_torch_distributions_for_random_and_extreme_values():
    mu = 3 * torch.randn(200, len(LOG_VARS), generator=generator(), dtype=torch.float64)
    log_var = LOG_VARS.double().expand_as(mu)
    expected = kl_divergence(Normal(mu, torch.exp(0.5 * log_var)), Normal(0, 1))
    torch.testing.assert_close(losses.kl_nats(mu, log_var), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (1.5, 0.3), (-4.0, 2.5), (0.2, 0.01)])
def test_kl_is_the_quadrature_of_its_definition(mu, sigma):
    z = torch.linspace(mu - 12 * sigma, mu + 12 * sigma, 20_001, dtype=torch.float64)
    posterior, prior = Normal(torch.tensor(mu).double(), sigma), Normal(torch.tensor(0.0).double(), 1.0)
    integrand = posterior.log_prob(z).exp() * (posterior.log_prob(z) - prior.log_prob(z))
    kl = losses.kl_nats(torch.tensor(mu).double(), torch.tensor(2 * math.log(sigma)).double())
    assert torch.trapezoid(integrand, z).item() == pytest.approx(kl.item(), abs=1e-6)


def test_kl_is_the_mean_of_log_ratios_under_sampled_codes():
    mu, log_var = torch.tensor([0.7, -1.2]).double(), torch.tensor([-2.0, 0.5]).double()
    posterior = Normal(mu, torch.exp(0.5 * log_var))
    z = losses.sample_posterior(mu.expand(200_000, 2), log_var.expand(200_000, 2), generator())
    ratios = posterior.log_prob(z) - Normal(0, 1).log_prob(z)
    standard_errors = ratios.std(0) / math.sqrt(len(z))
    assert ((ratios.mean(0) - losses.kl_nats(mu, log_var)).abs() < 4 * standard_errors).all()


def test_kl_and_its_gradient_are_finite_for_log_variances_from_minus_30_to_20():
    mu = torch.zeros_like(LOG_VARS, requires_grad=True)
    log_var = LOG_VARS.clone().requires_grad_()
    kl = losses.kl_nats(mu, log_var)
    kl.sum().backward()
    assert torch.isfinite(kl).all() and (kl >= 0).all()
    torch.testing.assert_close(log_var.grad, 0.5 * torch.expm1(LOG_VARS))
    torch.testing.assert_close(mu.grad, torch.zeros_like(mu))


def test_kl_keeps_its_digits_where_the_posterior_is_nearly_the_prior():
    log_var = torch.tensor(1e-4)
    assert losses.kl_nats(torch.tensor(0.0), log_var).item() == pytest.approx(1e-8 / 4, rel=1e-2)


# Reconstruction


def test_bernoulli_nats_and_gradient_are_those_of_torch():
    images = random_images(5)
    ours = (4 * torch.randn(images.shape, generator=generator(2))).requires_grad_()
    theirs = ours.detach().clone().requires_grad_()
    value = losses.bernoulli_nats(ours, images)
    reference = functional.binary_cross_entropy_with_logits(theirs, images, reduction="sum")
    (3 * value).backward()
    (3 * reference).backward()
    torch.testing.assert_close(value, reference)
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_bernoulli_nats_passes_gradcheck():
    logits = torch.randn(2, 1, 3, 4, generator=generator(3), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(losses.bernoulli_nats, (logits, random_images(2, torch.float64)))


@pytest.mark.parametrize("logit", [-1e4, -100.0, 100.0, 1e4])
def test_bernoulli_nats_of_extreme_logits_is_exact_and_has_a_finite_gradient(logit):
    logits = torch.full((1, 1, 1, 3), logit, requires_grad=True)
    images = torch.tensor([0.0, 0.25, 1.0]).view(1, 1, 1, 3)
    value = losses.bernoulli_nats(logits, images)
    value.backward()
    expected = sum(max(logit, 0) - logit * pixel for pixel in (0.0, 0.25, 1.0))
    assert value.item() == pytest.approx(expected, rel=1e-6, abs=1e-6)
    torch.testing.assert_close(logits.grad, float(logit > 0) - images)


def test_gaussian_nats_is_the_gaussian_log_likelihood_without_its_constant():
    images, means = random_images(4), random_images(4).flip(0)
    variance = 0.2
    log_likelihood = Normal(means, math.sqrt(variance)).log_prob(images).sum()
    constant = observations.Gaussian(variance).constant(images.numel())
    torch.testing.assert_close(-log_likelihood, losses.gaussian_nats(means, images, variance) + constant)


def test_mse_at_the_default_variance_is_the_sum_of_squared_errors():
    images, means = random_images(4), random_images(4).flip(0)
    nats = observations.of(config("mse", output="identity")).nats(means, images)
    torch.testing.assert_close(nats, (images - means).square().sum())


@pytest.mark.parametrize(
    "model_config", [config(), config("mse"), config("mse", output="identity", observation_variance=0.02)]
)
def test_pairwise_nats_are_the_sums_of_each_pair(model_config):
    images = random_images(4)
    raw = torch.randn(3, 1, 3, 4, generator=generator(4))
    observation = observations.of(model_config)
    constant = observation.constant(12)
    expected = torch.tensor(
        [[observation.nats(one[None], image[None]).item() + constant for image in images] for one in raw]
    )
    pairwise = observation.pairwise_nats(raw, images)
    torch.testing.assert_close(pairwise, expected.to(pairwise), rtol=1e-5, atol=1e-4)
    own = observation.nats_of_each(raw.flatten(1).expand(4, -1, -1), images.flatten(1))  # of each image under all codes
    torch.testing.assert_close(own.T, expected, rtol=1e-5, atol=1e-4)


def test_pixel_entropy_is_the_least_bernoulli_cross_entropy():
    images = random_images(6)
    at_best = losses.bernoulli_nats(torch.logit(images), images) / len(images)
    entropy = losses.pixel_entropy(images)
    torch.testing.assert_close(entropy, at_best)
    for scale in (-0.5, 0.5):
        nudged = torch.logit(images) + scale * torch.randn(images.shape, generator=generator(5))
        assert losses.bernoulli_nats(nudged, images) / len(images) > entropy


def test_pixel_entropy_of_black_and_white_is_zero():
    assert losses.pixel_entropy(torch.tensor([[0.0, 1.0, 1.0]])).item() == 0


# The whole loss


@pytest.mark.parametrize("model_config", [config(), config("mse", observation_variance=0.1)])
def test_a_mean_over_pixels_beside_a_summed_kl_is_the_sum_with_the_equivalent_beta(model_config):
    model, images = build(model_config), random_images(6)
    beta = model_config.equivalent_beta
    summed = model.loss(images, {"beta": beta}, generator())
    posterior = model.encode(images)
    raw = model.decode_raw(losses.sample_posterior(*posterior, generator()))
    mean_over_pixels = (
        functional.binary_cross_entropy_with_logits(raw, images)
        if model_config.reconstruction == "bce"
        else functional.mse_loss(torch.sigmoid(raw), images)
    )
    usual_mistake = mean_over_pixels + losses.kl_nats(*posterior).sum(1).mean()
    torch.testing.assert_close(summed["total"], beta * usual_mistake)


def test_equivalent_beta_of_mnist_is_784():
    assert ModelConfig().equivalent_beta == 784
    assert ModelConfig(reconstruction="mse").equivalent_beta == 784


# Sampling


def test_a_sampled_code_has_the_reparameterised_gradient():
    mu = torch.randn(50, 2, generator=generator(6)).requires_grad_()
    log_var = torch.randn(50, 2, generator=generator(7)).requires_grad_()
    z = losses.sample_posterior(mu, log_var, generator(8))
    z.square().sum().backward()
    noise = torch.randn(50, 2, generator=generator(8))
    sigma = torch.exp(0.5 * log_var.detach())
    torch.testing.assert_close(z.detach(), mu.detach() + sigma * noise)
    torch.testing.assert_close(mu.grad, 2 * z.detach())
    torch.testing.assert_close(log_var.grad, 2 * z.detach() * noise * sigma / 2)


def test_gradients_through_sampling_have_the_analytic_expectation():
    """E[z²] = mu² + σ², so its gradient is 2mu in mu and 2σ in σ: each within four standard errors."""
    mu, sigma = torch.full((200_000,), 0.8, requires_grad=True), torch.full((200_000,), 0.6, requires_grad=True)
    z = losses.sample_posterior(mu, 2 * sigma.log(), generator(9))
    z.square().sum().backward()
    for gradient, analytic in ((mu.grad, 2 * 0.8), (sigma.grad, 2 * 0.6)):
        standard_error = gradient.std() / math.sqrt(len(gradient))
        assert abs(gradient.mean() - analytic) < 4 * standard_error


def test_the_same_seed_samples_the_same_codes():
    mu, log_var = torch.zeros(4, 2), torch.zeros(4, 2)
    first, second = (losses.sample_posterior(mu, log_var, generator(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, losses.sample_posterior(mu, log_var, generator(4)))


# The codes as a whole


@pytest.mark.parametrize("latent_dim", [1, 2, 3])
def test_codes_from_the_prior_have_no_mismatch_on_average(latent_dim):
    draws = generator()
    values = torch.stack([losses.prior_mismatch(torch.randn(128, latent_dim, generator=draws)) for _ in range(100)])
    assert abs(values.mean()) < 3 * values.std() / math.sqrt(len(values))


def test_a_hole_is_a_mismatch_of_a_good_part_of_its_kl():
    codes = torch.randn(2_000, 2, generator=generator())
    within = torch.atan2(codes[:, 1], codes[:, 0]).abs() < 1  # of this wedge half is taken away
    share = 1 / math.pi
    kept = 1 - share / 2
    kl = (1 - share) / kept * math.log(1 / kept) + share / 2 / kept * math.log(0.5 / kept)
    found = losses.prior_mismatch(codes[~within | (torch.rand(len(codes), generator=generator(1)) < 0.5)])
    assert 0.15 * kl < found < kl  # p is taken at its highest
    assert losses.prior_mismatch(codes).abs() < 0.1 * kl


def test_the_mismatch_has_its_own_gradient_and_one_code_has_none():
    codes = torch.randn(6, 2, generator=generator(), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(losses.prior_mismatch, codes)
    assert losses.prior_mismatch(codes[:1]) == 0
