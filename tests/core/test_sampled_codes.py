"""Codes drawn at random: repeated by their seed, the same for all models, with the scale that was asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vae_core.codes.codes import Codes
from vae_core.codes.sampling import posterior_codes, prior_codes

COUNT = 4000


def codes_of(mean: float, scale: float, log_var: float | None) -> Codes:
    """Codes of 50 images in two dimensions, with this mean and this scale to standard coordinates."""
    mu = np.random.default_rng(0).normal(mean, scale, (50, 2)).astype(np.float32)
    return Codes(
        mu=mu,
        log_var=None if log_var is None else np.full_like(mu, log_var),
        labels=np.zeros(50, np.uint8),
        indices=np.arange(50, dtype=np.int32),
        code_mean=np.full(2, mean, np.float32),
        code_whitening=np.eye(2, dtype=np.float32) / np.float32(scale),
    )


POINTS, CLOUDS = codes_of(30, 8, None), codes_of(0, 1, -2)


def test_all_models_get_the_same_draws_of_the_prior_in_standard_coordinates() -> None:
    ae, vae = (prior_codes(codes, COUNT, seed=3) for codes in (POINTS, CLOUDS))
    np.testing.assert_allclose(POINTS.standardise(ae), vae, atol=1e-4)
    np.testing.assert_allclose(vae, torch.randn(COUNT, 2, generator=torch.Generator().manual_seed(3)), atol=1e-6)
    np.testing.assert_array_equal(prior_codes(POINTS, COUNT, seed=3), ae)
    assert np.abs(prior_codes(CLOUDS, COUNT, seed=4) - vae).max() > 1


def test_raw_draws_know_nothing_of_a_models_scale_and_the_temperature_multiplies_them() -> None:
    np.testing.assert_array_equal(prior_codes(POINTS, COUNT, 3, raw=True), prior_codes(CLOUDS, COUNT, 3, raw=True))
    np.testing.assert_allclose(prior_codes(CLOUDS, COUNT, 3, 0.5), 0.5 * prior_codes(CLOUDS, COUNT, 3), atol=1e-6)
    np.testing.assert_allclose(prior_codes(POINTS, COUNT, 3, 0.0), 30)


def test_draws_of_the_aggregated_posterior_are_codes_of_random_images_with_their_noise() -> None:
    points = posterior_codes(POINTS, COUNT, seed=3)
    assert {tuple(point) for point in points} == {tuple(point) for point in POINTS.mu}  # every image in its turn
    still = posterior_codes(CLOUDS, COUNT, 3, temperature=0.0)
    rows = [np.flatnonzero((POINTS.mu == point).all(1))[0] for point in points]
    np.testing.assert_array_equal(still, CLOUDS.mu[rows])  # of the same images as the other model's
    for temperature in (1.0, 0.5):
        noise = posterior_codes(CLOUDS, COUNT, 3, temperature) - still
        assert noise.std() == pytest.approx(temperature * np.exp(-1), rel=0.03)
        assert abs(noise.mean()) < 0.02
