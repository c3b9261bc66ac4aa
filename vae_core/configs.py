"""The settings of a run: immutable, validated once, saved as JSON.

The same objects give the command line its options, the pages their limits and `config.json` its content.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from vae_core.config_base import Config, OneOf, sentence
from vae_core.data.data_config import DataConfig
from vae_core.errors import ConfigError
from vae_core.kinds import KINDS
from vae_core.moons.moons_config import PHASE_ONLY, MoonsConfig, Phases

__all__ = [
    "MAX_HIDDEN_LAYERS",
    "MAX_WIDTH",
    "PHASE_ONLY",
    "Activation",
    "Beta",
    "Branching",
    "Config",
    "DataConfig",
    "Extension",
    "KindName",
    "LearningRate",
    "ModelConfig",
    "MoonsConfig",
    "Network",
    "NetworkConfig",
    "Phases",
    "RunConfig",
    "Seconds",
    "Seed",
    "TrainingConfig",
]

Network = Literal["mlp", "conv"]
Activation = Literal["silu", "relu", "leaky_relu", "elu", "gelu", "softplus", "tanh"]

Beta = Annotated[float, Field(ge=0, le=1000)]
LearningRate = Annotated[float, Field(ge=1e-6, le=1e-2)]
MAX_WIDTH, MAX_HIDDEN_LAYERS = 4096, 8
Seconds = Annotated[float, Field(ge=1, le=86_400)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]

KindName = Annotated[str, OneOf(KINDS)]


class NetworkConfig(Config):
    """One network. `widths` are hidden units (mlp) or channels (conv, each halves the image), seen from the image:
    a decoder uses them in the opposite order."""

    network: Network = Field("mlp", description="layers of units, or of convolutions")
    widths: tuple[Width, ...] = Field(
        (512, 256, 128), max_length=MAX_HIDDEN_LAYERS, description="units or channels, image side first"
    )
    activation: Activation = Field("silu", description="the non-linearity after every hidden layer")


class ModelConfig(Config):
    """A model without its weights."""

    kind: KindName = Field("vae", description="variational (vae) or plain (ae) auto-encoder")
    encoder: NetworkConfig = NetworkConfig()
    decoder: NetworkConfig = NetworkConfig()
    image_shape: tuple[int, int, int] = Field((1, 28, 28), description="channels, height, width")
    latent_dim: int = Field(2, ge=1, le=256, description="dimensions of the code")
    reconstruction: Literal["bce", "mse"] = Field(
        "bce", description="Bernoulli cross-entropy on grey pixels (bce) or squared error of a Gaussian (mse)"
    )
    observation_variance: float = Field(0.5, ge=1e-4, le=100, description="variance s² of a pixel, used by mse")
    output: Literal["sigmoid", "identity"] = Field(
        "sigmoid", description="how the decoder's last layer becomes an image; identity goes with mse only"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        channels, height, width = self.image_shape
        if channels not in (1, 3) or not (2 <= height <= 256 and 2 <= width <= 256):
            raise ValueError("image_shape must be 1 or 3 channels of 2 to 256 by 2 to 256 pixels")
        if self.reconstruction == "bce" and self.output != "sigmoid":
            raise ValueError("output must be sigmoid where reconstruction is bce")
        return self

    @property
    def pixels(self) -> int:
        """The number of values of an image, D, over all channels."""
        return math.prod(self.image_shape)

    @property
    def has_posterior(self) -> bool:
        """Whether a code is a distribution; given by the kind."""
        return KINDS[self.kind].has_posterior

    @property
    def likelihood(self) -> tuple[str, float | None]:
        """The observation model p(x|z) and its variance, None for Bernoulli pixels; nats compare only if equal."""
        return self.reconstruction, None if self.reconstruction == "bce" else self.observation_variance

    @property
    def equivalent_beta(self) -> float:
        """The β to which a mean over pixels beside a summed KL amounts: D with bce, D/(2s²) with mse."""
        _, variance = self.likelihood
        return float(self.pixels) if variance is None else self.pixels / (2 * variance)


class Extension(Config):
    """Training added to a finished run: from `from_step` on the learning rate is constant at `learning_rate`."""

    from_step: int = Field(ge=1)
    learning_rate: LearningRate


class TrainingConfig(Config):
    """The settings of training. Its length is `steps` if given, else `seconds`, else `epochs`.

    `steps` counts those of the `extensions` too; the schedule is over where the first of them begins.
    """

    data: DataConfig = DataConfig()
    epochs: int = Field(20, ge=1, le=100_000, description="passes over the training images")
    seconds: Seconds | None = Field(
        None, description="train about this long instead; becomes a number of steps at the start"
    )
    steps: int | None = Field(None, ge=1, le=1_000_000_000, description="train this many steps instead")
    batch_size: int = Field(128, ge=1, le=8192, description="images a step")
    learning_rate: LearningRate = Field(1.5e-3, description="the highest, reached after the warm-up")
    schedule: Literal["cosine", "constant"] = Field("cosine", description="what follows the warm-up")
    warmup_steps: int = Field(200, ge=0, le=100_000, description="steps of linear warm-up of the learning rate")
    beta: Beta = Field(1.0, description="factor of the KL in the loss")
    beta_warmup_steps: int = Field(0, ge=0, le=1_000_000, description="steps of linear warm-up of beta")
    prior_match: float = Field(
        0.0, ge=0, le=1e4, description="factor of how far a VAE's codes as a whole are from the prior, in the loss"
    )
    seed: Seed = Field(0, description="of weights, order of images and noise")
    threads: int | None = Field(None, ge=1, le=256, description="threads of the processor; all where not given")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="of the large matrix products in training; auto takes bfloat16 where the processor has it"
    )
    device: Literal["cpu", "auto"] = Field("cpu", description="auto takes a GPU where there is one")
    extensions: tuple[Extension, ...] = Field((), max_length=100, description="what was added after the run's end")

    @model_validator(mode="after")
    def _extensions_follow_each_other(self) -> Self:
        starts = [extension.from_step for extension in self.extensions]
        if starts and (self.steps is None or sorted({*starts, self.steps}) != [*starts, self.steps]):
            raise ValueError("extensions must begin one after the other, before the last of the steps")
        return self

    @property
    def known_steps(self) -> int:
        """`steps`, where they are known, as those of every run are. Raises ConfigError where they are not."""
        if self.steps is None:
            raise ConfigError("The number of steps is not known yet.")
        return self.steps

    def changed(self, /, **changes: Any) -> Self:
        """The same settings with `changes`, nested ones merged; a new length replaces the old one.

        What was added after the end of a run is not taken over.
        """
        values = self.model_dump() | {"extensions": ()}
        if changes.keys() & {"epochs", "seconds", "steps"}:
            values |= {"seconds": None, "steps": None}
        return type(self)(**_merged(values, changes))


class Branching(Config):
    """The origin of a branched run: the snapshot of the run of this name, at this step."""

    run: str
    step: int = Field(ge=0)


class RunConfig(Config):
    """The complete settings to train a run again; a branched run also needs its snapshot 0."""

    model: ModelConfig
    training: TrainingConfig
    branched_from: Branching | None = None
    versions: dict[str, str] = Field(default_factory=dict, description="of what the run was made with")

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The settings in `text`. Raises ConfigError with one sentence if it isn't valid."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigError(sentence(error)) from None

    def to_json(self) -> str:
        return self.model_dump_json(indent=2) + "\n"


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`values` with `changes`; nested dictionaries are merged likewise."""
    merged = dict(values)
    for name, change in changes.items():
        both = isinstance(change, dict) and isinstance(values.get(name), dict)
        merged[name] = _merged(values[name], change) if both else change
    return merged
