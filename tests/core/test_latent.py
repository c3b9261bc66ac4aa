"""The map to standard coordinates, and neighbours."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from vae_core.codes.codes import Codes
from vae_core.codes.encoding import compute_codes, encode_images
from vae_core.codes.geometry import density, nearest
from vae_core.codes.slices import component_slice, slice_through
from vae_core.codes.standardisation import EIGENVALUE_FLOOR, pca_whitening
from vae_core.configs import ModelConfig, NetworkConfig
from vae_core.models.auto_encoders import build


def skewed_codes(count: int = 3000, latent_dim: int = 3) -> np.ndarray:
    random = np.random.default_rng(0)
    mixing = random.normal(size=(latent_dim, latent_dim)) * np.array([30.0, 3.0, 0.1])[:latent_dim, None]
    return (random.normal(size=(count, latent_dim)) @ mixing + 7).astype(np.float32)


def codes_object(codes: np.ndarray) -> Codes:
    labels = np.zeros(len(codes), np.uint8)
    mean, whitening = pca_whitening(codes)
    return Codes(codes, None, labels, np.arange(len(codes), dtype=np.int32), mean, whitening)


def test_standard_coordinates_have_mean_zero_and_identity_covariance():
    codes = skewed_codes()
    standard = codes_object(codes).standardise(codes.astype(np.float64))
    np.testing.assert_allclose(standard.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(np.cov(standard.T, bias=True), np.eye(3), atol=1e-3)


def test_axes_are_ordered_by_variance_and_their_largest_component_is_positive():
    _, whitening = pca_whitening(skewed_codes())
    scales = np.linalg.norm(whitening, axis=0)  # one over the standard deviation along each axis
    assert (np.diff(scales) > 0).all()
    largest = np.abs(whitening).argmax(0)
    assert (whitening[largest, np.arange(3)] > 0).all()


def test_axes_of_independent_codes_are_the_dimensions_by_variance():
    codes = np.random.default_rng(1).normal(size=(20_000, 2)) * [0.5, 4.0]
    _, whitening = pca_whitening(codes)
    np.testing.assert_allclose(whitening, [[0, 2], [0.25, 0]], atol=0.05)


def test_unstandardise_inverts_standardise():
    codes = skewed_codes()
    there = codes_object(codes)
    np.testing.assert_allclose(there.unstandardise(there.standardise(codes)), codes, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_identical_codes_have_a_finite_map(latent_dim):
    _, whitening = pca_whitening(np.full((10, latent_dim), 3.0, np.float32))
    assert np.isfinite(whitening).all()


def test_a_direction_without_variance_is_not_blown_up():
    codes = np.random.default_rng(2).normal(size=(1000, 1)) @ np.array([[1.0, 1.0]])
    _, whitening = pca_whitening(codes)
    deviation = np.sqrt(2 * codes[:, 0].var())
    np.testing.assert_allclose(np.linalg.norm(whitening, axis=0) * deviation, [1, EIGENVALUE_FLOOR**-0.5], rtol=1e-3)


@pytest.mark.parametrize("count", [1, 5, 40, 100])
def test_nearest_is_what_a_full_sort_finds(count):
    random = np.random.default_rng(3)
    codes, code = random.normal(size=(40, 2)), random.normal(size=2)
    expected = sorted(range(40), key=lambda index: np.linalg.norm(codes[index] - code))[:count]
    assert nearest(codes, code, count).tolist() == expected


def split_data(count: int = 30):
    images = torch.randint(0, 256, (2 * count, 1, 4, 4), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    splits = {"training": torch.arange(count), "test": torch.arange(count, 2 * count)}
    return SimpleNamespace(
        splits=splits, split=lambda name: (images[splits[name]], torch.zeros(count, dtype=torch.int64))
    )


def small(kind: str) -> ModelConfig:
    network = NetworkConfig(widths=(8,))
    return ModelConfig(kind=kind, encoder=network, decoder=network, image_shape=(1, 4, 4))


def test_codes_of_a_vae_are_its_posteriors_in_coordinates_that_are_standard_already():
    codes = compute_codes(build(small("vae")), split_data())
    assert codes.mu.shape == codes.log_var.shape == (30, 2)
    assert codes.indices.tolist() == list(range(30, 60))
    np.testing.assert_array_equal(codes.standardise(codes.mu), codes.mu)


def test_codes_of_an_ae_are_standardised_by_its_training_codes():
    model, data = build(small("ae")), split_data()
    codes = compute_codes(model, data)
    assert codes.log_var is None
    training = encode_images(model, data.split("training")[0]).mu.numpy()
    np.testing.assert_allclose(np.cov(codes.standardise(training).T, bias=True), np.eye(2), atol=1e-3)


def test_encoding_does_not_depend_on_the_batch_and_restores_the_mode():
    model, images = build(small("vae")).train(), split_data().split("test")[0]
    whole, parts = encode_images(model, images), encode_images(model, images, batch=7)
    torch.testing.assert_close(whole.mu, parts.mu)
    torch.testing.assert_close(whole.log_var, parts.log_var)
    assert model.training


@pytest.mark.parametrize("latent_dim, place", [(1, [0.7]), (2, [0.0, 0.0]), (2, [1.2, -0.8])])
def test_the_prior_s_share_of_a_ball_is_what_its_draws_say(latent_dim, place):
    draws = np.random.default_rng(0).normal(size=(400_000, latent_dim))
    inside, expected = density(draws, np.array(place), radius=0.25)
    assert inside == pytest.approx(expected, abs=5 * expected**0.5)
    assert inside == (np.linalg.norm(draws - place, axis=1) <= 0.25).sum()


def test_a_slice_through_three_codes_goes_through_them():
    places = np.random.default_rng(1).normal(size=(3, 7))
    centre, directions = slice_through(places)
    np.testing.assert_allclose(directions @ directions.T, np.eye(2), atol=1e-12)
    for place in places:
        on_the_slice = centre + (directions @ (place - centre)) @ directions
        np.testing.assert_allclose(on_the_slice, place, atol=1e-12)
    with pytest.raises(ValueError):
        slice_through(np.stack([places[0], places[1], 2 * places[1] - places[0]]))


def test_the_slice_along_principal_components_shows_most_of_the_codes():
    codes = np.random.default_rng(2).normal(size=(500, 5)) * [1, 5, 2, 0.1, 4]
    centre, directions = component_slice(codes, (0, 1))
    shown = (codes - centre) @ directions.T
    np.testing.assert_allclose(np.cov(shown.T), np.diag(shown.var(0, ddof=1)), atol=1e-9)
    assert shown.var(0).sum() >= max(codes[:, [i, j]].var(0).sum() for i in range(5) for j in range(i))
