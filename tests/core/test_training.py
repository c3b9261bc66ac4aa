"""Training: it repeats, it keeps the best, it does not diverge, and without KL a VAE becomes an AE."""

import itertools
import math

import pytest
import torch

from vae_core.configs import ModelConfig, NetworkConfig, TrainingConfig
from vae_core.data.datasets import to_floats
from vae_core.models import losses
from vae_core.models.auto_encoders import evaluating
from vae_core.training import loop
from vae_core.training.loop import TrainingState, train

SMALL = NetworkConfig(widths=(32, 16))
DIGITS = ModelConfig(encoder=SMALL, decoder=SMALL, image_shape=(1, 8, 8))


def config_of(**settings) -> TrainingConfig:
    return TrainingConfig(**{"data": {"name": "digits"}, "threads": 1, "steps": 60, "warmup_steps": 5} | settings)


def trained(data, model=DIGITS, **settings) -> tuple[TrainingState, list]:
    state = TrainingState.start(model, config_of(**settings))
    return state, list(train(state, data))


def weights_of(state) -> torch.Tensor:
    return torch.nn.utils.parameters_to_vector(state.model.parameters())


@pytest.mark.parametrize(("width", "precision"), [(32, "float32"), (1024, "bfloat16")])
def test_a_seed_repeats_a_run_exactly(digits, width, precision):
    wide = NetworkConfig(widths=(width, 16))
    model = DIGITS.replace(encoder=wide, decoder=wide)
    (first, steps), (second, _), (other, _) = (
        trained(digits, model, seed=seed, precision=precision) for seed in (1, 1, 2)
    )
    assert torch.equal(weights_of(first), weights_of(second))
    assert not torch.equal(weights_of(first), weights_of(other))
    assert [step.step for step in steps] == list(range(1, 61))


def test_a_restored_state_goes_on_exactly(digits):
    whole, _ = trained(digits)
    state = TrainingState.start(DIGITS, config_of())
    for _ in itertools.islice(train(state, digits), 23):
        pass
    tensors, numbers = {name: tensor.clone() for name, tensor in state.tensors().items()}, state.numbers()
    restored = TrainingState.start(DIGITS, config_of())
    torch.nn.init.zeros_(restored.model.decoder[0].weight)
    restored.restore(tensors, numbers)
    for _ in train(restored, digits):
        pass
    assert torch.equal(weights_of(whole), weights_of(restored))
    assert whole.best == restored.best


def test_an_epoch_shows_every_image_once():
    order = loop.epoch_order(1000, seed=3, epoch=7)
    assert torch.equal(order.sort().values, torch.arange(1000))
    assert not torch.equal(order, loop.epoch_order(1000, seed=3, epoch=8))
    assert torch.equal(order, loop.epoch_order(1000, seed=3, epoch=7))


def test_validation_comes_every_epoch_and_the_best_is_marked(digits):
    _, steps = trained(digits, steps=120, batch_size=16)
    per_epoch = math.ceil(len(digits.splits["training"]) / 16)
    validated = [step for step in steps if step.validation]
    assert [step.step for step in validated] == [per_epoch, 120]
    assert sum(step.images for step in steps[:per_epoch]) == len(digits.splits["training"])
    best = min(validated, key=lambda step: step.validation["total"])
    assert [step for step in steps if step.is_best][-1] == best


def test_validation_is_the_loss_on_the_validation_images(digits):
    state, steps = trained(digits)
    images = to_floats(digits.split("validation")[0])
    with evaluating(state.model):
        noise = torch.Generator().manual_seed(loop.VALIDATION_SEED)
        expected = state.model.loss(images, {"beta": 1.0}, noise)
    assert steps[-1].validation == pytest.approx({name: float(term) for name, term in expected.items()}, rel=1e-5)


def test_the_learning_rate_warms_up_and_falls_to_nothing():
    config = config_of(steps=1000, warmup_steps=50)
    factors = [loop.learning_rate_factor(config, step) for step in range(1000)]
    assert factors[0] < 0.03
    assert factors[50] == 1
    assert all(later > earlier for earlier, later in itertools.pairwise(factors[:51]))
    assert all(later < earlier for earlier, later in itertools.pairwise(factors[50:]))
    assert factors[525] == pytest.approx(0.5, abs=0.01)
    assert factors[-1] < 1e-4
    constant = config.replace(schedule="constant")
    assert {loop.learning_rate_factor(constant, step) for step in range(50, 1000)} == {1.0}


def test_a_time_budget_becomes_a_number_of_steps_and_everything_is_known_then(digits):
    config = loop.with_steps(DIGITS, config_of(steps=None, seconds=1, threads=None), digits)
    assert config.steps > 10
    assert config.threads is not None
    assert config.precision != "auto"
    assert loop.with_steps(DIGITS, config_of(steps=None, epochs=3), digits).steps == 3 * 10


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 1e-2, "warmup_steps": 0, "schedule": "constant"},
        {"learning_rate": 1e-2, "warmup_steps": 0, "schedule": "constant", "beta": 0},
        {"learning_rate": 1e-2, "warmup_steps": 0, "schedule": "constant", "beta": 1000},
        {"learning_rate": 1e-2, "warmup_steps": 0, "schedule": "constant", "batch_size": 1},
    ],
)
@pytest.mark.parametrize("model", ["deep", "wide", "mse"])
def test_the_hardest_settings_a_page_allows_do_not_diverge(digits, settings, model):
    networks = {"deep": (64,) * 8, "wide": (1024,), "mse": (64, 32)}[model]
    network = NetworkConfig(widths=networks, activation="relu")
    config = ModelConfig(encoder=network, decoder=network, image_shape=(1, 8, 8))
    if model == "mse":
        config = config.replace(reconstruction="mse", observation_variance=1e-4)
    state, steps = trained(digits, config, steps=150, **settings)
    assert torch.isfinite(weights_of(state)).all()
    assert math.isfinite(steps[-1].validation["total"])


def test_without_kl_a_vae_loses_its_noise(digits):
    """The article's collapse into an AE: noise_to_signal, mean σ² over Var μ, falls to a tenth or less."""
    ratios = []
    for beta in (1.0, 0.0):
        state, _ = trained(digits, steps=800, beta=beta, learning_rate=3e-3)
        with evaluating(state.model):
            posterior = state.model.encode(to_floats(digits.split("test")[0]))
        ratios.append(posterior.log_var.exp().mean(0) / posterior.mu.var(0))
    assert (ratios[1] <= ratios[0] / 10).all()


def test_a_vae_that_is_to_match_the_prior_leaves_smaller_gaps_and_an_ae_is_not_touched(digits):
    def mismatch_of(model: ModelConfig, prior_match: float) -> float:
        state, _ = trained(digits, model, steps=400, prior_match=prior_match)
        with evaluating(state.model):
            posterior = state.model.encode(to_floats(digits.split("training")[0]))
            codes = state.model.sample_code(posterior, torch.Generator().manual_seed(0))
            return float(losses.prior_mismatch(codes))

    assert mismatch_of(DIGITS, 60.0) < 0.6 * mismatch_of(DIGITS, 0.0)
    plain = DIGITS.replace(kind="ae")
    assert mismatch_of(plain, 60.0) == mismatch_of(plain, 0.0)
