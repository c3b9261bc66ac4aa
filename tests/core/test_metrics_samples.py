"""What a decoder makes of the prior: known answers for linear models, and for judges that say what they are told."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from tests.core.subjects import grey, linear_model, random_images, small_model, subject
from vae_core.measures import judge
from vae_core.measures.representation import active_units
from vae_core.measures.samples import (
    decoder_speed_ratio,
    decoder_speeds,
    round_trip_error,
    sample_credibility,
    sharpness_error,
)
from vae_core.models.auto_encoders import AutoEncoder

LINEAR = {"output": "identity", "reconstruction": "mse"}


def code_in_pixels(kind: str = "vae", scale: float = 1.0, log_var: float = 0.0, back: float = 1.0) -> AutoEncoder:
    """A model that draws its code, over `scale`, in the first two pixels, and reads it off again, times `back`."""
    model = linear_model(kind, **LINEAR)
    with torch.no_grad():
        model.decoder[0].weight[:2] = torch.eye(2) / scale
        model.encoder[-1].weight[:2, :2] = back * scale * torch.eye(2)
        model.encoder[-1].bias[2:] = log_var
    return model


def drawing(*images: Tensor) -> AutoEncoder:
    """A model that draws the same image (C, H, W) whatever the code."""
    model = linear_model("ae", **LINEAR, image_shape=tuple(images[0].shape))
    with torch.no_grad():
        model.decoder[0].bias.copy_(images[0].flatten())
    return model


# Round trips


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_an_encoder_that_reads_off_what_was_drawn_has_no_round_trip_error(kind):
    result = round_trip_error(subject(code_in_pixels(kind, scale=50), random_images(300)))
    assert result.value == pytest.approx(0, abs=1e-4)
    assert (result.n, result.split) == (10_000, "prior samples")


def test_an_encoder_that_doubles_codes_errs_by_the_median_distance_of_the_prior():
    result = round_trip_error(subject(code_in_pixels(back=2), random_images(300)))
    assert result.value == pytest.approx(math.sqrt(2 * math.log(2)), abs=0.02)  # Rayleigh's
    assert result.interval[0] < math.sqrt(2 * math.log(2)) < result.interval[1]


@pytest.mark.parametrize("scale", [50, 0.1])
def test_the_round_trip_error_of_an_ae_is_in_standard_coordinates_whatever_the_scale_of_its_codes(scale):
    """What is drawn is off by a known shift, in pixels; that of codes from 0 to 0.4 has a deviation of 0.2."""
    images = torch.zeros(40, 1, 2, 2, dtype=torch.uint8)
    images[:, 0, 0] = 102 * torch.cartesian_prod(torch.arange(2), torch.arange(2)).repeat(10, 1).to(torch.uint8)
    model = code_in_pixels("ae", scale=scale)
    shift = torch.tensor([0.3, -0.2])
    with torch.no_grad():
        model.decoder[0].bias[:2] = shift
    result = round_trip_error(subject(model, images))
    assert result.value == pytest.approx(shift.norm().item() / 0.2, rel=1e-3)


def test_the_round_trip_error_of_a_vae_stands_beside_its_sigma_and_an_ae_has_none():
    images = random_images(300)
    vae, ae = (
        round_trip_error(subject(code_in_pixels(kind, log_var=math.log(0.09)), images)) for kind in ("vae", "ae")
    )
    assert vae.beside["median_sigma"] == pytest.approx(0.3, rel=1e-4)
    assert ae.beside is None


def test_a_collapsed_model_finds_no_code_again():
    result = round_trip_error(subject(linear_model(), random_images(300)))
    assert result.value == pytest.approx(math.sqrt(2 * math.log(2)), abs=0.02)


# Speed


@pytest.mark.parametrize("kind", ["vae", "ae"])
@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_speeds_are_the_norms_of_the_jacobian_in_standard_coordinates(kind, network):
    model = small_model(kind, latent_dim=3)
    if network == "conv":
        conv = {"network": "conv", "widths": (3, 4), "activation": "elu"}
        model = small_model(kind, latent_dim=3, decoder=conv)
    data = subject(model, random_images(200))
    codes = data.prior_codes[:5]

    def decoded(code: Tensor) -> Tensor:
        return model.decode(data.unstandardise(code[None]))[0]

    jacobians = [torch.autograd.functional.jacobian(decoded, code) for code in codes]
    expected = torch.stack([jacobian.norm() for jacobian in jacobians])
    torch.testing.assert_close(decoder_speeds(data, codes).float(), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_a_linear_decoder_is_equally_fast_everywhere(kind):
    result = decoder_speed_ratio(subject(code_in_pixels(kind, scale=7), random_images(300)))
    assert result.value == pytest.approx(1, abs=1e-4)
    assert result.n == 2_000


def test_a_collapsed_model_is_perfectly_smooth_but_has_no_active_unit():
    model = code_in_pixels(back=0)
    data = subject(model, random_images(300))
    assert decoder_speed_ratio(data).value == pytest.approx(1, abs=1e-4)
    assert active_units(data).value == 0


def test_a_decoder_that_jumps_has_a_larger_ratio_than_a_smooth_one():
    def of_slope(slope: float) -> float:
        model = linear_model()
        with torch.no_grad():
            model.decoder[0].weight.fill_(slope)  # before a sigmoid
        return decoder_speed_ratio(subject(model, random_images(50))).value

    assert of_slope(20) > 10 * of_slope(0.1) > 10


def test_where_nothing_moves_there_is_no_ratio_and_a_reason():
    result = decoder_speed_ratio(subject(linear_model(), random_images(50)))
    assert result.value is None and "nothing moves" in result.reason
    assert result.unit == "ratio"


def test_measuring_speeds_leaves_the_model_as_it_was():
    model = small_model().train()
    decoder_speed_ratio(subject(model, random_images(50)))
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


# Sharpness


def test_a_model_that_draws_the_real_image_has_no_sharpness_error():
    image = random_images(1)
    result = sharpness_error(subject(drawing(image[0] / 255), image.expand(20, -1, -1, -1).contiguous()))
    assert result.value == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("contrast", [0.5, 2.0])
def test_blur_and_noise_are_errors_alike_and_the_logarithm_tells_them_apart(contrast):
    image = random_images(1)
    result = sharpness_error(subject(drawing(contrast * image[0] / 255), image.expand(20, -1, -1, -1).contiguous()))
    assert result.value == pytest.approx(math.log(4), abs=1e-5)
    assert result.beside["log_ratio"] == pytest.approx(2 * math.log(contrast), abs=1e-5)


def test_a_flat_image_has_a_finite_error_worse_than_any_blur():
    image = random_images(1)
    result = sharpness_error(subject(drawing(torch.zeros(1, 2, 2)), image.expand(20, -1, -1, -1).contiguous()))
    assert 10 < result.value < 50


# The judge


def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two classes; the first pixel is the probability of the first."""

    def probabilities(images: Tensor) -> Tensor:
        first = images[:, 0, 0, 0].clamp(0, 1)
        return torch.stack([first, 1 - first], dim=1)

    monkeypatch.setattr(judge, "exists", lambda name: True)
    monkeypatch.setattr(judge, "load", lambda name: SimpleNamespace(probabilities=probabilities))


def test_credibility_is_the_mean_top_probability_beside_that_of_real_images(monkeypatch):
    told(monkeypatch)
    result = sample_credibility(subject(drawing(torch.full((1, 2, 2), 0.8)), grey(*[51, 255] * 20)))
    assert result.value == pytest.approx(0.8, abs=1e-5)
    assert result.beside["real_images"] == pytest.approx((0.8 + 1) / 2, abs=1e-5)
    assert result.beside["label_entropy"] == 0
    assert (result.n, result.split) == (10_000, "prior samples")


def test_a_model_that_draws_both_classes_has_the_entropy_of_a_coin(monkeypatch):
    told(monkeypatch)
    model = linear_model()
    with torch.no_grad():
        model.decoder[0].weight[0, 0] = 100  # left of the plane black, right of it white
    result = sample_credibility(subject(model, grey(0, 255)))
    assert result.beside["label_entropy"] == pytest.approx(math.log(2), abs=1e-3)
    assert result.value > 0.97


def test_unsure_samples_are_less_credible_than_clear_ones(monkeypatch):
    told(monkeypatch)
    grey_model, white = (drawing(torch.full((1, 2, 2), level)) for level in (0.55, 0.95))
    values = [sample_credibility(subject(model, grey(0, 255))).value for model in (grey_model, white)]
    assert values == pytest.approx([0.55, 0.95], abs=1e-5)


def test_a_data_set_without_a_judge_says_so():
    data = subject(linear_model(), random_images(20))
    from vae_core.measures.catalogue import MEASURES

    assert "no judge" in MEASURES["sample_credibility"].why_not(data, False)
