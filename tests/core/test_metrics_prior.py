"""Whether codes fill the prior: known answers for codes drawn from it, and for holes made on purpose."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import Tensor

from tests.core.subjects import linear_model, random_images, small_model, subject
from vae_core.measures import prior
from vae_core.measures.prior import cell_shares, cells_of, expected_of_prior, marginal_kl, mmd2, prior_hole_share
from vae_core.models import losses

COUNT = 10_000


def shares_of(codes: torch.Tensor) -> torch.Tensor:
    """The share of codes (N, D) in each cell of equal mass, (partitions, CELLS)."""
    return cell_shares(cells_of(codes))


def from_prior(latent_dim: int = 2, count: int = COUNT, seed: int = 0) -> Tensor:
    return torch.randn(count, latent_dim, generator=torch.Generator().manual_seed(seed))


def with_codes(codes: Tensor) -> SimpleNamespace:
    """A subject of which only the codes are known."""
    model = SimpleNamespace(has_posterior=False, config=SimpleNamespace(latent_dim=codes.shape[1]))
    return SimpleNamespace(model=model, standard_codes=codes)


# Cells


def test_cells_of_a_line_are_cut_at_the_normal_quantiles():
    middles = torch.from_numpy(norm.ppf((np.arange(100) + 0.5) / 100))[:, None]
    assert (shares_of(middles) == 0.01).all()
    edge = norm.ppf(0.37)
    assert shares_of(torch.tensor([[edge - 1e-9]], dtype=torch.float64)).argmax() == 36
    assert shares_of(torch.tensor([[edge + 1e-9]], dtype=torch.float64)).argmax() == 37


def test_cells_of_a_plane_are_ten_quantiles_by_ten_and_turned_16_times():
    middles = torch.from_numpy(norm.ppf((np.arange(10) + 0.5) / 10))
    shares = shares_of(torch.cartesian_prod(middles, middles))
    assert shares.shape == (16, 100)
    assert (shares[0] == 0.01).all()
    torch.testing.assert_close(shares.sum(1), torch.ones(16, dtype=torch.float64))


def test_each_of_the_16_partitions_is_that_of_codes_turned_by_as_many_16ths_of_a_quarter_turn():
    codes = from_prior(count=500) * torch.tensor([1.5, 0.5]) + 0.3
    shares = shares_of(codes)
    for turn in range(16):
        angle = math.radians(90 * turn / 16)
        back = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]).to(codes)
        assert torch.equal(shares[turn], shares_of(codes @ back)[0]), turn
    assert len({tuple(row) for row in shares.tolist()}) == 16


@pytest.mark.parametrize(("latent_dim", "partitions"), [(1, 1), (2, 16), (3, 3 * 16), (12, 45 * 16)])
def test_every_pair_of_the_first_ten_axes_is_looked_at(latent_dim, partitions):
    assert len(shares_of(from_prior(latent_dim, 50))) == partitions


def test_a_quarter_turn_of_the_plane_changes_nothing():
    codes = from_prior() * torch.tensor([1.5, 0.5])
    turned = torch.stack([codes[:, 1], -codes[:, 0]], dim=1)
    for measure in (prior_hole_share, marginal_kl):
        assert measure(with_codes(turned)).value == pytest.approx(measure(with_codes(codes)).value, abs=1e-4)


@pytest.mark.parametrize("function", [prior.holes, prior.divergences])
@pytest.mark.parametrize("count", [200, 2_000])
def test_what_the_prior_itself_has_on_average_is_that_of_multinomial_draws(function, count):
    draws = np.random.default_rng(0).multinomial(count, np.full(100, 0.01), size=2_000) / count
    values = function(torch.from_numpy(draws)).mean(1)
    error = float(values.std()) / math.sqrt(len(values))
    assert abs(expected_of_prior(function, count) - float(values.mean())) < 4 * error + 1e-9


# Holes and the marginal KL


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_codes_from_the_prior_have_no_holes_and_the_known_bias_of_the_kl(latent_dim):
    data = with_codes(from_prior(latent_dim))
    assert prior_hole_share(data).value == 0
    result = marginal_kl(data)
    assert result.beside["of_the_prior"] == pytest.approx(99 / (2 * COUNT), rel=0.02)
    assert result.value == pytest.approx(result.beside["of_the_prior"], abs=0.003)


def test_codes_of_one_half_of_the_prior_miss_half_of_the_cells_and_log_2():
    codes = from_prior() * torch.tensor([1.0, 1.0])
    shares = shares_of(torch.stack([codes[:, 0].abs(), codes[:, 1]], dim=1))[0]
    assert float(prior.holes(shares).mean()) == 0.5
    assert float(prior.divergences(shares).mean()) == pytest.approx(math.log(2), abs=0.01)


def test_a_hole_made_on_purpose_is_found_and_its_kl_bounded_by_the_true_one():
    codes = from_prior(count=20_000)
    left = codes[codes.norm(dim=1) > 0.6]
    true_kl = -math.log(math.exp(-(0.6**2) / 2))  # of the prior outside of the circle, from the prior
    assert prior_hole_share(with_codes(left)).value > 0.05
    assert 0.7 * true_kl < marginal_kl(with_codes(left)).value < true_kl + 0.01


def test_a_collapsed_cloud_is_all_holes():
    data = with_codes(0.001 * from_prior() + 0.5)
    assert prior_hole_share(data).value >= 0.96
    assert marginal_kl(data).value > math.log(25)


def test_posteriors_that_are_the_prior_have_no_more_holes_than_the_prior_itself():
    """All means are 0, so that nothing but the noise of the posteriors fills the plane."""
    data = subject(linear_model(), random_images(COUNT))
    assert prior_hole_share(data).value == 0
    assert marginal_kl(data).value == pytest.approx(99 / (2 * COUNT), abs=0.003)
    assert abs(mmd2(data).value) < 5e-4


def test_a_ring_is_further_from_the_prior_than_a_cloud_a_little_too_narrow():
    codes = from_prior()
    ring = codes / codes.norm(dim=1, keepdim=True)
    for measure in (prior_hole_share, marginal_kl, mmd2):
        assert measure(with_codes(ring)).value > measure(with_codes(0.9 * codes)).value


def test_beyond_two_dimensions_it_is_said_that_pairs_were_measured():
    for measure in (prior_hole_share, marginal_kl):
        assert "first 10 principal axes" in measure(with_codes(from_prior(12, 500))).note
        assert measure(with_codes(from_prior(2, 500))).note is None


def test_a_vae_is_looked_at_along_the_principal_axes_of_its_means():
    data = subject(small_model(latent_dim=3), random_images(300))
    axes = torch.linalg.svd(data.training_posterior.mu - data.training_posterior.mu.mean(0)).Vh
    turned = data.standard_codes @ axes.T
    expected = float(prior.holes(shares_of(turned)).mean())
    assert prior_hole_share(data).value == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("measure", [prior_hole_share, marginal_kl])
@pytest.mark.parametrize(("latent_dim", "count"), [(1, 360), (2, 360), (2, 2_000)])
def test_an_interval_holds_what_as_many_codes_have_on_average_and_is_no_wider_than_it_need_be(
    measure, latent_dim, count
):
    generator = torch.Generator().manual_seed(5)
    centres, results = torch.randn(10, latent_dim, generator=generator), []
    for _ in range(120):
        noise = 0.35 * torch.randn(count, latent_dim, generator=generator)
        results.append(measure(with_codes(centres[torch.randint(10, (count,), generator=generator)] + noise)))
    values, ends = torch.tensor([result.value for result in results]), torch.tensor([r.interval for r in results])
    held = (ends[:, 0] <= values.mean()) & (values.mean() <= ends[:, 1])
    assert held.double().mean() >= 0.9
    halves = (ends[:, 1] - ends[:, 0]) / 2
    assert 0.75 < halves.mean() / (2.262 * values.std()) < 1.5


# MMD²


def reference_mmd2(codes: np.ndarray) -> float:
    """With Gauss-Hermite quadrature for the prior, one dimension at a time, for the kernel is a product."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    count, latent_dim = codes.shape

    def kernel(differences: np.ndarray) -> np.ndarray:
        return np.exp(-np.square(differences) / (2 * latent_dim))

    within = (weights @ kernel(points[:, None] - points) @ weights) ** latent_dim
    across = (kernel(codes[:, :, None] - points) @ weights).prod(1).mean()
    pairs = kernel(codes[:, None] - codes[None]).prod(2).sum() - count
    return pairs / (count * (count - 1)) + within - 2 * across


def discrepancy(codes: Tensor) -> Tensor:
    """By the kernel of the measure."""
    return losses.squared_discrepancy(codes, codes.shape[1])


@pytest.mark.parametrize("latent_dim", [1, 2, 7])
def test_mmd2_with_the_priors_closed_terms_is_that_by_quadrature(latent_dim):
    codes = 0.8 * from_prior(latent_dim, 150) + 0.3
    assert discrepancy(codes).item() == pytest.approx(reference_mmd2(codes.double().numpy()), abs=1e-6)


def test_mmd2_with_the_priors_closed_terms_is_that_by_monte_carlo():
    codes, drawn = 0.5 * from_prior(3, 400) - 0.2, from_prior(3, 20_000, seed=1)
    halves = drawn[:10_000], drawn[10_000:]

    def mean_kernel(first: Tensor, second: Tensor) -> float:
        return float(torch.exp(-torch.cdist(first, second).square() / 6).mean())

    pairs = (mean_kernel(codes, codes) * 400 - 1) / 399
    expected = pairs + mean_kernel(*halves) - 2 * mean_kernel(codes, drawn)
    assert discrepancy(codes).item() == pytest.approx(expected, abs=0.003)


def test_mmd2_does_not_depend_on_the_blocks_it_is_computed_in(monkeypatch):
    codes = from_prior(2, 500)
    whole = discrepancy(codes)
    monkeypatch.setattr(losses, "KERNEL_BLOCK", 7)
    torch.testing.assert_close(discrepancy(codes), whole, atol=1e-7, rtol=0)


def test_mmd2_of_codes_from_the_prior_is_0_on_average():
    values = torch.stack([discrepancy(from_prior(2, 100, seed)) for seed in range(300)])
    assert abs(values.mean()) < 3 * values.std() / math.sqrt(len(values))
    result = mmd2(with_codes(from_prior()))
    assert abs(result.value) < 5e-4
    assert result.interval[0] < 0 < result.interval[1]


def test_mmd2_of_a_shifted_prior_is_the_closed_form():
    latent_dim, shift = 2, 1.0
    within = (latent_dim / (latent_dim + 2)) ** (latent_dim / 2)
    expected = 2 * within * (1 - math.exp(-latent_dim * shift**2 / (2 * (latent_dim + 2))))
    assert mmd2(with_codes(from_prior() + shift)).value == pytest.approx(expected, abs=0.01)


def test_an_ae_is_whitened_first_so_that_only_shape_counts_against_it():
    images = random_images(400)
    narrow, wide = small_model("ae"), small_model("ae")
    with torch.no_grad():
        wide.encoder[-1].weight *= 30
        wide.encoder[-1].bias += 5
    for measure in (prior_hole_share, marginal_kl, mmd2):
        first, second = (measure(subject(model, images)).value for model in (narrow, wide))
        assert first == pytest.approx(second, abs=0.01)
