"""What a measure is, the register of them all, and the mean over images that most of them are."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from vae_core.metrics.subject import Subject

FOLDS = 10  # an interval comes from the means of so many disjoint parts of the images
FOLDS_QUANTILE = 2.262  # Student's t with 9 degrees of freedom, 97.5 %


@dataclass(frozen=True)
class Measure:
    """One figure of a card. `value` is a number, a list with one for each latent dimension, or None with a `reason`.

    `n` counts images of `split`; `seed` is there where codes or images were drawn; `interval` is the 95 % one of a mean
    over images; `floor` is what the value could at best be on these images, where that isn't 0.
    """

    value: float | list[float] | None
    split: str = "test"
    n: int = 0
    unit: str = ""
    seed: int | None = None
    interval: tuple[float, float] | None = None
    floor: float | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """What a card holds: `value` always, and of the rest what there is."""
        return {name: entry for name, entry in asdict(self).items() if entry is not None or name == "value"}


class Definition(NamedTuple):
    """What is known of a measure before it is taken; `better` is None where neither low nor high is."""

    take: Callable[[Subject], Measure]
    unit: str
    better: Literal["low", "high"] | None
    needs_posterior: bool = False
    only_record: bool = False
    most_latent_dims: int | None = None

    def why_not(self, subject: Subject, record: bool) -> str | None:
        """Why the measure can't be taken, in a sentence; None where it can."""
        if self.needs_posterior and not subject.model.has_posterior:
            return "Not defined for a model whose codes are points, not distributions."
        if self.most_latent_dims is not None and subject.model.config.latent_dim > self.most_latent_dims:
            return f"Not defined for more than {self.most_latent_dims} latent dimensions."
        if self.only_record and not record:
            return "Takes minutes: measured only for the record (evaluate --record)."
        return None


MEASURES: dict[str, Definition] = {}


Function = Callable[[Subject], Measure]


def measure(unit: str, better: Literal["low", "high"] | None, **conditions: Any) -> Callable[[Function], Function]:
    """Registers a function of a subject as the measure of its name; `conditions` are those of `Definition`."""

    def register(function: Function) -> Function:
        @functools.wraps(function)
        def take(subject: Subject) -> Measure:
            result = function(subject)
            values = result.value if isinstance(result.value, list) else [result.value]
            if not all(map(math.isfinite, values)):
                return Measure(None, result.split, result.n, unit, reason="Not finite: has the model diverged?")
            return replace(result, unit=unit)

        MEASURES[function.__name__] = Definition(take, unit, better, **conditions)
        return take

    return register


def mean_over_images(values: Tensor, seed: int | None = None, floor: float | None = None) -> Measure:
    """The mean over test images (N,), with its interval."""
    value = float(values.double().mean())
    return Measure(value, n=len(values), seed=seed, interval=interval_of(value, fold_means(values)), floor=floor)


def fold_means(values: Tensor) -> Tensor:
    """Means of FOLDS disjoint parts of (N,), every tenth image each, for files are often sorted; NaN where empty."""
    return torch.stack([values[first::FOLDS].double().mean() for first in range(FOLDS)])


def interval_of(value: float, means: Tensor) -> tuple[float, float] | None:
    """The 95 % interval of a mean from the spread of its folds' means; None where there are too few images."""
    half = FOLDS_QUANTILE * float(means.std()) / math.sqrt(FOLDS)
    return (value - half, value + half) if math.isfinite(half) else None
