"""What lies on a path: moons whose half way is known, and features that a stand-in for a judge reads off."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.core.subjects import grey, image_set, linear_model, random_images, small_model, subject
from vae_core.configs import PHASE_ONLY, DataConfig, ModelConfig
from vae_core.measures import evaluation, judge, rulers
from vae_core.measures.paths import path_distance, step_evenness
from vae_core.measures.subject import PATH_IMAGES, PATHS
from vae_core.measures.walks import measure_walk, real_level
from vae_core.models.auto_encoders import Posterior
from vae_core.moons import drawing, fitting

STEPS = PATH_IMAGES - 1


def true_moons(phases: Tensor) -> Tensor:
    """Moons of phases (N,), floats (N, 1, H, W)."""
    factors = np.zeros((len(phases), 5))
    factors[:, 0], factors[:, 2] = phases.clamp(0, 1), PHASE_ONLY.radius[0]
    return torch.from_numpy(drawing.draw(factors, PHASE_ONLY.size, PHASE_ONLY.earthshine))[:, None]


def dissolves(phases: Tensor) -> Tensor:
    """The new moon faded into the full one: what a decoder draws that knows of no half moon."""
    new, full = true_moons(torch.tensor([0.0, 1.0]))
    return new + phases[:, None, None, None] * (full - new)


def jumps(phases: Tensor) -> Tensor:
    """The new moon, and suddenly the full one."""
    return true_moons((phases > 0.5).double())


class PhaseModel(nn.Module):
    """The code is the phase; what is decoded from it is up to `draw`."""

    has_posterior = False

    def __init__(self, draw: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.draw = draw
        self.config = ModelConfig(kind="ae", latent_dim=1)
        self.weight = nn.Parameter(torch.zeros(()))

    def encode(self, images: Tensor) -> Posterior:
        return Posterior(fitting.fit_phase(images).phases[:, None].float(), None)

    def decode(self, codes: Tensor) -> Tensor:
        return self.draw(codes[:, 0])


def on_moons(draw: Callable[[Tensor], Tensor], name: str = "moons-phase") -> evaluation.Subject:
    """A model of 200 moons, in which no more than the phase varies, whatever may vary in the data set of that name."""
    phases = torch.rand(200, generator=torch.Generator().manual_seed(0))
    images = (255 * true_moons(phases)).round().to(torch.uint8)
    return evaluation.Subject(PhaseModel(draw), image_set(images, name=name))


def test_a_model_that_draws_true_moons_takes_even_steps_and_stays_among_them():
    data = on_moons(true_moons)
    evenness, distance = step_evenness(data), path_distance(data)
    assert evenness.value > 0.97 and (evenness.n, evenness.split) == (100, "test pairs")
    assert distance.value == pytest.approx(0, abs=0.02)


def test_a_dissolve_lies_far_from_every_true_moon():
    assert path_distance(on_moons(dissolves)).value > 1
    assert "L2" in path_distance(on_moons(dissolves)).note


def test_where_all_factors_may_vary_fewer_paths_tell_true_moons_from_a_dissolve(monkeypatch):
    monkeypatch.setattr(rulers, "MAX_FREE", 10)
    monkeypatch.setattr("vae_core.measures.subject.PATH_IMAGES", 6)
    data, blends = on_moons(true_moons, "moons"), on_moons(dissolves, "moons")
    evenness, distance = step_evenness(data), path_distance(data)
    assert evenness.value > 0.97 and (evenness.n, distance.n) == (10, 10)
    assert distance.value == pytest.approx(0, abs=0.05)
    assert path_distance(blends).value > 1


def test_a_jump_is_the_least_even_path_and_paths_on_which_nothing_moves_are_left_out():
    result = step_evenness(on_moons(jumps))
    assert result.value == pytest.approx(1 / STEPS, abs=1e-6)
    assert result.n < 100


def test_where_nothing_moves_on_any_path_there_is_no_evenness_and_a_reason():
    result = step_evenness(on_moons(lambda phases: true_moons(0 * phases)))
    assert result.value is None and "Nothing moves" in result.reason


def test_paths_are_straight_in_standard_coordinates_from_one_test_image_to_another():
    model = small_model("ae", latent_dim=3)
    data = subject(model, random_images(2 * PATHS + 1))
    images = data.path_images
    assert images.shape == (PATHS, PATH_IMAGES, 1, 2, 2)
    ends = data.per_image(model.decode, data.test_posterior.mu).flatten(1)
    for end in (images[:, 0], images[:, -1]):
        assert torch.cdist(end.flatten(1), ends).amin(1).max() < 1e-3
    assert len(images[:, 0].flatten(1).unique(dim=0)) > 0.9 * PATHS


# The rulers


def pixels_judge(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A judge whose features are the pixels."""
    told = SimpleNamespace(features=lambda images: images.flatten(1))
    monkeypatch.setattr(judge, "exists", lambda name: True)
    monkeypatch.setattr(judge, "load", lambda name: told)
    return told


def test_a_linear_decoder_takes_even_steps_in_pixels(monkeypatch):
    pixels_judge(monkeypatch)
    model = linear_model("ae", output="identity", reconstruction="mse")
    with torch.no_grad():
        model.encoder[-1].weight[:, :2] = torch.eye(2)
        model.decoder[0].weight[:2] = torch.eye(2)
    assert step_evenness(subject(model, random_images(100))).value == pytest.approx(1, abs=1e-4)


def test_a_ruler_reads_off_features_and_distances_at_once(monkeypatch):
    images = true_moons(torch.rand(5, generator=torch.Generator().manual_seed(0)))
    real = (255 * images[:2]).to(torch.uint8)
    settings = DataConfig(name="moons").moons
    moon_rulers = rulers.MoonRuler(PHASE_ONLY), rulers.MoonRuler(settings)
    for ruler in (rulers.JudgeRuler(pixels_judge(monkeypatch), real), rulers.PixelRuler(real), *moon_rulers):
        torch.testing.assert_close(ruler.read(images), (ruler.features(images), ruler.distances(images)))


def test_distances_are_those_of_the_nearest_of_the_first_training_images(monkeypatch):
    monkeypatch.setattr(rulers, "REAL_COUNT", 30)
    training, images = random_images(50), random_images(700, seed=1) / 255
    ruler = rulers.JudgeRuler(pixels_judge(monkeypatch), training)
    expected = (images[:, None] - training[None, :30] / 255).flatten(2).norm(dim=2).amin(1)
    torch.testing.assert_close(ruler.distances(images), expected, atol=1e-3, rtol=0)


def test_a_model_that_draws_training_images_alone_is_no_further_from_them_than_test_images(monkeypatch):
    pixels_judge(monkeypatch)
    training, test = random_images(1), random_images(60, seed=1)
    faithful, stray = (linear_model("ae", output="identity", reconstruction="mse") for _ in range(2))
    with torch.no_grad():
        faithful.decoder[0].bias.copy_(training.flatten() / 255)
        stray.decoder[0].bias.fill_(3)
    near, far = (path_distance(subject(model, test, training)).value for model in (faithful, stray))
    real = (test / 255 - training / 255).flatten(1).norm(dim=1).mean().item()
    assert near == pytest.approx(-real, abs=1e-3)
    assert far > 1


def test_only_judged_data_and_moons_have_a_ruler_and_it_is_slow_where_more_than_the_phase_varies():
    def ruler(name: str, **moon_settings) -> rulers.Ruler | None:
        config = DataConfig(name=name, moons=moon_settings or None)
        return rulers.ruler_of(config, None, random_images(1))

    assert ruler("digits") is None
    assert ruler("moons-phase").most is None
    assert ruler("moons").most == ruler("moons-phase", tilt=(0, 90)).most == rulers.MAX_FREE
    definition = evaluation.MEASURES["path_distance"]
    assert "neither a judge" in definition.why_not(subject(linear_model(), random_images(20)), False)


def test_a_walk_among_true_moons_is_even_and_real_and_a_dissolve_is_told_from_it_whatever_else_varies():
    phases = torch.linspace(0.02, 0.98, 11, dtype=torch.float64)
    for name in ("moons-phase", "moons"):
        ruler = rulers.ruler_of(DataConfig(name=name), None, torch.empty(0))
        level = real_level(ruler, SimpleNamespace(config=DataConfig(name=name)))
        evenness, distance = measure_walk(ruler, true_moons(phases), level)
        assert evenness > 0.95 and distance == pytest.approx(0, abs=0.05)
        assert measure_walk(ruler, dissolves(phases.float()), level).path_distance > 1
        assert measure_walk(ruler, jumps(phases), level).step_evenness < 0.2
        assert math.isnan(measure_walk(ruler, jumps(phases)[:2], level).step_evenness)


def test_the_measures_of_a_walk_are_those_of_its_features_and_without_real_images_it_has_no_distance():
    real = torch.tensor([[0.0], [1], [5]])
    ruler = SimpleNamespace(
        features=lambda images: images.flatten(1),
        read=lambda images: (images.flatten(1), torch.cdist(images.flatten(1), real).amin(1)),
    )
    walk = torch.tensor([0.0, 2, 3, 6]).view(4, 1, 1, 1)
    assert measure_walk(ruler, walk, 0.25) == (pytest.approx(6 / (3 * 3)), pytest.approx((1 + 2) / 2 - 0.25))
    assert measure_walk(ruler, walk, None) == (pytest.approx(6 / (3 * 3)), None)


def test_real_images_are_as_far_from_real_ones_as_held_out_ones_are_from_those_trained_on():
    judge = SimpleNamespace(features=lambda images: images.flatten(1)[:, :1])
    data = image_set(grey(10, 30), training=grey(0, 25), name="mnist")
    ruler = rulers.ruler_of(data.config, judge, data.split("training")[0])
    assert real_level(ruler, data) == pytest.approx((10 + 5) / 2 / 255)
    assert rulers.ruler_of(DataConfig(name="digits"), None, torch.empty(0)) is None
