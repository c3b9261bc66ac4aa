"""The walk from new to full: where its ends are, where codes lie on it, and what is seen on the way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vae_core.configs import PHASE_ONLY
from vae_core.errors import RunError
from vae_core.moons.drawing import true_moons
from vae_core.moons.walk import END_SHARE, Ends, find_ends, fit_walk, shares

NEW, FULL = true_moons(np.array([0.0, 1.0]), PHASE_ONLY)


def blends(weights: list[float]) -> np.ndarray:
    """Cross-dissolves (N, 1, H, W) of new and full."""
    full = np.array(weights, np.float32)[:, None, None, None]
    return (1 - full) * NEW + full * FULL


@pytest.mark.parametrize("ends", [Ends(-2.0, 3.0), Ends(30.0, -1.5)])
def test_the_new_moon_is_at_one_and_the_full_moon_at_ten_whichever_code_is_larger(ends: Ends) -> None:
    np.testing.assert_allclose(ends.codes(np.array([1, 10]))[:, 0], ends)
    np.testing.assert_allclose(ends.codes(np.array([5.5]))[0, 0], (ends.new + ends.full) / 2)
    positions = np.linspace(0, 11, 12)
    np.testing.assert_allclose(ends.positions(ends.codes(positions)), positions, atol=1e-12)
    assert ends.lengths(np.array([[abs(ends.full - ends.new)]])) == pytest.approx(9)


def test_the_ends_are_the_mean_codes_of_the_lowest_and_of_the_highest_phases() -> None:
    phases = np.random.default_rng(0).permutation(1000) / 1000
    codes = (7 - 4 * phases)[:, None]  # falls from new to full
    count = END_SHARE * 1000
    ends = find_ends(codes, phases)
    assert ends.new == pytest.approx(7 - 4 * (count - 1) / 2000)
    assert ends.full == pytest.approx(7 - 4 * (1999 - count) / 2000)
    assert find_ends(np.array([[2.0], [-1.0]]), np.array([1.0, 0.0])) == Ends(-1, 2)


def test_a_code_that_is_the_same_for_new_and_full_is_no_way() -> None:
    with pytest.raises(RunError, match="same code"):
        find_ends(np.zeros((2, 1)), np.array([0.0, 1.0]))


def test_shares_are_counts_of_points_and_masses_of_gaussians() -> None:
    places = np.array([0.5, 0.6, 2.5, 9.0])
    np.testing.assert_allclose(shares(np.arange(4), places, None), [0.5, 0, 0.25])
    np.testing.assert_allclose(shares(np.arange(4), places, np.full(4, 1e-6)), [0.5, 0, 0.25])
    within = math.erf(1 / math.sqrt(2))
    mass = shares(np.array([-3.0, -1.0, 3.0]), np.array([-1.0, 1.0]), np.array([2.0, 2.0]))
    np.testing.assert_allclose(mass.sum(), (within + math.erf(math.sqrt(2))) / 2, rtol=1e-6)
    assert shares(np.linspace(-50, 50, 9), places, np.array([0.1, 1, 2, 3])).sum() == pytest.approx(1)


def test_true_moons_are_seen_as_they_are() -> None:
    phases = np.array([0, 0.02, 0.2, 0.5, 0.7, 0.97, 1])
    images = true_moons(phases, PHASE_ONLY)
    fit = fit_walk(images, PHASE_ONLY)
    np.testing.assert_allclose(fit.phases, phases, atol=1e-3)
    np.testing.assert_allclose(fit.moons, images, atol=0.03)
    assert fit.verdicts() == ["new", "new", "crescent", "half", "gibbous", "full", "full"]


def test_blends_are_seen_as_dissolves_but_for_those_that_are_as_good_as_an_end() -> None:
    weights = [0.02, 0.2, 0.5, 0.8, 0.99]
    fit = fit_walk(blends(weights), PHASE_ONLY)
    np.testing.assert_allclose(fit.weights, weights, atol=1e-5)
    np.testing.assert_allclose(fit.dissolves, blends(weights), atol=1e-5)
    assert fit.dissolve_distances.max() < 1e-4 < fit.moon_distances.min()
    assert fit.verdicts() == ["new", "dissolve", "dissolve", "dissolve", "full"]
