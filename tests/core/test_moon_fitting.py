"""Fits against moons and blends whose factors and weights are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from vae_core.codes.paths import cross_dissolve
from vae_core.configs import PHASE_ONLY, MoonsConfig
from vae_core.moons import drawing
from vae_core.moons.fitting import fit_dissolve, fit_moon, fit_phase, is_half_moon, is_moon


def render(factors: np.ndarray, settings: MoonsConfig = PHASE_ONLY) -> Tensor:
    return torch.from_numpy(drawing.draw(factors, settings.size, settings.earthshine))[:, None]


def of_phases(phases: Tensor, settings: MoonsConfig = PHASE_ONLY) -> Tensor:
    factors = np.zeros((len(phases), 5))
    factors[:] = [0, settings.tilt[0], settings.radius[0], settings.offset[0], settings.offset[0]]
    factors[:, 0] = phases
    return render(factors, settings)


def random_phases(count: int) -> Tensor:
    inner = torch.rand(count - 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return torch.cat([torch.tensor([0.0, 0.5, 1.0]), inner])


NEW, FULL = of_phases(torch.tensor([0.0, 1.0]))


@pytest.mark.parametrize(
    "settings",
    [PHASE_ONLY, MoonsConfig(size=40, tilt=(30, 30), radius=(13, 13), offset=(1.5, 1.5), earthshine=0)],
    ids=["usual", "other"],
)
def test_phase_of_a_true_moon_is_its_own_and_its_distance_next_to_nothing(settings: MoonsConfig) -> None:
    phases = random_phases(300)
    fit = fit_phase(of_phases(phases, settings), settings)
    torch.testing.assert_close(fit.phases, phases, atol=1e-3, rtol=0)
    assert fit.distances.max() < 0.03  # of 17, the norm of a full moon


def test_phase_survives_being_rounded_to_bytes() -> None:
    phases = random_phases(200)
    fit = fit_phase((of_phases(phases) * 255).round() / 255)
    torch.testing.assert_close(fit.phases, phases, atol=1e-3, rtol=0)


def test_phase_fit_is_the_best_of_all_renders_for_any_image() -> None:
    generator = torch.Generator().manual_seed(1)
    noise = 0.3 * torch.randn(20, 1, 28, 28, generator=generator)
    images = (of_phases(torch.linspace(0, 1, 20)) + noise).clamp(0, 1)
    fit = fit_phase(images)
    every = of_phases(torch.linspace(0, 1, 2001))
    distances = torch.cdist(images.double().flatten(1), every.double().flatten(1)).amin(1)
    torch.testing.assert_close(fit.distances, distances, atol=1e-3, rtol=0)
    own = (of_phases(fit.phases).double() - images).flatten(1).norm(dim=1)  # the phases are those of the distances
    torch.testing.assert_close(fit.distances, own, atol=1e-3, rtol=0)


def test_distance_counts_pixels() -> None:
    image = of_phases(torch.tensor([0.3]))
    image[0, 0, 0, :4] = 1  # outside the disc: four pixels that are white for black
    assert float(fit_phase(image).distances) == pytest.approx(2, abs=1e-3)
    assert float(fit_phase(image).phases) == pytest.approx(0.3, abs=1e-3)


def test_dissolve_is_found_exactly() -> None:
    fit = fit_dissolve(cross_dissolve(NEW, FULL, 9), NEW, FULL)
    torch.testing.assert_close(fit.weights, torch.linspace(0, 1, 9, dtype=torch.float64), atol=1e-6, rtol=0)
    assert fit.distances.max() < 1e-5


def test_dissolve_fit_is_the_foot_of_the_perpendicular_within_its_ends() -> None:
    new, full = torch.zeros(1, 2, 2), torch.tensor([[[2.0, 0], [0, 0]]])
    images = torch.tensor([[1.0, 3.0, 4.0, 0.0], [-3.0, 4.0, 0.0, 0.0], [5.0, 0.0, 0.0, 4.0]]).reshape(3, 1, 2, 2)
    fit = fit_dissolve(images, new, full)
    assert fit.weights.tolist() == [0.5, 0, 1]
    assert fit.distances.tolist() == [5, 5, 5]
    assert fit_dissolve(images[1:2], new, new).distances.item() == 5  # a dissolve from an image to itself


def test_a_blend_of_new_and_full_is_no_moon_and_a_true_half_moon_is_one() -> None:
    blends, halves = cross_dissolve(NEW, FULL, 11)[1:-1], of_phases(torch.linspace(0.36, 0.64, 9))
    verdicts = [is_half_moon(fit_phase(images), fit_dissolve(images, NEW, FULL)) for images in (blends, halves)]
    assert verdicts[0].tolist() == [False] * 9
    assert verdicts[1].tolist() == [True] * 9


def test_other_moons_are_moons_but_not_half_and_the_ends_of_the_dissolve_are_no_proof() -> None:
    images = of_phases(torch.tensor([0, 0.2, 0.8, 1]))
    fits = fit_phase(images), fit_dissolve(images, NEW, FULL)
    assert is_moon(*fits).tolist() == [False, True, True, False]
    assert is_half_moon(*fits).tolist() == [False] * 4


def test_verdict_turns_half_way_between_a_half_moon_and_a_blend() -> None:
    half, blend = of_phases(torch.tensor([0.5]))[0], cross_dissolve(NEW, FULL, 3)[1]
    images = cross_dissolve(half, blend, 21)
    verdict = is_half_moon(fit_phase(images), fit_dissolve(images, NEW, FULL))
    assert verdict[:8].all() and not verdict[-8:].any()


@pytest.mark.parametrize("settings", [MoonsConfig(), MoonsConfig(size=32, tilt=(20, 90), offset=(1, 3))])
def test_all_factors_of_a_true_moon_are_found(settings: MoonsConfig) -> None:
    drawn = drawing.sample_factors(40, "all", settings, np.random.default_rng(2))
    drawn[:, 0] = 0.1 + 0.75 * drawn[:, 0]  # a moon that is nearly new or full tells little of its tilt
    fit = fit_moon(render(drawn, settings), settings)
    error = (fit.factors - torch.from_numpy(drawn)).abs()
    error[:, 1] = torch.minimum(error[:, 1], 360 - error[:, 1])
    assert fit.distances.median() < 0.01
    found = fit.distances < 0.1
    assert found.double().mean() >= 0.95
    assert error[found, 0].max() < 0.005 and error[found, 1].max() < 1 and error[found, 2:].max() < 0.05
    torch.testing.assert_close(fit.phases, fit.factors[:, 0])


def test_few_moons_of_any_phase_end_beside_their_own() -> None:
    drawn = drawing.sample_factors(100, "all", MoonsConfig(), np.random.default_rng(2))
    distances = fit_moon(render(drawn), MoonsConfig()).distances
    assert (distances > 0.1).sum() <= 2
    assert distances.max() < 0.5


def test_factors_of_any_image_lie_in_their_ranges() -> None:
    settings = MoonsConfig(tilt=(20, 90), offset=(-1, 1))
    images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    fit = fit_moon(images, settings)
    for column, (low, high) in zip(fit.factors.T, [(0, 1), (20, 90), (8, 11), (-1, 1), (-1, 1)], strict=True):
        assert low <= column.min() and column.max() <= high
    own = (render(fit.factors.numpy(), settings).double() - images).flatten(1).norm(dim=1)
    torch.testing.assert_close(fit.distances, own, atol=1e-6, rtol=0)


def test_a_fit_of_all_factors_agrees_with_that_of_the_phase_where_the_others_are_constant() -> None:
    images = of_phases(random_phases(20))
    torch.testing.assert_close(fit_moon(images, PHASE_ONLY).phases, fit_phase(images).phases, atol=1e-3, rtol=0)
    images = 0.8 * images  # dimmer than any moon, so that the fit may end at the best of its neighbours only
    one, every = fit_phase(images), fit_moon(images, PHASE_ONLY)
    torch.testing.assert_close(every.phases, one.phases, atol=0.02, rtol=0)
    torch.testing.assert_close(every.distances, one.distances, atol=0.05, rtol=0)


def test_fits_need_moons_of_their_own_size_and_the_phase_alone_to_vary() -> None:
    with pytest.raises(ValueError, match="28 by 28"):
        fit_phase(torch.zeros(3, 1, 8, 8))
    with pytest.raises(ValueError, match="28 by 28"):
        fit_moon(torch.zeros(3, 3, 28, 28), MoonsConfig())
    with pytest.raises(ValueError, match="more than their phase"):
        fit_phase(torch.zeros(3, 1, 28, 28), MoonsConfig())
