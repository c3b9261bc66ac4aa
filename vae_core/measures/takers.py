"""The register of functions that take measures of a subject, and means over images with their intervals."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from vae_core.measures.catalogue import MEASURES
from vae_core.measures.folds import interval_of, jackknife_interval, over_folds, over_rests
from vae_core.measures.subject import Subject
from vae_core.runs.cards import Measure

Taker = Callable[[Subject], Measure]

TAKERS: dict[str, Taker] = {}
"""What takes each measure of the catalogue, by its name."""


def measure(function: Taker) -> Taker:
    """Registers a function of a subject as the taker of the measure of its name in the catalogue.

    The result gets the definition's unit and keeps within its bounds; a value that is not finite is none.
    """
    definition = MEASURES[function.__name__]

    @functools.wraps(function)
    def take(subject: Subject) -> Measure:
        result = replace(function(subject), unit=definition.unit)
        if not all(map(math.isfinite, result.values)):
            reason = "Not finite: has the model diverged?"
            return Measure(None, result.split, result.n, definition.unit, reason=reason)
        return replace(result, interval=definition.within_bounds(result.interval))

    TAKERS[definition.name] = take
    return take


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
