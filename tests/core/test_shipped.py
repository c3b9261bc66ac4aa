"""The runs in weights/: all there, small, made as weights/make.py says, and as good as their cards say."""

import numpy as np
import pytest
import torch

from vae_core.codes import encoding
from vae_core.data import datasets
from vae_core.data.datasets import to_floats
from vae_core.measures import evaluation, likelihood
from vae_core.models.networks import count_parameters
from vae_core.places import SHIPPED
from vae_core.runs.run import Run
from weights import make

NAMES = list(make.recipes())
WHOLLY_MEASURED = [name for name in NAMES if name.startswith(("digits", "moons-phase"))]
QUICK_MEASURES = ("psnr", "active_units", "mmd2", "mig")
EACH, TOTAL, DECODER = 8_000_000, 25_000_000, 1_200_000  # bytes
FOR_FACTORS = "-6d"  # came later, for the measures that need known factors; their bytes count among the whole
WHOLE = 60_000_000  # bytes of all that is in weights/


def size_of(run: Run) -> int:
    return sum(path.stat().st_size for path in run.folder.rglob("*"))


def test_the_runs_are_those_of_the_recipes_and_small_together():
    assert {path.parent.name for path in SHIPPED.glob("*/config.json")} == set(NAMES)
    sizes = {name: size_of(Run.open(SHIPPED / name)) for name in NAMES}
    assert max(sizes.values()) < EACH
    assert sum(size for name, size in sizes.items() if not name.endswith(FOR_FACTORS)) < TOTAL
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < WHOLE


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_whole_and_was_made_by_its_recipe(name):
    run = Run.open(SHIPPED / name)
    files = {"config.json", "records.jsonl", "model.safetensors", "codes.npz", "card.json"}
    assert {path.name for path in run.folder.iterdir()} == files
    model, training = make.recipes()[name]
    assert run.config.model == model.replace(image_shape=run.config.model.image_shape)
    assert run.config.training.replace(steps=None) == training
    assert run.records.last()["event"] == "finished"
    assert set(run.read_card().measures) == set(evaluation.MEASURES)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_lacks_only_measures_that_have_no_ruler_or_take_an_hour(name):
    run = Run.open(SHIPPED / name)
    reasons = {measure.reason for measure in run.read_card().measures.values() if measure.value is None}
    assert any("judge of this data set nor" in reason for reason in reasons) == name.startswith("digits")
    assert any("Takes minutes" in reason for reason in reasons) != make.is_quick(run.config.model)


@pytest.mark.parametrize("name", NAMES)
def test_a_decoder_is_small_enough_to_travel_to_a_browser(name):
    assert 2 * count_parameters(Run.open(SHIPPED / name).load_model().decoder) <= DECODER


@pytest.mark.parametrize("name", [name for name in NAMES if "-ae-" in name])
def test_a_pair_differs_in_its_kind_and_its_loss_alone(name):
    ae, vae = (Run.open(SHIPPED / one) for one in (name, name.replace("-ae-", "-vae-")))
    assert ae.config.model.replace(kind="vae") == vae.config.model
    assert ae.config.training == vae.config.training.replace(prior_match=0)
    np.testing.assert_array_equal(ae.codes.indices, vae.codes.indices)


@pytest.mark.slow
@pytest.mark.parametrize("name", WHOLLY_MEASURED)
def test_the_card_and_the_codes_are_those_of_the_weights(name):
    run = Run.open(SHIPPED / name)
    model, data = run.load_model(), datasets.load(run.config.training.data)
    np.testing.assert_allclose(encoding.compute_codes(model, data).mu, run.codes.mu, atol=1e-3)
    for measure, result in evaluation.evaluate(model, data).measures.items():
        if result.value is not None:
            assert result.value == pytest.approx(run.read_card().measures[measure].value, rel=1e-2), measure


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WHOLLY_MEASURED])
def test_quick_measures_of_the_card_are_those_of_the_weights(name, mnist):
    run = Run.open(SHIPPED / name)
    subject = evaluation.Subject(run.load_model(), datasets.load(run.config.training.data))
    for measure in QUICK_MEASURES:
        value = run.read_card().measures[measure].value
        if value is None:
            assert evaluation.MEASURES[measure].why_not(subject, record=False)
        else:
            assert evaluation.TAKERS[measure](subject).value == pytest.approx(value, rel=1e-3, abs=1e-5), measure


def test_the_mnist_vae_meets_the_marks(mnist):
    run = Run.open(SHIPPED / "mnist-vae-2d")
    measures = {name: measure.value for name, measure in run.read_card().measures.items()}
    assert measures["negative_elbo"] <= 135
    assert measures["knn_accuracy"] >= 0.84
    assert measures["active_units"] == 2
    assert measures["prior_hole_share"] <= 0.030
    assert measures["marginal_kl"] <= 0.110
    assert measures["mmd2"] <= 0.0014
    assert measures["exact_nll"] <= measures["negative_elbo"]
    subject = evaluation.Subject(run.load_model(), mnist)
    for name in ("reconstruction_at_mean", "knn_accuracy", "active_units", "prior_hole_share", "marginal_kl", "mmd2"):
        assert evaluation.TAKERS[name](subject).value == pytest.approx(measures[name], rel=1e-3), name


@pytest.mark.slow
def test_halving_the_spacing_hardly_changes_the_exact_nll_of_the_mnist_vae(mnist):
    model = Run.open(SHIPPED / "mnist-vae-2d").load_model()
    images = to_floats(mnist.split("test")[0][::1000])
    coarse, fine = (likelihood.exact_nll(model, images, spacing).mean() for spacing in (0.5, 0.25))
    assert abs(coarse - fine) < 0.01


def test_the_codes_and_images_of_a_run_are_finite():
    for name in NAMES:
        run = Run.open(SHIPPED / name)
        assert np.isfinite(run.codes.mu).all()
        assert torch.isfinite(run.load_model().decode(torch.from_numpy(run.codes.mu[:50]))).all()
