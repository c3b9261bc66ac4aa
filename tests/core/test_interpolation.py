"""Paths against closed forms: straight lines, great circles, hills to go round; and what is said of their steps."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from vae_core.codes.geodesic import SEGMENTS, Curve, at_constant_speed, geodesic
from vae_core.codes.jacobian import Decode
from vae_core.codes.paths import cross_dissolve, energy, length, linear, spherical, step_evenness, step_sizes
from vae_core.configs import ModelConfig
from vae_core.models.auto_encoders import build
from vae_core.places import SHIPPED
from vae_core.runs.run import Run

FINE = 10 * SEGMENTS + 1


def sizes_of(decode: Decode, codes: Tensor) -> Tensor:
    return step_sizes(decode(codes).flatten(1))


def to_sphere(codes: Tensor) -> Tensor:
    """Longitude and latitude to the unit sphere, whose shortest paths are known."""
    longitude, latitude = codes.T
    east, north = longitude.cos() * latitude.cos(), longitude.sin() * latitude.cos()
    return torch.stack([east, north, latitude.sin()], dim=1)


def over_a_hill(codes: Tensor) -> Tensor:
    """A plain with a steep hill in its middle, 2 high."""
    return torch.cat([codes, 2 * (-(codes / 0.3).square().sum(1, keepdim=True)).exp()], dim=1)


def overflowing(codes: Tensor) -> Tensor:
    """Finite as float32 up to 0.44 in either dimension."""
    return (200 * codes).exp()


def random_decoder(latent_dim: int) -> Decode:
    """A network with random weights, of which the first are large, so that its images lie on a much curved surface."""
    model = build(ModelConfig(kind="ae", latent_dim=latent_dim), seed=3).eval()
    return lambda codes: model.decode(200 * codes)


def test_linear_takes_even_steps_from_end_to_end() -> None:
    start, end = torch.tensor([0.0, 2.0]), torch.tensor([1.0, -2.0])
    torch.testing.assert_close(linear(start, end, 5), torch.tensor([[0, 2], [0.25, 1], [0.5, 0], [0.75, -1], [1, -2]]))


@pytest.mark.parametrize("path", [linear, spherical])
def test_a_path_needs_two_ends_of_one_shape_and_two_points(path) -> None:
    with pytest.raises(ValueError, match="two"):
        path(torch.zeros(2), torch.ones(2), 1)
    with pytest.raises(ValueError, match="one shape"):
        path(torch.zeros(2), torch.ones(3), 4)


@pytest.mark.parametrize("latent_dim", [2, 3, 64])
def test_spherical_keeps_the_norm_and_turns_at_a_constant_rate(latent_dim: int) -> None:
    start, end = torch.randn(2, latent_dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    end = end * start.norm() / end.norm()
    path = spherical(start, end, 9)
    torch.testing.assert_close(path.norm(dim=1), start.norm().expand(9))
    angles = [math.acos(torch.cosine_similarity(a, b, dim=0)) for a, b in pairwise(path)]
    whole = math.acos(torch.cosine_similarity(start, end, dim=0))
    assert angles == pytest.approx([whole / 8] * 8)
    torch.testing.assert_close(path[[0, -1]], torch.stack([start, end]))


def test_spherical_is_the_slerp_of_its_source_between_codes_of_one_norm() -> None:
    start, end = torch.tensor([3.0, 0, 0]), torch.tensor([1.0, 2, 2])
    angle = math.acos(1 / 3)
    shares = torch.linspace(0, 1, 7)[:, None]
    expected = (((1 - shares) * angle).sin() * start + (shares * angle).sin() * end) / math.sin(angle)
    torch.testing.assert_close(spherical(start, end, 7), expected)


def test_spherical_changes_the_norm_evenly() -> None:
    path = spherical(torch.tensor([1.0, 0]), torch.tensor([0, 3.0]), 5)
    torch.testing.assert_close(path.norm(dim=1), torch.tensor([1, 1.5, 2, 2.5, 3]))


@pytest.mark.parametrize("end", [[2.0, 4.0], [1.0 + 1e-8, 2.0], [0.0, 0.0]], ids=["parallel", "nearly", "zero"])
def test_spherical_is_straight_where_no_angle_is_defined(end: list[float]) -> None:
    start, end = torch.tensor([1.0, 2.0]), torch.tensor(end)
    torch.testing.assert_close(spherical(start, end, 6), linear(start, end, 6))
    torch.testing.assert_close(spherical(end, start, 6), linear(end, start, 6))
    one, other = torch.tensor([-1.0]), torch.tensor([2.0])  # in one dimension there is nothing to turn through
    torch.testing.assert_close(spherical(one, other, 4), linear(one, other, 4))


def test_spherical_between_opposite_codes_goes_half_round_through_the_smallest_dimension() -> None:
    start = torch.tensor([3.0, 0.0, 4.0])
    path = spherical(start, -start, 5)
    torch.testing.assert_close(path.norm(dim=1), torch.full((5,), 5.0))
    torch.testing.assert_close(path[2], torch.tensor([0, 5.0, 0]))
    torch.testing.assert_close(path[[0, -1]], torch.stack([start, -start]))


def test_cross_dissolve_blends_pixels() -> None:
    new, full = torch.zeros(1, 4, 4), torch.ones(1, 4, 4)
    images = cross_dissolve(new, full, 5)
    assert images.shape == (5, 1, 4, 4)
    torch.testing.assert_close(images[:, 0, 2, 1], torch.tensor([0, 0.25, 0.5, 0.75, 1]))


def test_length_and_energy_of_a_known_path() -> None:
    sizes = step_sizes(torch.tensor([[0.0, 0], [3, 4], [3, 4], [3, 9]]))
    assert sizes.tolist() == [5, 0, 5]
    assert length(sizes) == 10
    assert energy(sizes) == 3 / 2 * 50  # ½ Σ (s·N)²/N with N = 3 steps in unit time
    assert energy(torch.full((4,), 2.5)) == 10**2 / 2  # constant speed


def test_step_evenness_is_one_of_even_steps_and_least_of_one_jump() -> None:
    jump = torch.tensor([0.0, 0, 7, 0, 0])
    assert step_evenness(torch.full((5,), 0.3)) == 1
    assert step_evenness(jump) == pytest.approx(1 / 5)
    assert step_evenness(torch.tensor([1.0, 3.0])) == pytest.approx(1 / (2 * 3 / 4))  # as defined: 1/((N−1)·max/sum)
    assert step_evenness(torch.zeros(5)).isnan()
    torch.testing.assert_close(step_evenness(torch.stack([jump, jump + 1])), torch.tensor([0.2, 12 / 40]).double())


def test_constant_speed_undoes_any_uneven_passing() -> None:
    def decode(codes: Tensor) -> Tensor:
        return codes.exp()  # on [0, 2] its speed goes from 1 to e²

    curve = at_constant_speed(decode, linear(torch.zeros(1), torch.tensor([2.0]), 65))
    expected = (1 + torch.linspace(0, 1, 9) * (math.e**2 - 1)).log()
    torch.testing.assert_close(curve.points(9)[:, 0], expected, atol=1e-4, rtol=0)
    assert curve.length == pytest.approx(math.e**2 - 1, rel=1e-5)


def test_a_curve_has_its_ends_even_where_the_image_stands_still() -> None:
    def decode(codes: Tensor) -> Tensor:
        return codes.clamp(1, 2)  # nothing moves near either end

    curve = at_constant_speed(decode, linear(torch.zeros(1), torch.tensor([3.0]), 31))
    path = curve.points(5)[:, 0]
    torch.testing.assert_close(path[[0, -1]], torch.tensor([0.0, 3.0]))
    torch.testing.assert_close(path[1:4], torch.tensor([1.25, 1.5, 1.75]), atol=1e-3, rtol=0)


def test_a_curve_is_passed_evenly_where_the_image_never_changes() -> None:
    start, end = torch.tensor([0.0, 1.0]), torch.tensor([2.0, 1.0])
    curve = geodesic(torch.zeros_like, start, end)
    assert curve.length == 0
    torch.testing.assert_close(curve.points(5), linear(start, end, 5))
    torch.testing.assert_close(geodesic(to_sphere, start, start).points(3), start.expand(3, 2))


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_geodesic_of_a_linear_decoder_is_the_straight_line(latent_dim: int) -> None:
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(latent_dim, 30, generator=generator, dtype=torch.float64)
    start, end = torch.randn(2, latent_dim, generator=generator, dtype=torch.float64)
    curve = geodesic(lambda codes: codes @ weight, start, end)
    torch.testing.assert_close(curve.points(17), linear(start, end, 17), atol=1e-6, rtol=0)
    assert curve.length == pytest.approx(float(((end - start) @ weight).norm()))


@pytest.mark.parametrize("start, end", [((-1, 1), (1, 1)), ((0, -0.5), (2.5, 1.2)), ((0, 0), (2, 0))])
def test_geodesic_on_a_sphere_is_the_great_circle(start: tuple, end: tuple) -> None:
    start, end = torch.tensor(start, dtype=torch.float64), torch.tensor(end, dtype=torch.float64)
    first, last = to_sphere(torch.stack([start, end]))
    angle = torch.acos(first @ last)
    curve = geodesic(to_sphere, start, end)
    assert curve.length == pytest.approx(float(angle), rel=0.001)
    circle = spherical(first, last, 9)  # at constant speed, as the curve should be
    torch.testing.assert_close(to_sphere(curve.points(9)), circle, atol=0.01, rtol=0)


@pytest.mark.parametrize("off", [0.0, 0.05])
def test_geodesic_goes_round_a_hill(off: float) -> None:
    """The straight line over the top balances: it is no minimum, but steps downhill along it don't leave it."""
    start, end = torch.tensor([-1.0, off]), torch.tensor([1.0, off])
    straight = float(length(sizes_of(over_a_hill, linear(start, end, FINE))))
    curve = geodesic(over_a_hill, start, end)
    assert straight > 4 and curve.length < 0.6 * straight
    assert curve.points(FINE).norm(dim=1).min() > 0.3


def assert_shortest_and_even(decode: Decode, start: Tensor, end: Tensor, curve: Curve) -> None:
    """What is asked of a geodesic, on a sampling ten times finer than the one that was relaxed."""
    with torch.no_grad():
        sizes, straight = sizes_of(decode, curve.points(FINE)), sizes_of(decode, linear(start, end, FINE))
    assert float(length(sizes)) <= float(length(straight))
    assert float(energy(sizes) / (length(sizes) ** 2 / 2)) == pytest.approx(1, abs=0.01)
    torch.testing.assert_close(curve.points(2), torch.stack([start, end]))
    assert float(length(sizes)) == pytest.approx(curve.length, rel=1e-3)


@pytest.mark.parametrize("latent_dim", [2, 5])
def test_geodesic_of_a_random_network_is_no_longer_than_the_line_and_of_constant_speed(latent_dim: int) -> None:
    decode = random_decoder(latent_dim)
    start, end = torch.randn(2, latent_dim, generator=torch.Generator().manual_seed(2))
    curve = geodesic(decode, start, end)
    assert_shortest_and_even(decode, start, end, curve)
    straight = at_constant_speed(decode, linear(start, end, SEGMENTS + 1))
    assert curve.length < 0.95 * straight.length


@pytest.mark.parametrize(
    "name, pairs",
    [("mnist-vae-2d", 2), ("mnist-ae-2d", 2), ("mnist-vae-10d", 1), ("fashion-vae-2d", 1), ("moons-vae-2d", 1)],
)
def test_geodesic_of_a_shipped_run_is_no_longer_than_the_line_and_of_constant_speed(name: str, pairs: int) -> None:
    run = Run.open(SHIPPED / name)
    model, codes = run.load_model(), torch.from_numpy(run.codes.mu)
    for start, end in codes[[0, 7, 40, 3]].unflatten(0, (2, 2))[:pairs]:
        assert_shortest_and_even(model.decode, start, end, geodesic(model.decode, start, end))


def test_geodesic_is_the_same_every_time() -> None:
    decode = random_decoder(2)
    first, second = (geodesic(decode, torch.tensor([-1.0, 0.3]), torch.tensor([0.8, 1.0])) for _ in range(2))
    assert torch.equal(first.codes, second.codes) and torch.equal(first.times, second.times)
    assert not first.codes.requires_grad


def test_geodesic_leaves_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        inside = []
        geodesic(lambda codes: inside.append(torch.get_num_threads()) or codes, torch.zeros(2), torch.ones(2))
        assert (set(inside), torch.get_num_threads()) == ({1}, 2)
    finally:
        torch.set_num_threads(before)


def test_geodesic_is_the_same_in_inference_mode() -> None:
    decode, start, end = random_decoder(2), torch.tensor([-1.0, 0.3]), torch.tensor([0.8, 1.0])
    with torch.inference_mode():
        inside = geodesic(decode, start, end)
    assert torch.equal(inside.codes, geodesic(decode, start, end).codes)


@pytest.mark.parametrize("end, ends_well", [(0.4, True), (1.0, False)])
def test_a_decoder_that_overflows_has_a_way_all_the_same(end: float, ends_well: bool) -> None:
    first, last = torch.tensor([-0.3, 0.0]), torch.tensor([end, end])
    curve = geodesic(overflowing, first, last)
    assert math.isfinite(curve.length) == ends_well
    points = curve.points(9)
    assert points.isfinite().all()
    torch.testing.assert_close(points[[0, -1]], torch.stack([first, last]), atol=1e-6, rtol=0)
    if not ends_well:
        torch.testing.assert_close(points, linear(first, last, 9), atol=1e-5, rtol=0)
