"""Gap maps: fields over code space that show where a model has gaps.

A field has a value at each code; places in standard coordinates mean the same to an AE and a VAE. Importing this needs
no torch, so that a page can name the fields without waiting for it.

    gaps = GapMap(model, run.codes)
    gaps.field("round_trip", codes)     # (N, latent_dim) -> (N,)
    gaps.survey("round_trip").worst     # the code of the worst gap
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from vae_core.codes.codes import Codes
from vae_core.configs import DataConfig, ModelConfig
from vae_core.errors import needed
from vae_core.places import JUDGES
from vae_core.runs.run import Run
from vae_core.runs.weighing import decoder_layers, encoder_layers, images_at_once, work

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.measures.judge import Judge
    from vae_core.measures.rulers import Ruler
    from vae_core.models.auto_encoders import AutoEncoder

LIKELY = 2.0  # from the prior's centre, in standard coordinates: on a plane 86 % of its mass lies within
FAR = 3.0  # and beyond there are hardly any: 1.1 % of its mass on a plane
SURVEY_SIDE = 60  # places along each axis at which a survey looks
TAIL = 0.02  # of the places that may lie beyond either end of a survey's range
MAX_CODES = 10_000  # whose density is estimated
MAX_EXPONENT = 80.0  # of a ratio of densities, which is a finite number also as float32
MAX_DIMS = 2  # of a code whose density can be estimated, and whose plane shows all of it
SEED = 1  # of the drawn codes
PASSES_OF_A_GRADIENT = 4  # through the decoder, forwards: that long takes one with its graph kept
BLOCK = 256  # codes at once, or fewer of a large model, so that their outputs stay in the processor's cache


@dataclass(frozen=True, eq=False)
class GapMap:
    """A model with its codes, and the judge and the ruler that some fields need; none is changed."""

    model: AutoEncoder
    codes: Codes
    judge: Judge | None = None
    ruler: Ruler | None = None

    def field(self, name: str, codes: np.ndarray) -> np.ndarray:
        """The values (N,) of the field, float64, at raw codes (N, latent_dim)."""
        import torch

        raw = torch.from_numpy(codes.astype(np.float32))
        take = FIELDS[name].take
        with torch.inference_mode():
            blocks = raw.split(images_at_once(self.model.config, BLOCK))
            return torch.cat([take(self, block).double() for block in blocks]).numpy()

    def survey(self, name: str, side: int = SURVEY_SIDE) -> Survey:
        """The range of the field within FAR of the prior's centre, and its worst gap within LIKELY.

        At places evenly spread, of which there are `side` along each axis.
        """
        field = FIELDS[name]
        places = places_within(FAR, self.codes.mu.shape[1], side)
        values = self.field(name, self.codes.unstandardise(places))
        rank = np.where(np.linalg.norm(places, axis=1) <= LIKELY, values if field.worst == "high" else -values, -np.inf)
        at = int(rank.argmax())
        usual = np.quantile(values, [TAIL, 1 - TAIL])
        low, high = (float(end if fixed is None else fixed) for end, fixed in zip(usual, field.ends, strict=True))
        worst = self.codes.unstandardise(places[at : at + 1])[0]
        return Survey(low, high, float(values[at]), tuple(worst.tolist()))

    @cached_property
    def _drawn_codes(self) -> Tensor:
        """A code of each test image in standard coordinates, drawn from its posterior: (N, latent_dim), float32."""
        import torch

        codes, generator = self.codes, np.random.default_rng(SEED)
        chosen = generator.permutation(len(codes.mu))[:MAX_CODES]
        drawn = codes.mu[chosen]
        if codes.log_var is not None:
            drawn = drawn + np.exp(0.5 * codes.log_var[chosen]) * generator.standard_normal(drawn.shape)
        return torch.from_numpy(codes.standardise(drawn).astype(np.float32))

    def _standard(self, codes: Tensor) -> Tensor:
        return codes.new_tensor(self.codes.standardise(codes.numpy()))


class Survey(NamedTuple):
    """A field where there are codes: its usual range (low, high), its `worst_value` and the place of that.

    `worst` is the raw code (latent_dim,) of that place.
    """

    low: float
    high: float
    worst_value: float
    worst: tuple[float, ...]


def places_within(radius: float, latent_dim: int, side: int = SURVEY_SIDE) -> np.ndarray:
    """Places (N, latent_dim) in standard coordinates on a grid within `radius` of the prior's centre."""
    axis = (np.arange(side) + 0.5) / side * 2 * radius - radius
    grid = np.stack(np.meshgrid(*[axis] * latent_dim, indexing="ij"), axis=-1).reshape(-1, latent_dim)
    places: np.ndarray = grid[np.linalg.norm(grid, axis=1) <= radius]
    return places


def density_ratio(gaps: GapMap, codes: Tensor) -> Tensor:
    """The density of codes over the density that the prior expects: above 0, and 1 where they agree.

    In standard coordinates, of a code of each test image (of a VAE drawn from its posterior), at most MAX_CODES. A
    Gaussian kernel whose width is Scott's rule for N(0, I), N^(−1/(D+4)); the prior is blurred by the same kernel, so
    that codes drawn from it have ratio 1 on average, everywhere.
    """
    import torch

    drawn = gaps._drawn_codes
    count, latent_dim = drawn.shape
    width = count ** (-1 / (latent_dim + 4))
    places = gaps._standard(codes)
    exponents = torch.cdist(places, drawn).square_().mul_(-0.5 / width**2)  # (N, count)
    log_kernels = exponents.logsumexp(1).double() - math.log(count) - latent_dim * math.log(width)
    blurred = 1 + width**2  # the variance of the blurred prior; both densities lack (2π)^(−D/2)
    log_prior = -places.double().square().sum(1) / (2 * blurred) - latent_dim / 2 * math.log(blurred)
    return torch.exp((log_kernels - log_prior).clamp(max=MAX_EXPONENT))


def round_trip(gaps: GapMap, codes: Tensor) -> Tensor:
    """‖μ(decode(z)) − z‖ in standard coordinates, from 0: the distance of z from the code of its own decoded image."""
    again = gaps.model.encode(gaps.model.decode(codes)).mu
    distances: Tensor = (gaps._standard(again) - gaps._standard(codes)).norm(dim=1)
    return distances


def confidence(gaps: GapMap, codes: Tensor) -> Tensor:
    """The calibrated judge's probability of the likeliest class of the decoded image, up to 1."""
    return needed(gaps.judge).probabilities(gaps.model.decode(codes)).amax(1)


def speed(gaps: GapMap, codes: Tensor) -> Tensor:
    """‖∂ decoded mean image / ∂u‖_F, u standard coordinates, by the exact Jacobian: from 0, the image in units of a
    white pixel."""
    from vae_core.codes.jacobian import jacobian_norms

    directions = codes.new_tensor(gaps.codes.space.inverse)
    return jacobian_norms(gaps.model.decode, codes, directions)


def distance(gaps: GapMap, codes: Tensor) -> Tensor:
    """The distance of the decoded image from the nearest real one, by the data set's ruler: from 0."""
    return needed(gaps.ruler).distances(gaps.model.decode(codes))


class Field(NamedTuple):
    """The definition of a field.

    `worst` says which end is a gap; `ends` are those of the range in which values are shown, None if a survey says;
    a field with a `middle` is just right there, and shown by its logarithm; so is one that `is_logarithmic`, whose few
    greatest values would leave nothing to be seen of all others.
    """

    take: Callable[[GapMap, Tensor], Tensor]
    worst: Literal["low", "high"]
    ends: tuple[float | None, float | None]
    middle: float | None = None
    is_logarithmic: bool = False


FIELDS = {
    "density_ratio": Field(density_ratio, "low", (0.1, 10), middle=1),
    "round_trip": Field(round_trip, "high", (None, None), is_logarithmic=True),
    "confidence": Field(confidence, "low", (None, 1)),
    "speed": Field(speed, "high", (None, None), is_logarithmic=True),
    "distance": Field(distance, "high", (0, None)),
}


def fields_of(run: Run) -> tuple[str, ...]:
    """The names of the fields available for a run: none if codes have more than MAX_DIMS dimensions.

    `distance` also needs the images of the data set.
    """
    if run.config.model.latent_dim > MAX_DIMS:
        return ()
    return tuple(name for name in FIELDS if name != "confidence" or _has_judge(run.config.training.data))


def work_of(model: ModelConfig, name: str) -> int:
    """The cost of the field at one code, in the multiply-adds of `weighing.work`, without judge and ruler."""
    decoding = work(decoder_layers(model))
    match name:
        case "density_ratio":
            return MAX_CODES * (model.latent_dim + 2)
        case "round_trip":
            return decoding + work(encoder_layers(model))
        case "speed":
            return PASSES_OF_A_GRADIENT * (1 + model.latent_dim) * decoding
    return decoding


def ruler_kind(data: DataConfig) -> Literal["judge", "moon", "pixels"]:
    """The ruler of `distance` on a data set: that of `path_distance`, or pixels if there is none or it is slow."""
    if _has_judge(data):
        return "judge"
    return "moon" if data.moons is not None and data.moons.phase_alone_varies else "pixels"


def _has_judge(data: DataConfig) -> bool:
    return (JUDGES / f"{data.name}.safetensors").exists()
