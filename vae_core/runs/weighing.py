"""The cost of opening a run, from its settings and file headers: no torch is needed, no data is read.

A run from elsewhere is weighed before it is unpacked, and any run before the server opens it for a page or a route.
The command line opens runs of any size.
"""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

from vae_core.configs import ModelConfig, NetworkConfig
from vae_core.errors import RunError
from vae_core.files import open_to_read
from vae_core.runs.headers import array_headers
from vae_core.runs.run import Run

MAX_PARAMETERS = 10_000_000  # 40 MB as float32; a server keeps the models of sixteen runs in memory
MAX_WORK = 50_000_000  # an image: some 3 ms of one thread, and a click decodes a dozen
WORK_OF_A_NUMBER = 512  # multiply-adds take as long as writing a number and reading it again, or less
BLOCK_NUMBERS = 2**22  # that layers may make of the images taken at once: 16 MB, of which a gradient keeps several
ANSWER_WORK = 200_000_000_000  # of all that one answer takes: some seconds; longer ones are given more coarsely
MAX_CODES = 1_000_000  # among which a click looks for the nearest
MAX_CODE_NUMBERS = 20_000_000  # in all dimensions together: 80 MB as float32
MAX_RECORDS, MAX_EVENTS, MAX_RECORD_BYTES = 500_000, 20_000, 100_000_000  # each is read: some seconds


class Layer(NamedTuple):
    """A layer with weights of `shape` and `bias` biases; its output for one image, and the multiply-adds for that."""

    name: str
    shape: tuple[int, ...]
    bias: int
    outputs: int
    operations: int


def encoder_layers(model: ModelConfig) -> list[Layer]:
    """The weighted layers of the encoder, named as in a file of weights."""
    features = model.latent_dim * (2 if model.has_posterior else 1)
    if model.encoder.network == "mlp":
        widths = (model.pixels, *model.encoder.widths, features)
        return [_dense(f"encoder.{2 * at + 1}", *ends) for at, ends in enumerate(pairwise(widths))]
    shapes = _shapes(model.image_shape, model.encoder)
    halvings = [
        Layer(
            f"encoder.{2 * at}",
            (after[0], before[0], 3, 3),
            after[0],
            math.prod(after),
            9 * before[0] * math.prod(after),
        )
        for at, (before, after) in enumerate(pairwise(shapes))
    ]
    return [*halvings, _dense(f"encoder.{2 * len(halvings) + 1}", math.prod(shapes[-1]), features)]


def decoder_layers(model: ModelConfig) -> list[Layer]:
    """The weighted layers of the decoder, named as in a file of weights."""
    if model.decoder.network == "mlp":
        widths = (model.latent_dim, *reversed(model.decoder.widths), model.pixels)
        return [_dense(f"decoder.{2 * at}", *ends) for at, ends in enumerate(pairwise(widths))]
    shapes = _shapes(model.image_shape, model.decoder)[::-1]
    doublings = [
        # Twice as many rows and columns as before, of which the last may then be cut off.
        Layer(
            f"decoder.{3 * at}",
            (before[0], after[0], 4, 4),
            after[0],
            4 * after[0] * before[1] * before[2],
            16 * after[0] * math.prod(before),
        )
        for at, (before, after) in enumerate(pairwise(shapes), 1)
    ]
    return [_dense("decoder.0", model.latent_dim, math.prod(shapes[0])), *doublings]


def weight_shapes(model: ModelConfig) -> dict[str, tuple[int, ...]]:
    """The names and shapes of the tensors in a file of the model's weights."""
    layers = [*encoder_layers(model), *decoder_layers(model)]
    return {f"{one.name}.weight": one.shape for one in layers} | {f"{one.name}.bias": (one.bias,) for one in layers}


def parameters(model: ModelConfig) -> int:
    """The number of learned parameters."""
    return sum(map(math.prod, weight_shapes(model).values()))


def work(layers: list[Layer]) -> int:
    """The cost of these layers for one image, in multiply-adds: computing its numbers and passing them on."""
    return sum(layer.operations + WORK_OF_A_NUMBER * layer.outputs for layer in layers)


def images_at_once(model: ModelConfig, most: int) -> int:
    """The number of images or codes, at most `most` and at least one, that fit in BLOCK_NUMBERS."""
    made = max(sum(layer.outputs for layer in layers(model)) for layers in (encoder_layers, decoder_layers))
    return max(1, min(most, BLOCK_NUMBERS // made))


def check_model(model: ModelConfig) -> None:
    """Raises RunError if opening a model of these settings would cost too much."""
    if (count := parameters(model)) > MAX_PARAMETERS:
        raise RunError(f"Its networks have {count:,} weights, and {MAX_PARAMETERS:,} is the most that is opened here.")
    taken = max(work(layers(model)) for layers in (encoder_layers, decoder_layers))
    if taken > MAX_WORK:
        raise RunError(
            f"Its networks take {taken / 1e6:,.0f} million multiplications an image, "
            f"and {MAX_WORK / 1e6:,.0f} million is the most that is opened here."
        )


def check_codes(count: int, model: ModelConfig) -> None:
    """Raises RunError if there are more codes than a page can handle."""
    most = min(MAX_CODES, MAX_CODE_NUMBERS // model.latent_dim)
    if count > most:
        raise RunError(
            f"It has {count:,} codes of {model.latent_dim} numbers: {most:,} is the most that is opened here."
        )


def check(run: Run) -> None:
    """Raises RunError with the figure if opening the run would cost too much, and if its codes are broken."""
    model, codes_file = run.config.model, run.folder / "codes.npz"
    headers = {}
    with suppress(FileNotFoundError), open_to_read(codes_file) as file:
        headers = array_headers(file, str(codes_file))
    try:
        check_model(model)
        check_codes(max((math.prod(header.shape[:1]) for header in headers.values()), default=0), model)
    except RunError as error:
        raise RunError(f"{run.name} is too large to be looked at. {error}") from error


def _dense(name: str, before: int, after: int) -> Layer:
    return Layer(name, (after, before), after, after, before * after)


def _shapes(image_shape: tuple[int, int, int], config: NetworkConfig) -> list[tuple[int, int, int]]:
    """Channels, height and width of the image, and of the output of each convolution."""
    shapes = [image_shape]
    for width in config.widths:
        _, high, wide = shapes[-1]
        shapes.append((width, math.ceil(high / 2), math.ceil(wide / 2)))
    return shapes
