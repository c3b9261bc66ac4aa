"""What a run costs is known before it is opened: the closed forms count what torch counts."""

from itertools import product

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from vae_core.configs import ModelConfig, NetworkConfig
from vae_core.models import auto_encoders, networks
from vae_core.runs import weighing

NETWORKS = [
    NetworkConfig(network=network, widths=widths)
    for network in ("mlp", "conv")
    for widths in ((), (5,), (3, 8), (4, 6, 2))
]
SHAPES = [(1, 28, 28), (1, 8, 8), (3, 13, 6)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_closed_forms_count_what_torch_counts(kind, shape):
    for encoder, decoder in product(NETWORKS, NETWORKS):
        config = ModelConfig(kind=kind, image_shape=shape, latent_dim=3, encoder=encoder, decoder=decoder)
        model = auto_encoders.build(config)
        assert weighing.weight_shapes(config) == {name: tuple(one.shape) for name, one in model.state_dict().items()}
        assert weighing.parameters(config) == networks.count_parameters(model)
        assert sum(layer.operations for layer in weighing.encoder_layers(config)) == operations(
            model.encode, torch.zeros(1, *shape)
        )
        assert sum(layer.operations for layer in weighing.decoder_layers(config)) == operations(
            model.decode, torch.zeros(1, 3)
        )


@pytest.mark.parametrize("network", NETWORKS[1:], ids=str)
def test_what_layers_make_is_what_they_hand_on(network):
    config = ModelConfig(encoder=network, decoder=network, image_shape=(1, 13, 13))
    model, made = auto_encoders.build(config), []
    for layer in model.modules():
        if isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d, torch.nn.ConvTranspose2d)):
            layer.register_forward_hook(lambda layer, given, out: made.append(out.numel()))
    model(torch.zeros(1, 1, 13, 13))
    layers = [*weighing.encoder_layers(config), *weighing.decoder_layers(config)]
    assert [layer.outputs for layer in layers] == made


def operations(function, given: torch.Tensor) -> int:
    """Multiply-adds by torch's own count, in which each is two."""
    with FlopCounterMode(display=False) as counter:
        function(given)
    return counter.get_total_flops() // 2
