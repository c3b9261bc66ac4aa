"""Measures with known answers, and the card that holds them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from tests.core.subjects import grey, image_set, linear_model, pixels_as_codes, random_images, small_model, subject
from vae_core.__main__ import main
from vae_core.codes.encoding import compute_codes
from vae_core.configs import ModelConfig, NetworkConfig
from vae_core.data.datasets import to_floats
from vae_core.errors import UserError
from vae_core.measures import evaluation, takers
from vae_core.measures.fit import generalisation_gap, iwae_64, kl, negative_elbo, psnr, reconstruction
from vae_core.measures.fit import reconstruction_at_mean as at_mean
from vae_core.measures.representation import active_units, knn_accuracy, noise_to_signal
from vae_core.measures.subject import SEED
from vae_core.models import losses
from vae_core.models.auto_encoders import build
from vae_core.places import SHIPPED
from vae_core.runs.cards import Card

PIXELS = 4
OF_POSTERIORS = {"reconstruction", "negative_elbo", "iwae_64", "iwae_5000", "exact_nll"}
OF_PRIOR = {"prior_hole_share", "marginal_kl", "mmd2", "round_trip_error", "decoder_speed_ratio", "sharpness_error"}
SAMPLED = OF_POSTERIORS | OF_PRIOR
NEEDS_JUDGE_OR_MOONS = {"sample_credibility", "step_evenness", "path_distance"}
NEEDS_FACTORS = {"mig", "sap", "dci_disentanglement", "dci_completeness", "dci_informativeness"}


# Reconstruction


def test_psnr_of_known_noise_is_the_closed_form():
    model = linear_model("ae", output="identity", reconstruction="mse")
    with torch.no_grad():
        model.decoder[0].bias.fill_(100 / 255)
    result = psnr(subject(model, grey(151, 49, 151)))  # 51/255 = 0.2 off everywhere
    assert result.value == pytest.approx(-10 * math.log10(0.2**2), abs=1e-4)
    assert (result.unit, result.n) == ("dB", 3)


def test_psnr_is_the_mean_of_each_images_own_and_finite_for_a_perfect_one():
    model = linear_model("ae", output="identity", reconstruction="mse")
    result = psnr(subject(model, grey(0, 255)))
    assert result.value == pytest.approx((100 + 0) / 2, abs=1e-4)


def test_reconstruction_of_half_grey_is_log_2_a_pixel_and_never_below_the_floor():
    images = random_images(50)
    data = subject(linear_model(), images)
    for result in (reconstruction(data), at_mean(data)):
        assert result.value == pytest.approx(PIXELS * math.log(2), abs=1e-5)
        assert result.floor == pytest.approx(losses.pixel_entropy(to_floats(images)).item(), abs=1e-5)
        assert result.value > result.floor


def test_generalisation_gap_is_zero_where_the_splits_are_the_same_images():
    data = subject(pixels_as_codes("ae"), random_images(40))
    assert generalisation_gap(data).value == 0


def test_generalisation_gap_is_the_difference_of_the_splits():
    model = linear_model("ae", reconstruction="mse", output="identity")  # always black: the error is the brightness
    result = generalisation_gap(subject(model, grey(*[255] * 20), grey(*[51] * 30)))
    assert result.value == pytest.approx(PIXELS * (1 - 0.2**2), abs=1e-5)
    assert (result.split, result.n) == ("test and training", 50)


def test_what_of_the_gap_is_the_images_own_floor_stands_beside_it_where_there_is_one():
    test, training = grey(*[128] * 20), grey(*[26] * 30)
    for kind in ("ae", "vae"):
        beside = generalisation_gap(subject(linear_model(kind), test, training)).beside
        floors = [losses.pixel_entropy(to_floats(images)).item() for images in (test, training)]
        assert beside == {"floor_difference": pytest.approx(floors[0] - floors[1], abs=1e-5)}
        assert beside["floor_difference"] > 1
    gaussian = linear_model("ae", reconstruction="mse", output="identity")
    assert generalisation_gap(subject(gaussian, test, training)).beside is None


# KL and the bounds


def test_a_posterior_that_is_the_prior_has_no_kl_and_tight_bounds():
    data = subject(linear_model(), random_images(30))
    assert kl(data).value == pytest.approx(0, abs=1e-6)
    assert negative_elbo(data).value == pytest.approx(PIXELS * math.log(2), abs=1e-5)
    assert iwae_64(data).value == pytest.approx(PIXELS * math.log(2), abs=1e-5)


@pytest.mark.parametrize("reconstruction_loss", ["bce", "mse"])
def test_negative_elbo_is_reconstruction_and_kl_on_the_same_draws_and_the_constant(reconstruction_loss):
    network = NetworkConfig(widths=(5,))
    config = ModelConfig(encoder=network, decoder=network, image_shape=(1, 2, 2), reconstruction=reconstruction_loss)
    data = subject(build(config), random_images(30))
    constant = data.model.observation.constant(PIXELS)
    assert negative_elbo(data).value == pytest.approx(reconstruction(data).value + kl(data).value + constant, abs=1e-5)


def test_reconstruction_is_the_mean_of_ten_passes_of_the_models_own_loss():
    network = NetworkConfig(widths=(5,))
    model, images = build(ModelConfig(encoder=network, decoder=network, image_shape=(1, 2, 2))), random_images(40)
    generator = torch.Generator().manual_seed(SEED)
    passes = [model.loss(to_floats(images), {"beta": 1.0}, generator) for _ in range(10)]
    expected = torch.stack([terms["reconstruction"] for terms in passes]).mean().item()
    assert reconstruction(subject(model, images)).value == pytest.approx(expected, abs=1e-5)


# Codes


def test_a_collapsed_model_has_no_active_unit_and_a_finite_noise_to_signal():
    data = subject(linear_model(), random_images(50))
    assert active_units(data).value == 0
    assert all(math.isfinite(ratio) and ratio > 1e6 for ratio in noise_to_signal(data).value)


def test_a_unit_is_active_where_its_mean_varies():
    model = pixels_as_codes(scale=2)
    with torch.no_grad():
        model.encoder[-1].weight[1] *= 0.01
    assert active_units(subject(model, random_images(200))).value == 1


def test_noise_to_signal_is_the_ratio_of_variances_in_each_dimension():
    images = random_images(200)
    model = pixels_as_codes(scale=3, log_var=math.log(0.04))
    variances = 9 * to_floats(images).flatten(1)[:, :2].var(0, correction=0)
    ratio = noise_to_signal(subject(model, images)).value
    assert ratio == pytest.approx((0.04 / variances).tolist(), rel=1e-4)


def test_noise_to_signal_falls_whether_noise_shrinks_or_means_grow():
    images = random_images(100)
    usual, quiet, large = (
        noise_to_signal(subject(pixels_as_codes(**changes), images)).value[0]
        for changes in ({}, {"log_var": -4.0}, {"scale": 10})
    )
    assert max(quiet, large) < usual / 10


def test_codes_that_are_labels_have_a_perfect_knn_accuracy():
    labels = torch.arange(300) % 10
    images = grey(*(25 * labels).tolist())
    result = knn_accuracy(subject(pixels_as_codes("ae"), images, test_labels=labels, training_labels=labels))
    assert result.value == 1


def test_shuffled_labels_have_a_knn_accuracy_of_chance():
    labels = torch.randint(0, 10, (4000,), generator=torch.Generator().manual_seed(1))
    test, training = random_images(2000, seed=2), random_images(2000, seed=3)
    data = subject(pixels_as_codes("ae"), test, training, test_labels=labels[:2000], training_labels=labels[2000:])
    assert knn_accuracy(data).value == pytest.approx(0.1, abs=0.03)


def test_neighbours_are_near_in_raw_coordinates_not_in_standard_ones():
    """Of two pixels one is noise, the other has twenty levels with labels in turn, far apart in raw codes alone."""
    images, levels = random_images(600), torch.arange(600) % 20
    images[:, 0, 0, 0] = (10 * levels).to(torch.uint8)
    model = pixels_as_codes("ae")
    with torch.no_grad():
        model.encoder[-1].weight[0] *= 100
    labels = {"test_labels": levels[:200] % 2, "training_labels": levels[200:] % 2}
    assert knn_accuracy(subject(model, images[:200], images[200:], **labels)).value == 1


@pytest.mark.parametrize(("near", "far"), [(0, 1), (1, 0)])
def test_a_tied_vote_goes_to_the_label_with_the_nearest_image(near, far):
    training = grey(*range(101, 106), *range(111, 116))
    data = subject(
        pixels_as_codes("ae", latent_dim=1),
        grey(100),
        training,
        test_labels=torch.tensor([near]),
        training_labels=torch.tensor([near] * 5 + [far] * 5),
    )
    assert knn_accuracy(data).value == 1


def test_the_more_frequent_label_wins_over_the_nearest_one():
    training = grey(*range(101, 111))
    data = subject(
        pixels_as_codes("ae", latent_dim=1),
        grey(100),
        training,
        test_labels=torch.tensor([1]),
        training_labels=torch.tensor([0] * 4 + [1] * 6),
    )
    assert knn_accuracy(data).value == 1


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_standard_coordinates_are_those_of_a_runs_codes_and_lead_back(kind):
    model, images = small_model(kind), random_images(200)
    data = subject(model, images)
    codes = compute_codes(model, image_set(images))
    np.testing.assert_allclose(data.standard_means, codes.standardise(codes.mu), atol=1e-5)
    np.testing.assert_allclose(data.unstandardise(data.standard_means), codes.mu, atol=1e-5)


# The card


def test_an_interval_holds_the_true_mean_about_95_times_in_100():
    generator = torch.Generator().manual_seed(0)
    results = [takers.mean_over_images(torch.randn(200, generator=generator) + 3) for _ in range(400)]
    share = sum(low < 3 < high for low, high in (result.interval for result in results)) / 400
    assert 0.92 < share < 0.98


def test_an_interval_is_right_where_every_other_image_is_of_another_kind():
    """Moons come in turn from the one half of the phases and the other."""
    values = torch.tensor([0.0, 1.0]).repeat(1000)
    low, high = takers.mean_over_images(values).interval
    assert 0.4 < low < 0.5 < high < 0.6


def test_too_few_images_have_no_interval():
    assert takers.mean_over_images(torch.ones(5)).interval is None


def test_no_interval_reaches_beyond_what_a_measure_can_be():
    labels = torch.arange(300) % 10
    wrong = torch.where(torch.arange(300) == 0, 5, labels)
    images = grey(*(25 * labels).tolist())
    nearly_all = knn_accuracy(subject(pixels_as_codes("ae"), images, test_labels=wrong, training_labels=labels))
    assert 0.98 < nearly_all.interval[0] < nearly_all.value < nearly_all.interval[1] == 1
    assert {"prior_hole_share": (0, 1), "kl": (0, math.inf), "mmd2": (-math.inf, math.inf)}.items() <= {
        name: definition.bounds for name, definition in evaluation.MEASURES.items()
    }.items()


def test_the_card_has_every_measure_with_what_its_reader_needs():
    card = evaluation.evaluate(small_model(), image_set(random_images(40)), record=True)
    assert list(card.measures) == list(evaluation.MEASURES)
    for name, entry in card.to_json()["measures"].items():
        assert {"value", "unit", "split", "n"} <= entry.keys(), name
        assert entry["unit"], name
        if name in NEEDS_JUDGE_OR_MOONS | NEEDS_FACTORS:
            assert entry["value"] is None and entry["reason"], name
            continue
        assert entry["n"] > 0, name
        assert ("seed" in entry) == (name in SAMPLED), name
        assert name not in SAMPLED or "interval" in entry
    assert Card.from_json(json.loads(card.to_text())) == card


def test_the_card_of_an_ae_says_why_it_has_no_likelihood():
    measures = evaluation.evaluate(small_model("ae"), image_set(random_images(40)), record=True).measures
    for name, definition in evaluation.MEASURES.items():
        if name not in NEEDS_JUDGE_OR_MOONS | NEEDS_FACTORS:
            assert (measures[name].value is None) == definition.needs_posterior
            assert (measures[name].reason is not None) == definition.needs_posterior
    assert measures["psnr"].value is not None


def test_what_takes_minutes_is_measured_only_for_the_record():
    quick, whole = (
        evaluation.evaluate(small_model(), image_set(random_images(40)), record=record).measures
        for record in (False, True)
    )
    missing = {name for name, entry in quick.items() if entry.value is None and whole[name].value is not None}
    assert missing == {"iwae_5000", "exact_nll"}
    assert all("record" in quick[name].reason for name in missing)


def test_quadrature_is_not_defined_beyond_two_dimensions():
    measures = evaluation.evaluate(linear_model(latent_dim=3), image_set(random_images(40)), record=True).measures
    assert measures["exact_nll"].value is None and "2 latent dimensions" in measures["exact_nll"].reason
    assert measures["iwae_5000"].value is not None


def test_a_figure_that_is_not_finite_is_no_value():
    model = linear_model()
    with torch.no_grad():
        model.decoder[0].bias.fill_(math.nan)
    result = negative_elbo(subject(model, random_images(20)))
    assert result.value is None and "finite" in result.reason
    assert result.unit == "nats per image"


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_codes_that_are_not_finite_are_met_with_one_sentence(kind):
    model = linear_model(kind)
    with torch.no_grad():
        model.encoder[-1].bias[0] = math.nan
    with pytest.raises(UserError, match="not finite: the model has diverged"):
        evaluation.evaluate(model, image_set(random_images(20)))


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_the_same_model_has_the_same_card(kind):
    first, second = (
        evaluation.evaluate(small_model(kind), image_set(random_images(40)), record=True) for _ in range(2)
    )
    assert first == second


def test_measures_come_one_by_one():
    name, first = next(evaluation.measures(evaluation.Subject(linear_model(), image_set(random_images(20)))))
    assert (name, first.unit) == (next(iter(evaluation.MEASURES)), "nats per image")


def test_the_table_shows_every_measure_and_what_stands_beside_it():
    result = CliRunner().invoke(main, ["evaluate", str(SHIPPED / "digits-vae-2d"), "--no-save"])
    assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.replace("│", " ").split())
    assert all(name in words for name in evaluation.MEASURES)
    assert "median sigma" in words and "of the prior" in words
