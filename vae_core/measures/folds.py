"""The uncertainty of a figure: its values on folds of the images, and the interval from their spread.

Parts are disjoint folds, or all images but a fold for a figure that is another one of a tenth of them: what is counted
in cells. Not a bootstrap, whose duplicates would look like neighbours at no distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

FOLDS = 10
FOLDS_QUANTILE = 2.262  # Student's t with 9 degrees of freedom, 97.5 %
FOLDS_SEED = 0


def over_folds(statistic: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """`statistic` of FOLDS disjoint parts of the rows of `tensors`, (FOLDS, ...); NaN if there are too few rows.

    Which rows are together is drawn with a fixed seed, for files are often sorted, and every other moon is a new one.
    """
    return _over_parts(_folds(len(tensors[0])), statistic, *tensors)


def over_rests(statistic: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """`statistic` of all rows without one fold of `over_folds`, each left out in turn, (FOLDS, ...)."""
    folds = _folds(len(tensors[0]))
    rests = [torch.cat(folds[:left_out] + folds[left_out + 1 :]) for left_out in range(len(folds))]
    return _over_parts(rests, statistic, *tensors)


def fold_means(values: Tensor) -> Tensor:
    """Means of FOLDS disjoint parts of (N,)."""
    return over_folds(torch.mean, values.double())


def interval_of(value: float, figures: Tensor) -> tuple[float, float] | None:
    """The 95 % interval of a figure from the spread of its folds' figures; None if there are too few images.

    Exact for a mean. A bias that is larger in small folds moves neither end, for the interval is around `value`.
    """
    half = FOLDS_QUANTILE * float(figures.std()) / math.sqrt(FOLDS)
    return (value - half, value + half) if math.isfinite(half) else None


def jackknife_interval(value: float, figures: Tensor) -> tuple[float, float] | None:
    """The 95 % interval of a figure from the `figures` without each fold; None if there are too few images.

    The jackknife that leaves out a group at a time, Wu 1986: its parts are nearly as large as the whole, so that a
    figure that depends on how many images there are varies over them as it does over wholes.
    """
    half = FOLDS_QUANTILE * (FOLDS - 1) * float(figures.std()) / math.sqrt(FOLDS)
    return (value - half, value + half) if math.isfinite(half) else None


def _folds(count: int) -> list[Tensor]:
    """The rows, of `count`, in each fold; none if there are too few."""
    if count < FOLDS:
        return []
    order = torch.randperm(count, generator=torch.Generator().manual_seed(FOLDS_SEED))
    return [order[first::FOLDS] for first in range(FOLDS)]


def _over_parts(parts: list[Tensor], statistic: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    if not parts:
        return torch.full((FOLDS,), math.nan, dtype=torch.float64)
    return torch.stack([statistic(*(tensor[part] for tensor in tensors)) for part in parts]).double()
