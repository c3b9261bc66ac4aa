"""Models: any image shape, any latent dimension, one interface for kinds, and no divergence."""

import pytest
import torch

from vae_core.configs import Activation, ModelConfig, NetworkConfig
from vae_core.errors import DivergedError
from vae_core.kinds import KINDS
from vae_core.models import auto_encoders, networks
from vae_core.models.auto_encoders import LOG_VAR_RANGE, build, evaluating

CONV = NetworkConfig(network="conv", widths=(4, 6))
MLP = NetworkConfig(widths=(9, 7))


def images_of(config: ModelConfig, count: int = 5) -> torch.Tensor:
    return torch.rand(count, *config.image_shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoder", [MLP, CONV], ids=["mlp", "conv"])
@pytest.mark.parametrize("decoder", [MLP, CONV], ids=["mlp", "conv"])
@pytest.mark.parametrize("image_shape", [(1, 8, 8), (3, 13, 7), (1, 28, 28), (3, 2, 5)])
@pytest.mark.parametrize("latent_dim", [1, 2, 11])
def test_codes_and_images_have_the_shapes_of_the_config(kind, encoder, decoder, image_shape, latent_dim):
    config = ModelConfig(kind=kind, encoder=encoder, decoder=decoder, image_shape=image_shape, latent_dim=latent_dim)
    model, images = build(config), images_of(config)
    posterior = model.encode(images)
    assert posterior.mu.shape == (5, latent_dim)
    assert (posterior.log_var is not None) == model.has_posterior
    decoded = model(images)
    assert decoded.shape == images.shape
    assert decoded.min() >= 0
    assert decoded.max() <= 1


@pytest.mark.parametrize("activation", Activation.__args__)
def test_every_activation_builds(activation):
    config = ModelConfig(encoder=NetworkConfig(widths=(5,), activation=activation), decoder=MLP, image_shape=(1, 4, 4))
    assert torch.isfinite(build(config)(images_of(config))).all()


def test_a_decoder_mirrors_the_widths():
    decoder = networks.decoder(NetworkConfig(widths=(9, 7)), (1, 4, 4), 2)
    assert [layer.out_features for layer in decoder if isinstance(layer, torch.nn.Linear)] == [7, 9, 16]


def test_the_terms_add_up_and_an_ae_has_no_kl():
    for kind in KINDS:
        config = ModelConfig(kind=kind, encoder=MLP, decoder=MLP, image_shape=(1, 4, 4))
        terms = build(config).loss(images_of(config), {"beta": 3.0}, torch.Generator().manual_seed(0))
        torch.testing.assert_close(terms["total"], terms["reconstruction"] + 3 * terms.get("kl", 0))
        assert (terms.get("kl", 0) > 0) == ("kl" in terms) == (kind == "vae")
        assert "mismatch" not in terms
        weights = {"beta": 3.0, "prior_match": 5.0}
        matched = build(config).loss(images_of(config), weights, torch.Generator().manual_seed(0))
        torch.testing.assert_close(matched["total"], terms["total"] + 5 * matched.get("mismatch", 0))
        assert (matched.get("mismatch", 0) != 0) == (kind == "vae")
        assert matched.keys() == {"total", *KINDS[kind].terms}


def test_a_seed_gives_the_same_weights_and_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first, second, other = (build(ModelConfig(encoder=MLP, decoder=MLP), seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    for (name, weight), same, different in zip(
        first.state_dict().items(), second.state_dict().values(), other.state_dict().values(), strict=True
    ):
        assert torch.equal(weight, same), name
        assert not torch.equal(weight, different), name


def test_noise_is_an_argument():
    config = ModelConfig(encoder=MLP, decoder=MLP, image_shape=(1, 4, 4))
    model, images = build(config), images_of(config)
    noise = [torch.Generator().manual_seed(seed) for seed in (3, 3, 4)]
    first, second, other = (model.loss(images, {"beta": 1.0}, generator)["total"] for generator in noise)
    assert first == second != other


def test_log_variances_stay_in_range_with_a_gradient_everywhere():
    raw = torch.tensor([-1e4, -40.0, -20.0, -5.0, 0.0, 5.0, 10.0, 25.0, 1e4], requires_grad=True)
    values = auto_encoders._soft_clamp(raw, *LOG_VAR_RANGE)
    assert values.min() >= LOG_VAR_RANGE[0]
    assert values.max() <= LOG_VAR_RANGE[1]
    torch.testing.assert_close(values[3:6], raw[3:6], atol=0.01, rtol=0)
    values[1:8].sum().backward()
    assert (raw.grad[1:8] > 0).all()


def test_evaluating_puts_the_mode_back():
    model = build(ModelConfig(encoder=MLP, decoder=MLP)).train()
    with evaluating(model):
        assert not model.training
        assert not torch.is_grad_enabled()
    assert model.training
    assert torch.is_grad_enabled()


def test_a_step_whose_gradient_is_not_finite_leaves_the_weights_untouched():
    config = ModelConfig(encoder=MLP, decoder=MLP, image_shape=(1, 4, 4))
    model = build(config)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    with pytest.raises(DivergedError, match="not finite"):
        model.training_step(torch.full((2, 1, 4, 4), torch.nan), model.optimisers(1e-3), {"beta": 1.0})
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def test_a_step_lowers_the_loss():
    for kind in KINDS:
        config = ModelConfig(kind=kind, encoder=MLP, decoder=MLP, image_shape=(1, 4, 4))
        model, images = build(config), images_of(config, 50)
        optimisers, noise = model.optimisers(1e-2), torch.Generator().manual_seed(0)
        totals = [float(model.training_step(images, optimisers, {"beta": 1.0}, noise)["total"]) for _ in range(60)]
        assert totals[-1] < totals[0]


def test_large_layers_train_with_rounded_products_and_are_evaluated_without():
    wide = NetworkConfig(widths=(1024, 16))  # 64 x 1024 weights are rounded, 1024 x 16 are not
    config = ModelConfig(encoder=wide, decoder=wide, image_shape=(1, 8, 8))
    images = torch.rand(128, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    gradients, evaluated = [], []
    for precision in ("float32", "bfloat16"):
        model = build(config)
        networks.set_training_precision(model, precision)
        model.loss(images, {"beta": 1.0}, torch.Generator().manual_seed(1))["total"].backward()
        gradients.append({name: weight.grad for name, weight in model.named_parameters()})
        with evaluating(model):
            evaluated.append(model(images))
    assert torch.equal(*evaluated)
    for name, exact in gradients[0].items():
        error = (gradients[1][name] - exact).norm() / exact.norm()
        assert 0 < error < 0.02, name
