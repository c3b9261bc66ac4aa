"""The kinds of model, without their networks and without torch.

A further kind is one more `Kind` in KINDS, a final class of `AutoEncoder` in a module of its own, and its texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_core.configs import TrainingConfig

TOTAL = "total"


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of model.

    `model` says where its class is ("module:Class"). With `has_posterior` a code is a distribution, so that there are
    a KL, a likelihood, noise, and a prior that gives codes their scale. `terms` are those of its loss, each with the
    setting of training that weighs it, None for 1; those in `optional` take long, and are taken only where their
    weight is not 0. `settings` are those of training that such models alone have: twins may differ in them. The best
    weights are those with the lowest validation figure of `criterion`.
    """

    name: str
    model: str
    has_posterior: bool
    terms: Mapping[str, str | None]
    optional: frozenset[str] = frozenset()
    settings: tuple[str, ...] = ()
    criterion: str = TOTAL

    @property
    def weights(self) -> tuple[str, ...]:
        """The settings that weigh its terms."""
        return tuple(setting for setting in self.terms.values() if setting is not None)

    def taken(self, training: TrainingConfig) -> tuple[str, ...]:
        """The figures that a training takes of its loss: the total, and each of the terms."""
        terms = self.terms.items()
        kept = [name for name, weight in terms if name not in self.optional or (weight and getattr(training, weight))]
        return (TOTAL, *kept)

    def curves(self, training: TrainingConfig) -> tuple[str, ...]:
        """The curves of a training: the total, and its terms if there are several."""
        taken = self.taken(training)
        return taken if len(taken) > 2 else (TOTAL,)


AE = Kind(
    name="ae",
    model="vae_core.models.auto_encoders:AE",
    has_posterior=False,
    terms={"reconstruction": None},
)
VAE = Kind(
    name="vae",
    model="vae_core.models.auto_encoders:VAE",
    has_posterior=True,
    terms={"reconstruction": None, "kl": "beta", "mismatch": "prior_match"},
    optional=frozenset({"mismatch"}),
    settings=("beta", "beta_warmup_steps", "prior_match"),
)

KINDS = {kind.name: kind for kind in (AE, VAE)}
"""All of them by name, in the order in which they are shown beside each other."""


def own_settings() -> set[str]:
    """The settings of training that only some kinds have."""
    return {setting for kind in KINDS.values() for setting in kind.settings}
