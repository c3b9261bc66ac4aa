"""The moons against closed forms: areas, the terminator, symmetries, and the factors they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from vae_core.configs import PHASE_ONLY, MoonsConfig, Phases
from vae_core.moons import drawing


def factors(phase: float, tilt: float = 0.0, radius: float = 10.0, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    return np.array([[phase, tilt, radius, x, y]])


def moon(size: int = 28, earthshine: float = 0.0, **of: float) -> np.ndarray:
    return drawing.draw(factors(**of), size, earthshine)[0]


@pytest.mark.parametrize("size, radius", [(28, (8.0, 11.0)), (64, (8.0, 29.0)), (17, (8.0, 8.0))])
def test_lit_fraction_is_the_phase(size: int, radius: tuple[float, float]) -> None:
    room = size / 2 - radius[1]
    settings = MoonsConfig(size=size, radius=radius, offset=(-room, room))
    drawn = drawing.sample_factors(600, "all", settings, np.random.default_rng(0))
    drawn[:200, 1] = 45 * np.arange(200)  # edges along the pixels, where sampling is at its worst
    drawn[:300:3, 0] = 0.5
    drawn[1:300:3, 0] = 1
    lit = drawing.draw(drawn, size, earthshine=0).sum(axis=(1, 2), dtype=np.float64)
    assert np.abs(lit / (np.pi * drawn[:, 2] ** 2) - drawn[:, 0]).max() < 0.005


@pytest.mark.parametrize("phase", [0.02, 0.2, 0.5, 0.71, 0.97])
def test_terminator_is_half_an_ellipse(phase: float) -> None:
    """In every row the lit part is as long as from (1 - 2p)·s to s, s half the disc's width at that height."""
    height = np.arange(28) + 0.5 - 14
    half_width = np.sqrt(np.maximum(100 - height**2, 0))
    rows = moon(phase=phase).sum(axis=1)
    inner = np.abs(height) < 9  # where the disc's edge isn't too flat for a row's middle to stand for the row
    np.testing.assert_allclose(rows[inner], 2 * phase * half_width[inner], atol=0.12)
    lit_from = 14 + (1 - 2 * phase) * 10  # along the lit axis, the two rows next to the centre
    covered = np.clip(np.arange(1, 29) - lit_from, 0, 1) * (np.arange(28) < 24)
    np.testing.assert_allclose(moon(phase=phase)[14], covered, atol=0.03)


@pytest.mark.parametrize("tilt, lit", [(0, np.s_[:, 14:]), (90, np.s_[:14]), (180, np.s_[:, :14]), (270, np.s_[14:])])
def test_half_moon_is_bright_on_the_side_that_tilt_says(tilt: float, lit: tuple) -> None:
    image = moon(phase=0.5, tilt=tilt)
    assert image[lit].sum() == pytest.approx(np.pi * 50, rel=0.005)
    assert image.sum() == pytest.approx(image[lit].sum(), abs=1e-3)


def test_half_moon_and_its_mirror_image_make_a_full_moon() -> None:
    half = moon(phase=0.5)
    np.testing.assert_allclose(half, half[::-1], atol=1e-6)
    np.testing.assert_allclose(half + half[:, ::-1], moon(phase=1), atol=1e-6)


def test_phase_and_the_opposite_phase_make_a_full_moon() -> None:
    np.testing.assert_allclose(moon(phase=0.3, tilt=25) + moon(phase=0.7, tilt=205), moon(phase=1, tilt=25), atol=1e-5)


@pytest.mark.parametrize("tilt", [0, 33, 90, 211.5])
def test_half_a_turn_of_tilt_turns_the_picture(tilt: float) -> None:
    image = moon(phase=0.3, tilt=tilt, x=1.25, y=-0.5, earthshine=0.1)
    turned = moon(phase=0.3, tilt=tilt + 180, x=-1.25, y=0.5, earthshine=0.1)
    np.testing.assert_allclose(turned, image[::-1, ::-1], atol=1e-4)


def test_place_is_to_the_right_and_down() -> None:
    np.testing.assert_allclose(moon(phase=0.4, x=2, y=-1), np.roll(moon(phase=0.4), (-1, 2), axis=(0, 1)), atol=1e-5)


def test_new_moon_shows_the_disc_by_its_earthshine_alone() -> None:
    assert moon(phase=0).max() == 0
    shine = moon(phase=0, earthshine=0.2)
    np.testing.assert_allclose(shine, 0.2 * moon(phase=1), atol=1e-6)
    assert shine[14, 14] == pytest.approx(0.2) and shine[0, 0] == 0


def test_edges_are_smooth_and_values_are_shares() -> None:
    images = drawing.draw(drawing.sample_factors(50, "all", MoonsConfig(), np.random.default_rng(1)), 28, 0.12)
    assert images.dtype == np.float32 and images.min() == 0 and images.max() <= 1
    nearly = moon(phase=0.5) - moon(phase=0.501)
    assert 0 < np.abs(nearly).max() < 0.03  # a small step in the phase is a small step in every pixel


def test_blocks_do_not_show() -> None:
    drawn = drawing.sample_factors(40, "all", MoonsConfig(), np.random.default_rng(2))
    one_by_one = np.concatenate([drawing.draw(row[None], 28, 0.1) for row in drawn])
    np.testing.assert_array_equal(drawing.draw(drawn, 28, 0.1), one_by_one)
    assert drawing.draw(drawn[:0], 28, 0.1).shape == (0, 28, 28)


def test_classes_have_the_edges_that_the_phase_ranges_have() -> None:
    phases = np.array([0, 0.05, 0.051, 0.349, 0.35, 0.5, 0.65, 0.651, 0.949, 0.95, 1])
    names = [drawing.PHASE_NAMES[index] for index in drawing.phase_class(phases)]
    assert names == ["new"] * 2 + ["crescent"] * 2 + ["half"] * 3 + ["gibbous"] * 2 + ["full"] * 2


@pytest.mark.parametrize(
    "phases, classes",
    [("all", {0, 1, 2, 3, 4}), ("all-but-half", {0, 1, 3, 4}), ("new-and-full", {0, 4}), ("two-images", {0, 4})],
)
def test_phases_are_uniform_over_the_allowed_set(phases: Phases, classes: set[int]) -> None:
    drawn = drawing.sample_factors(20_000, phases, MoonsConfig(), np.random.default_rng(3))[:, 0]
    assert set(drawing.phase_class(drawn)) == classes
    reach = {"all": 0.5, "all-but-half": 0.35, "new-and-full": 0.05, "two-images": 0.0}[phases]
    for end in (drawn[drawn < 0.5], 1 - drawn[drawn >= 0.5]):
        assert len(end) == 10_000
        assert np.abs(np.quantile(end, [0.25, 0.5, 0.75]) - reach * np.array([0.25, 0.5, 0.75])).max() < 0.01


def test_other_factors_are_uniform_over_their_ranges_or_constant() -> None:
    settings = MoonsConfig(tilt=(10, 50), radius=(8, 10), offset=(-3, 1))
    drawn = drawing.sample_factors(20_000, "all", settings, np.random.default_rng(4))
    for column, (low, high) in zip(drawn.T[1:], [(10, 50), (8, 10), (-3, 1), (-3, 1)], strict=True):
        assert low <= column.min() and column.max() <= high
        assert column.mean() == pytest.approx((low + high) / 2, abs=0.02 * (high - low))
        assert column.std() == pytest.approx((high - low) / 12**0.5, rel=0.02)
    constant = drawing.sample_factors(5, "all", PHASE_ONLY, np.random.default_rng(5))[:, 1:]
    np.testing.assert_array_equal(constant, np.tile([0, 10, 0, 0], (5, 1)))


def test_of_all_new_and_full_moons_those_that_are_found_to_be_most_alike_differ_least_in_all_but_the_phase() -> None:
    drawn = drawing.sample_factors(400, "all", MoonsConfig(), np.random.default_rng(3))
    new, full = np.flatnonzero(drawn[:, 0] <= 0.05), np.flatnonzero(drawn[:, 0] >= 0.95)

    def apart(one: int, other: int) -> float:
        """Of two moons in pixels: the place, the size, and the chord from limb to limb."""
        (_, tilt, radius, *place), (_, other_tilt, other_radius, *other_place) = drawn[one], drawn[other]
        chord = 2 * np.sin(np.radians(tilt - other_tilt) / 2) * np.sqrt(radius * other_radius)
        return float(np.hypot(np.hypot(*np.subtract(place, other_place)), np.hypot(radius - other_radius, chord)))

    found = drawing.most_alike(drawn, new, full)
    assert found[0] in new and found[1] in full
    assert apart(*found) == pytest.approx(min(apart(one, other) for one in new for other in full))


def test_a_tilt_of_nearly_a_whole_turn_is_nearly_none() -> None:
    drawn = np.concatenate([factors(0, 359), factors(1, 340), factors(1, 2), factors(1, 180)])
    assert drawing.most_alike(drawn, np.array([0]), np.array([1, 2, 3])) == (0, 2)
