"""The settings of the training form: defaults, presets, limits, and the runs made from them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from halfmoon.jobs.job import NewRun
from halfmoon.jobs.limits import MAX_SECONDS
from halfmoon.parts.fields import Limits
from halfmoon.texts import text
from vae_core.configs import (
    MAX_HIDDEN_LAYERS,
    MAX_WIDTH,
    PHASE_ONLY,
    Activation,
    ModelConfig,
    Network,
    NetworkConfig,
    Phases,
    TrainingConfig,
)
from vae_core.data.sources import SOURCES
from vae_core.errors import ConfigError
from vae_core.kinds import AE, KINDS, VAE
from vae_core.moons.moons_config import VARIABLE

PAIR = (AE.name, VAE.name)
MODELS = {"pair": PAIR} | {name: (name,) for name in KINDS}
"""What can be trained at once, and the kinds of it."""

USUAL_MODEL, USUAL_TRAINING, USUAL_NETWORK = ModelConfig(), TrainingConfig(), NetworkConfig()
WIDTHS = {USUAL_NETWORK.network: ", ".join(map(str, USUAL_NETWORK.widths)), "conv": "16, 32"}

FACTORS = VARIABLE
"""Of moons, besides the phase: each varies, or is fixed as in the moons of which the phase alone varies."""

WEIGHTS = tuple(dict.fromkeys(setting for kind in KINDS.values() for setting in kind.weights))
"""The settings that weigh terms of a loss, of all kinds."""

NUMBERS = ("epochs", "batch_size", "learning_rate", "seed", *WEIGHTS)

LIMITS = {
    "seconds": Limits(1, MAX_SECONDS),
    "latent_dim": Limits.of(ModelConfig, "latent_dim"),
    **{name: Limits.of(TrainingConfig, name) for name in NUMBERS},
}

OPTIONS: dict[str, Collection[str]] = {
    "data": SOURCES,
    "kind": MODELS,
    "phases": get_args(Phases),
    "network": get_args(Network),
    "activation": get_args(Activation),
    "reconstruction": ("bce", "mse"),
    "unit": ("seconds", "epochs"),
}
"""What the fields offer in which one chooses."""

USUAL: dict[str, Any] = {
    "data": "mnist",
    "kind": "pair",
    "phases": USUAL_TRAINING.data.phases,
    "factors": FACTORS,
    "network": USUAL_NETWORK.network,
    "widths": WIDTHS[USUAL_NETWORK.network],
    "activation": USUAL_NETWORK.activation,
    "latent_dim": float(USUAL_MODEL.latent_dim),
    "reconstruction": USUAL_MODEL.reconstruction,
    "unit": "seconds",
    "seconds": 30.0,
    **{name: float(getattr(USUAL_TRAINING, name)) for name in NUMBERS},
}
"""The defaults of the settings; on purpose other than those: a pair of models, and a length in seconds, whose wait is
known beforehand."""
PRESETS: dict[str, dict[str, Any]] = {
    "pair": {},
    "ae": {"kind": "ae"},
    "vae": {"kind": "vae"},
    "no_kl": {"kind": "vae", "beta": 0.0},
    "collapse": {"kind": "vae", "beta": 60.0},
    "new_and_full": {
        "kind": "pair",
        "data": "moons-phase",
        "phases": "new-and-full",
        "latent_dim": 1.0,
        "widths": "256, 128",
        "reconstruction": "mse",
        "seconds": 20.0,
    },
}
"""What differs from USUAL; each tells a part of the story, on a card."""


@dataclass
class Form:
    """The values of the form's widgets, by the names in USUAL."""

    values: dict[str, Any]

    def problems(self) -> dict[str, str]:
        """The invalid fields: a sentence for each, by its name."""
        unused = {name for name in WEIGHTS if not self.weighs(name)}
        unused |= {"epochs" if self.values["unit"] == "seconds" else "seconds"}
        counting = {name: limits for name, limits in LIMITS.items() if name not in unused}
        found = {name: limits.sentence() for name, limits in counting.items() if not limits.allow(self.values[name])}
        try:
            self._network()
        except ConfigError:
            found["widths"] = text("train.widths_wrong", count=MAX_HIDDEN_LAYERS, high=f"{MAX_WIDTH:,}")
        return found

    def runs(self) -> list[NewRun]:
        """The form's runs: one, or a pair with the same networks and seed. Raises ConfigError."""
        values, network = self.values, self._network()
        data: dict[str, Any] = {"name": values["data"]} | ({"phases": values["phases"]} if self.has_phases else {})
        if self.has_factors:
            fixed = {name: getattr(PHASE_ONLY, name) for name in FACTORS if name not in values["factors"]}
            data |= {"moons": fixed}
        length = {"seconds": values["seconds"]} if values["unit"] == "seconds" else {"epochs": values["epochs"]}
        names = ("learning_rate", "batch_size", "seed", *filter(self.weighs, WEIGHTS))
        training = TrainingConfig(data=data, **length, **{name: values[name] for name in names})
        common: dict[str, Any] = {"encoder": network.model_dump(), "decoder": network.model_dump()}
        common |= {"latent_dim": values["latent_dim"], "reconstruction": values["reconstruction"]}
        common |= {"image_shape": training.data.image_shape}
        return [NewRun(ModelConfig(kind=kind, **common), training) for kind in MODELS[values["kind"]]]

    def _network(self) -> NetworkConfig:
        """The networks. Raises ConfigError if the widths are invalid."""
        widths = [part.strip() for part in re.split("[,，、]", self.values["widths"]) if part.strip()]
        return NetworkConfig(network=self.values["network"], widths=widths, activation=self.values["activation"])

    def weighs(self, setting: str) -> bool:
        """Whether the loss of any of the chosen kinds has the term that this setting weighs."""
        return any(setting in KINDS[kind].weights for kind in MODELS[self.values["kind"]])

    @property
    def has_phases(self) -> bool:
        return "phases" in self._of_the_data

    @property
    def has_factors(self) -> bool:
        moons = self._of_the_data.get("moons")
        return moons is not None and not moons.phase_alone_varies

    @property
    def _of_the_data(self) -> Mapping[str, Any]:
        """The settings that not all data sets have, with their defaults."""
        return SOURCES[self.values["data"]].settings
