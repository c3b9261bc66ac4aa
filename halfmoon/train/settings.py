"""What the form of a training holds: its usual values, presets, limits, and the runs that it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from halfmoon.jobs.job import NewRun
from halfmoon.jobs.limits import MOST_SECONDS
from halfmoon.parts.fields import Limits
from halfmoon.texts import text
from vae_core.configs import LARGEST_WIDTH, MOST_WIDTHS, PHASE_ONLY, ModelConfig, NetworkConfig, TrainingConfig
from vae_core.data.sources import SOURCES
from vae_core.errors import ConfigError
from vae_core.moons.moons_config import VARIABLE

KINDS = ("pair", "vae", "ae")
WIDTHS = {"mlp": "512, 256, 128", "conv": "16, 32"}

FACTORS = VARIABLE
"""Of moons, besides the phase: each varies, or is fixed as in the moons of which the phase alone varies."""

OF_THE_KL = ("beta", "prior_match")
"""Weights of terms that the loss of an AE has not."""

LIMITS = {
    "seconds": Limits(1, MOST_SECONDS),
    "latent_dim": Limits.of(ModelConfig, "latent_dim"),
    **{name: Limits.of(TrainingConfig, name) for name in ("epochs", "batch_size", "learning_rate", "seed", *OF_THE_KL)},
}

USUAL: dict[str, Any] = {
    "data": "mnist",
    "kind": "pair",
    "phases": "all",
    "factors": FACTORS,
    "network": "mlp",
    "widths": WIDTHS["mlp"],
    "activation": "silu",
    "latent_dim": 2.0,
    "reconstruction": "bce",
    "beta": 1.0,
    "prior_match": 0.0,
    "learning_rate": 2e-3,
    "batch_size": 128.0,
    "unit": "seconds",
    "seconds": 30.0,
    "epochs": 20.0,
    "seed": 0.0,
}
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
"""What differs from USUAL; each tells a part of the story."""


@dataclass
class Form:
    """The values of the form's widgets, by the names in USUAL."""

    values: dict[str, Any]

    def problems(self) -> dict[str, str]:
        """What can't be trained with: a sentence for each such field, by its name."""
        unused = {"epochs" if self.values["unit"] == "seconds" else "seconds", *(OF_THE_KL if self.is_ae else ())}
        counting = {name: limits for name, limits in LIMITS.items() if name not in unused}
        found = {name: limits.sentence() for name, limits in counting.items() if not limits.allow(self.values[name])}
        try:
            self._network()
        except ConfigError:
            found["widths"] = text("train.widths_wrong", count=MOST_WIDTHS, high=f"{LARGEST_WIDTH:,}")
        return found

    def runs(self) -> list[NewRun]:
        """What the form asks for: one run, or a pair with the same networks and seed. Raises ConfigError."""
        values, network = self.values, self._network()
        data = {"name": values["data"]} | ({"phases": values["phases"]} if self.has_phases else {})
        if self.has_factors:
            fixed = {name: getattr(PHASE_ONLY, name) for name in FACTORS if name not in values["factors"]}
            data |= {"moons": fixed}
        length = {"seconds": values["seconds"]} if values["unit"] == "seconds" else {"epochs": values["epochs"]}
        names = ("learning_rate", "batch_size", "seed", *(() if self.is_ae else OF_THE_KL))
        training = TrainingConfig(data=data, **length, **{name: values[name] for name in names})
        kinds = ("ae", "vae") if values["kind"] == "pair" else (values["kind"],)
        common = {"encoder": network.model_dump(), "decoder": network.model_dump()}
        common |= {"latent_dim": values["latent_dim"], "reconstruction": values["reconstruction"]}
        shape = training.data.image_shape
        return [NewRun(ModelConfig(kind=kind, image_shape=shape, **common), training) for kind in kinds]

    def _network(self) -> NetworkConfig:
        """The networks. Raises ConfigError where the widths are none."""
        widths = [part.strip() for part in re.split("[,，、]", self.values["widths"]) if part.strip()]
        return NetworkConfig(network=self.values["network"], widths=widths, activation=self.values["activation"])

    @property
    def is_ae(self) -> bool:
        return self.values["kind"] == "ae"

    @property
    def has_phases(self) -> bool:
        return "phases" in self._of_the_data

    @property
    def has_factors(self) -> bool:
        moons = self._of_the_data.get("moons")
        return moons is not None and not moons.phase_alone_varies

    @property
    def _of_the_data(self) -> Mapping[str, Any]:
        """The settings that not all data sets have, with their usual values."""
        return SOURCES[self.values["data"]].settings
