"""What a run is made from: immutable settings, validated once and saved as JSON.

The same objects give the command line its options, the pages their limits and `config.json` its content.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from vae_core.errors import ConfigError
from vae_core.kinds import KINDS

Network = Literal["mlp", "conv"]
Activation = Literal["silu", "relu", "leaky_relu", "elu", "gelu", "softplus", "tanh"]
DataName = Literal["mnist", "fashion-mnist", "digits", "moons-phase", "moons"]
Phases = Literal["all", "all-but-half", "new-and-full", "two-images"]

Beta = Annotated[float, Field(ge=0, le=1000)]
LearningRate = Annotated[float, Field(ge=1e-6, le=1e-2)]
LARGEST_WIDTH, MOST_WIDTHS = 4096, 8
Seconds = Annotated[float, Field(ge=1, le=86_400)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Width = Annotated[int, Field(ge=1, le=LARGEST_WIDTH)]
Range = tuple[float, float]

LONGEST_INPUT = 60  # characters of what was given, in the sentence that refuses it


@dataclass(frozen=True, eq=False)
class OneOf:
    """Says that a setting is one of the `names` in a registry, as they are when it is validated."""

    names: Collection[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._validated, handler(source))

    def _validated(self, name: str) -> str:
        if name not in self.names:
            expected = " or ".join(map(repr, self.names))
            raise PydanticKnownError("literal_error", {"expected": expected})
        return name


KindName = Annotated[str, OneOf(KINDS)]


class Config(BaseModel):
    """Frozen and strict about names: a typing error in a file or an option is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, /, **values: Any) -> None:
        """Raises ConfigError with one sentence where a value is missing, unknown or out of range."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from None

    # Tells pydantic that settings within settings need no call of this: an error keeps the path that leads to it.
    __init__.__pydantic_base_init__ = True

    def replace(self, /, **changes: Any) -> Self:
        """The same settings but for `changes`, validated again."""
        return type(self)(**(self.model_dump() | changes))

    @classmethod
    def limits(cls, name: str) -> tuple[float, float]:
        """The least and the greatest value of a setting that has both."""
        known = cls.model_fields[name].metadata
        low, high = (next(getattr(one, end) for one in known if hasattr(one, end)) for end in ("ge", "le"))
        return low, high


class NetworkConfig(Config):
    """One network. `widths` are hidden units (mlp) or channels (conv, each halves the image), seen from the image:
    a decoder uses them in the opposite order."""

    network: Network = Field("mlp", description="layers of units, or of convolutions")
    widths: tuple[Width, ...] = Field(
        (512, 256, 128), max_length=MOST_WIDTHS, description="units or channels, image side first"
    )
    activation: Activation = Field("silu", description="the non-linearity after every hidden layer")


class ModelConfig(Config):
    """A model, but for its weights."""

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
        """How many numbers an image is, D: those of all its channels."""
        return math.prod(self.image_shape)

    @property
    def has_posterior(self) -> bool:
        """Whether a code is a distribution: that of its kind."""
        return KINDS[self.kind].has_posterior

    @property
    def likelihood(self) -> tuple[str, float | None]:
        """What p(x|z) is of: Bernoulli pixels, or Gaussian ones with their variance. Nats compare where it is one."""
        return self.reconstruction, None if self.reconstruction == "bce" else self.observation_variance

    @property
    def equivalent_beta(self) -> float:
        """The β that a mean over pixels beside a summed KL amounts to: D with bce, D/(2s²) with mse."""
        _, variance = self.likelihood
        return float(self.pixels) if variance is None else self.pixels / (2 * variance)


class MoonsConfig(Config):
    """How moons are drawn: pixels for lengths, degrees for tilt; a range of equal ends does not vary."""

    size: int = Field(28, ge=16, le=64, description="height and width of the image")
    tilt: Range = Field((0.0, 360.0), description="side of the bright limb, 0 right, 90 up")
    radius: Range = Field((8.0, 11.0), description="radius of the disc")
    offset: Range = Field((-2.0, 2.0), description="the centre's distance from the image's, across and down")
    earthshine: float = Field(0.12, ge=0, le=0.5, description="brightness of the unlit part of the disc")

    @model_validator(mode="after")
    def _stays_inside(self) -> Self:
        for name in ("tilt", "radius", "offset"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} must be a range with its lower end first")
        if self.radius[0] < 1 or self.radius[1] + max(map(abs, self.offset)) > self.size / 2:
            raise ValueError("radius and offset must keep the disc inside the image")
        return self

    @property
    def phase_alone_varies(self) -> bool:
        """Whether all moons differ in their phase only."""
        return all(low == high for low, high in (self.tilt, self.radius, self.offset))


PHASE_ONLY = MoonsConfig(tilt=(0, 0), radius=(10, 10), offset=(0, 0))


class DataConfig(Config):
    """A data set by name, and its settings."""

    name: DataName = Field("mnist", description="the data set")
    training_count: int | None = Field(
        None, ge=1, le=1_000_000, description="train on this many images of the training split instead of all"
    )
    phases: Phases = Field("all", description="moons only: the phases that are trained on")
    moons: MoonsConfig | None = Field(None, description="moons only: how they are drawn")

    @model_validator(mode="before")
    @classmethod
    def _moons_have_settings(cls, values: Any) -> Any:
        """Fills in what is not said of the moons' settings: `moons-phase` varies the phase alone."""
        if isinstance(values, dict) and str(values.get("name")).startswith("moons"):
            given = values.get("moons") or {}
            preset = PHASE_ONLY if values["name"] == "moons-phase" else MoonsConfig()
            if isinstance(given, dict):
                values = values | {"moons": preset.model_dump() | given}
        return values

    @model_validator(mode="after")
    def _moons_only(self) -> Self:
        if not self.name.startswith("moons") and (self.moons is not None or self.phases != "all"):
            raise ValueError(f"phases and moons are settings of the moons, not of {self.name}")
        return self


class Extension(Config):
    """Training that was added to a finished run: from `from_step` on the learning rate stays at `learning_rate`."""

    from_step: int = Field(ge=1)
    learning_rate: LearningRate


class TrainingConfig(Config):
    """How a model is trained. Its length is `steps` where that is given, else `seconds`, else `epochs`.

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

    def changed(self, /, **changes: Any) -> Self:
        """The same settings but for `changes`, those within settings too; a new length replaces the old one.

        What was added after the end of a run is not taken over.
        """
        values = self.model_dump() | {"extensions": ()}
        if changes.keys() & {"epochs", "seconds", "steps"}:
            values |= {"seconds": None, "steps": None}
        return type(self)(**_merged(values, changes))


class ControlConfig(Config):
    """What a watcher asks of a worker: `control.json`. What is None stays as it is."""

    pause: bool = False
    stop: bool = False
    beta: Beta | None = None
    learning_rate: LearningRate | None = None
    steps_a_second: float | None = Field(None, ge=0.1, le=1000, description="slow motion; as fast as it goes if None")
    advance: int = Field(
        0, ge=0, le=1_000_000_000, description="while paused, this many single steps in all since the pause began"
    )


class AboutConfig(Config):
    """What people say of a run: `about.json`. `owner` is a secret of the browser that may stop and delete the run."""

    title: str | None = Field(None, min_length=1, max_length=120)
    owner: str | None = Field(None, min_length=1, max_length=200)
    started: str | None = Field(None, max_length=40, description="when, as ISO 8601 has it, with the time zone")


class Branching(Config):
    """The snapshot that a run began with: of the run of this name, at this step."""

    run: str
    step: int = Field(ge=0)


class RunConfig(Config):
    """All it takes to train a run again; one that was branched off has what it began with in its snapshot 0."""

    model: ModelConfig
    training: TrainingConfig
    branched_from: Branching | None = None
    versions: dict[str, str] = Field(default_factory=dict, description="of what the run was made with")

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The settings in `text`. Raises ConfigError with one sentence where it isn't valid."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from None

    def to_json(self) -> str:
        return self.model_dump_json(indent=2) + "\n"


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`values` with `changes`, dictionaries within them merged likewise."""
    merged = dict(values)
    for name, change in changes.items():
        both = isinstance(change, dict) and isinstance(values.get(name), dict)
        merged[name] = _merged(values[name], change) if both else change
    return merged


def _sentence(error: ValidationError) -> str:
    """The first thing wrong in `error`, as one sentence."""
    first = error.errors(include_url=False)[0]
    name = ".".join(_brief(part) for part in first["loc"])
    subject = f"The setting {name}" if name else "The settings"
    match first["type"]:
        case "missing":
            return f"The setting {name} is missing."
        case "extra_forbidden":
            return f"There is no setting {name}; check its spelling."
        case "json_invalid":
            return f"The settings are not valid JSON ({first['ctx']['error']})."
        case "value_error":
            message = str(first["ctx"]["error"])
            return f"{message[0].upper()}{message[1:]}."
        case _:
            what = first["msg"][0].lower() + first["msg"][1:]
            return f"{subject} can't be {_brief(first['input'], repr)}: {what}."


def _brief(value: Any, write: Callable[[Any], str] = str) -> str:
    """`value` for a sentence: in one line that can be encoded, of LONGEST_INPUT characters at most."""
    try:
        written = write(value)
    except ValueError:  # Python writes no number of thousands of digits
        return "so large a number"
    written = written if written.isprintable() else repr(written)
    return written if len(written) <= LONGEST_INPUT else f"{written[:LONGEST_INPUT]}…"
