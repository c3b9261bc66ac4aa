"""The fields of a gap map: known answers for codes of the prior, holes made on purpose, and models of a matrix."""

from __future__ import annotations

import math
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.core.subjects import grey, linear_model, random_images, small_model
from tests.core.test_metrics_samples import LINEAR, code_in_pixels
from vae_core.codes.codes import Codes
from vae_core.configs import DataConfig, MoonsConfig
from vae_core.data.datasets import to_floats
from vae_core.measures.gap_map import (
    FAR,
    FIELDS,
    LIKELY,
    SURVEY_SIDE,
    Field,
    GapMap,
    fields_of,
    places_within,
    ruler_kind,
)
from vae_core.measures.judge import Judge
from vae_core.measures.rulers import JudgeRuler, PixelRuler
from vae_core.places import SHIPPED
from vae_core.runs.run import Run

PLACES = places_within(LIKELY, 2)
SKEW = np.array([[2.0, 0.5], [-0.3, 0.25]])  # takes codes to standard coordinates, after a shift by MEAN
MEAN = np.array([3.0, -1.0])


def codes_at(standard: np.ndarray, log_var: float | None = None, skewed: bool = False) -> Codes:
    """Codes that lie at these standard coordinates (N, D); `skewed` ones have coordinates of their own."""
    dims = standard.shape[1]
    mean, whitening = (MEAN, SKEW) if skewed else (np.zeros(dims), np.eye(dims))
    mu = (standard @ np.linalg.inv(whitening) + mean).astype(np.float32)
    return Codes(
        mu=mu,
        log_var=None if log_var is None else np.full_like(mu, log_var),
        labels=np.zeros(len(mu), np.uint8),
        indices=np.arange(len(mu), dtype=np.int32),
        code_mean=mean.astype(np.float32),
        code_whitening=whitening.astype(np.float32),
    )


def prior(count: int, dims: int = 2, scale: float = 1.0) -> np.ndarray:
    return scale * np.random.default_rng(0).standard_normal((count, dims))


def on_plane(gaps: GapMap, name: str, standard: np.ndarray = PLACES) -> np.ndarray:
    return gaps.field(name, gaps.codes.unstandardise(standard))


# Density


@pytest.mark.parametrize("dims, skewed", [(1, False), (2, False), (2, True)])
def test_codes_of_the_prior_are_as_dense_as_the_prior_wherever_one_looks(dims: int, skewed: bool) -> None:
    places = places_within(LIKELY, dims)
    ratio = on_plane(GapMap(linear_model(), codes_at(prior(10_000, dims), skewed=skewed)), "density_ratio", places)
    assert ratio.mean() == pytest.approx(1, abs=0.02)
    assert ratio.std() < 0.1
    assert 0.65 < ratio.min() < ratio.max() < 1.5


def test_points_whose_posteriors_add_up_to_the_prior_are_no_gap() -> None:
    clouds = codes_at(prior(10_000, scale=0.8), log_var=math.log(0.36))
    assert on_plane(GapMap(linear_model(), clouds), "density_ratio").mean() == pytest.approx(1, abs=0.02)
    points = codes_at(prior(10_000, scale=0.8))
    assert on_plane(GapMap(linear_model(), points), "density_ratio").min() < 0.6  # 0.56 on the rim, but for chance


def test_the_density_is_the_sum_of_gaussian_kernels_over_the_blurred_prior() -> None:
    codes = codes_at(prior(50), skewed=True)
    width = 50 ** (-1 / 6)
    standard = codes.standardise(codes.mu)
    squares = np.square(PLACES[:, None] - standard).sum(2)
    kernels = np.exp(-squares / (2 * width**2)).mean(1) / (2 * np.pi * width**2)
    variance = 1 + width**2
    blurred = np.exp(-np.square(PLACES).sum(1) / (2 * variance)) / (2 * np.pi * variance)
    np.testing.assert_allclose(on_plane(GapMap(linear_model(), codes), "density_ratio"), kernels / blurred, rtol=1e-3)


@pytest.mark.parametrize("skewed", [False, True])
def test_a_hole_made_on_purpose_is_the_worst_gap_and_all_else_is_as_before(skewed: bool) -> None:
    hole, radius = np.array([0.9, -0.5]), 0.8
    drawn = prior(10_000)
    kept = codes_at(drawn[np.linalg.norm(drawn - hole, axis=1) > radius], skewed=skewed)
    gaps = GapMap(linear_model(), kept)
    survey = gaps.survey("density_ratio")
    assert np.linalg.norm(kept.standardise(np.array(survey.worst)) - hole) < 0.15
    assert survey.worst_value < 0.05
    far = PLACES[np.linalg.norm(PLACES - hole, axis=1) > radius + 0.7]
    assert on_plane(gaps, "density_ratio", far).min() > 0.6


def test_of_two_places_far_from_all_codes_the_farther_is_the_worse() -> None:
    gaps = GapMap(linear_model(), codes_at(prior(1000, scale=0.01)))
    near, far = on_plane(gaps, "density_ratio", np.array([[1.5, 0], [2.0, 0]]))
    assert 0 < far < near < 1e-3


def test_where_the_prior_expects_next_to_no_codes_the_ratio_is_large_but_finite() -> None:
    codes = codes_at(prior(100) + 60)
    ratio = on_plane(GapMap(linear_model(), codes), "density_ratio", np.array([[60.0, 60.0]]))
    assert ratio > 1e30 and np.isfinite(ratio.astype(np.float32)).all()


# Round trips, speed


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_an_encoder_that_reads_off_what_was_drawn_has_no_round_trip(kind: str) -> None:
    gaps = GapMap(code_in_pixels(kind, scale=50), codes_at(prior(100), skewed=True))
    np.testing.assert_allclose(on_plane(gaps, "round_trip"), 0, atol=1e-4)


def test_a_round_trip_that_doubles_codes_goes_as_far_as_the_code_is_from_the_centre() -> None:
    gaps = GapMap(code_in_pixels(back=2), codes_at(prior(100)))
    np.testing.assert_allclose(on_plane(gaps, "round_trip"), np.linalg.norm(PLACES, axis=1), rtol=1e-4)
    survey = gaps.survey("round_trip")
    assert np.linalg.norm(survey.worst) == pytest.approx(LIKELY, abs=FAR / SURVEY_SIDE)
    for end, share in ((survey.low, 0.02), (survey.high, 0.98)):
        assert end == pytest.approx(FAR * math.sqrt(share), abs=0.03)  # that share of the disc is nearer


def test_a_linear_decoder_is_equally_fast_everywhere_in_standard_coordinates() -> None:
    gaps = GapMap(code_in_pixels(scale=4), codes_at(prior(100), skewed=True))
    expected = np.linalg.norm(np.linalg.inv(SKEW)) / 4
    np.testing.assert_allclose(on_plane(gaps, "speed"), expected, rtol=1e-4)


def test_the_speed_is_that_of_small_steps() -> None:
    gaps = GapMap(small_model(seed=5), codes_at(prior(100), skewed=True))
    places, step = PLACES[::500], 1e-3
    squares = 0
    for axis in np.eye(2) * step:
        images = [
            gaps.model.decode(torch.tensor(gaps.codes.unstandardise(places + sign * axis), dtype=torch.float32))
            for sign in (1, -1)
        ]
        squares += ((images[0] - images[1]) / (2 * step)).square().flatten(1).sum(1)
    np.testing.assert_allclose(on_plane(gaps, "speed", places), squares.sqrt().detach(), rtol=5e-3)


# What the decoded image is worth


def test_the_confidence_is_the_judge_s_top_probability_and_the_worst_gap_where_it_is_least() -> None:
    def probabilities(images: torch.Tensor) -> torch.Tensor:
        first = torch.sigmoid(images.flatten(1)[:, 0])  # the code's first coordinate
        return torch.stack([first, 1 - first], 1)

    gaps = GapMap(code_in_pixels(), codes_at(prior(100)), judge=SimpleNamespace(probabilities=probabilities))
    np.testing.assert_allclose(on_plane(gaps, "confidence"), 1 / (1 + np.exp(-np.abs(PLACES[:, 0]))), rtol=1e-5)
    survey = gaps.survey("confidence")
    assert abs(survey.worst[0]) < 2 * LIKELY / SURVEY_SIDE
    assert survey.worst_value == pytest.approx(0.5, abs=0.02)
    assert survey.high == 1


def test_the_distance_of_an_image_that_is_real_is_0_and_of_another_the_length_of_the_difference() -> None:
    black = linear_model(**LINEAR)
    real = grey(0, 255)
    for images, expected in ((real, 0), (real[1:], 2)):  # two by two pixels
        gaps = GapMap(black, codes_at(prior(100)), ruler=PixelRuler(images))
        np.testing.assert_allclose(on_plane(gaps, "distance", PLACES[:5]), expected, atol=1e-5)


def test_the_nearest_of_many_images_is_found_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.measures.rulers.REAL_BLOCK", 7)
    real, images = random_images(100, seed=1), to_floats(random_images(20, seed=2))
    expected = torch.cdist(images.flatten(1), to_floats(real).flatten(1)).amin(1)
    torch.testing.assert_close(PixelRuler(real).distances(images), expected)


def test_the_judge_measures_the_distance_where_there_is_one() -> None:
    real = torch.randint(0, 256, (30, 1, 8, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    torch.manual_seed(0)
    judge = Judge((1, 8, 8), 3).eval()
    ruler = JudgeRuler(judge, real)
    torch.testing.assert_close(ruler.distances(to_floats(real[:5])), torch.zeros(5), atol=2e-3, rtol=0)


# What there is


@pytest.mark.parametrize("radius", [LIKELY, FAR])
def test_places_are_all_over_the_disc_and_nowhere_else(radius: float) -> None:
    places = places_within(radius, 2)
    assert np.linalg.norm(places, axis=1).max() <= radius
    assert len(places) == pytest.approx(math.pi / 4 * SURVEY_SIDE**2, rel=0.01)
    assert places_within(radius, 1).shape == (SURVEY_SIDE, 1)


def test_a_single_place_as_steep_as_it_may_be_changes_no_range(monkeypatch: pytest.MonkeyPatch) -> None:
    def field(height: float) -> Field:
        def take(_: GapMap, codes: torch.Tensor) -> torch.Tensor:
            values = codes.norm(dim=1)
            return values.where((codes - peak).norm(dim=1) > FAR / SURVEY_SIDE, height)

        return FIELDS["speed"]._replace(take=take)

    gaps, peak = GapMap(linear_model(), codes_at(prior(100))), torch.tensor([1.05, 0.45])
    ranges = []
    for height in (1, 1e6):
        monkeypatch.setitem(FIELDS, "speed", field(height))
        survey = gaps.survey("speed")
        ranges.append((survey.low, survey.high))
    assert ranges[0] == pytest.approx(ranges[1], rel=0.01)
    assert survey.worst_value == 1e6
    assert np.linalg.norm(np.array(survey.worst) - peak.numpy()) < FAR / SURVEY_SIDE


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_says_in_its_docstring_what_it_is(name: str) -> None:
    assert FIELDS[name].take.__name__ == name
    assert len(FIELDS[name].take.__doc__) > 60


@pytest.mark.parametrize(
    "name, fields",
    [
        ("mnist-vae-2d", tuple(FIELDS)),
        ("moons-phase-ae-1d", ("density_ratio", "round_trip", "speed", "distance")),
        ("mnist-vae-10d", ()),
    ],
)
def test_a_run_has_the_fields_that_its_code_and_its_data_allow(name: str, fields: tuple[str, ...]) -> None:
    assert fields_of(Run.open(SHIPPED / name)) == fields


@pytest.mark.parametrize(
    "data, kind",
    [
        (DataConfig(name="mnist"), "judge"),
        (DataConfig(name="digits"), "pixels"),
        (DataConfig(name="moons-phase"), "moon"),
        (DataConfig(name="moons"), "pixels"),
        (DataConfig(name="moons", moons=MoonsConfig(tilt=(90, 90), radius=(9, 9), offset=(0, 0))), "moon"),
    ],
)
def test_the_distance_is_measured_as_on_a_path_and_by_pixels_where_that_takes_long(data: DataConfig, kind: str) -> None:
    assert ruler_kind(data) == kind


def test_the_fields_are_named_without_torch() -> None:
    script = "import sys, vae_core.measures.gap_map; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "False\n"
