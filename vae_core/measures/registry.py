"""What a measure is, the register of them all, and the mean over images that most of them are."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from vae_core.measures.folds import interval_of, jackknife_interval, over_folds, over_rests
from vae_core.measures.subject import Subject


@dataclass(frozen=True)
class Measure:
    """One figure of a card. `value` is a number, a list with one for each latent dimension, or None with a `reason`.

    `n` counts images, codes or paths of `split`; `seed` is there where they were drawn; `interval` is the 95 % one;
    `floor` is what the value could at best be on these images, where that isn't 0; `beside` holds figures to read the
    value by; `note` says what of the definition depends on the model.
    """

    value: float | list[float] | None
    split: str = "test"
    n: int = 0
    unit: str = ""
    seed: int | None = None
    interval: tuple[float, float] | None = None
    floor: float | None = None
    beside: dict[str, float] | None = None
    note: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """What a card holds: `value` always, and of the rest what there is."""
        return {name: entry for name, entry in asdict(self).items() if entry is not None or name == "value"}


class Definition(NamedTuple):
    """What is known of a measure before it is taken; `better` is None where neither low nor high is.

    `ends` are the least and the most that it can be, beyond which no interval reaches.
    """

    take: Callable[[Subject], Measure]
    unit: str
    better: Literal["low", "high"] | None
    needs_posterior: bool = False
    only_record: bool = False
    most_latent_dims: int | None = None
    needs_judge: bool = False
    needs_ruler: bool = False
    needs_factors: bool = False
    ends: tuple[float, float] = (-math.inf, math.inf)

    def why_not(self, subject: Subject, record: bool) -> str | None:
        """Why the measure can't be taken, in a sentence; None where it can."""
        if self.needs_posterior and not subject.model.has_posterior:
            return "Not defined for a model whose codes are points, not distributions."
        if self.most_latent_dims is not None and subject.model.config.latent_dim > self.most_latent_dims:
            return f"Not defined for more than {self.most_latent_dims} latent dimensions."
        if self.needs_judge and subject.judge is None:
            return "There is no judge of this data set."
        if self.needs_ruler and subject.ruler is None:
            return "There is neither a judge of this data set nor are its images moons."
        if self.needs_factors and (len(subject.factor_names) < 2 or subject.model.config.latent_dim < 2):
            return "Defined where two or more factors are known to vary, for two or more latent dimensions."
        if self.only_record and not record:
            return "Takes minutes: measured only for the record (evaluate --record)."
        return None

    def within_ends(self, interval: tuple[float, float] | None) -> tuple[float, float] | None:
        """The interval, cut off where the measure can't be."""
        if interval is None:
            return None
        least, most = self.ends
        return float(max(interval[0], least)), float(min(interval[1], most))


MEASURES: dict[str, Definition] = {}


Function = Callable[[Subject], Measure]


def measure(unit: str, better: Literal["low", "high"] | None, **conditions: Any) -> Callable[[Function], Function]:
    """Registers a function of a subject as the measure of its name; `conditions` are those of `Definition`."""

    def register(function: Function) -> Function:
        @functools.wraps(function)
        def take(subject: Subject) -> Measure:
            result = replace(function(subject), unit=unit)
            values = result.value if isinstance(result.value, list) else [result.value]
            if result.reason is None and not all(map(math.isfinite, values)):
                return Measure(None, result.split, result.n, unit, reason="Not finite: has the model diverged?")
            return replace(result, interval=definition.within_ends(result.interval))

        definition = MEASURES[function.__name__] = Definition(take, unit, better, **conditions)
        return take

    return register


def mean_over_images(values: Tensor, **entries: Any) -> Measure:
    """The mean over test images (N,), with its interval; `entries` are the measure's."""
    return with_interval(torch.mean, values.double(), **entries)


def with_interval(
    statistic: Callable[..., Tensor], *tensors: Tensor, jackknife: bool = False, **entries: Any
) -> Measure:
    """`statistic` of all rows of `tensors`, with the interval that its folds give; `entries` are the measure's.

    With `jackknife` the interval is that of leaving folds out, for what depends on how many rows there are.
    """
    value = float(statistic(*tensors))
    if jackknife:
        interval = jackknife_interval(value, over_rests(statistic, *tensors))
    else:
        interval = interval_of(value, over_folds(statistic, *tensors))
    return Measure(value, n=len(tensors[0]), interval=interval, **entries)
