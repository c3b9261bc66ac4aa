"""How sure a figure is: the same figure of disjoint parts of the images, and the interval that their spread gives.

Parts and not a bootstrap, whose duplicates would look like neighbours at no distance.
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
    """`statistic` of FOLDS disjoint parts of the rows of `tensors`, (FOLDS, ...); NaN where there are too few rows.

    Which rows are together is drawn with a fixed seed, for files are often sorted, and every other moon is a new one.
    """
    count = len(tensors[0])
    if count < FOLDS:
        return torch.full((FOLDS,), math.nan, dtype=torch.float64)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(FOLDS_SEED))
    folds = [order[first::FOLDS] for first in range(FOLDS)]
    return torch.stack([statistic(*(tensor[fold] for tensor in tensors)) for fold in folds]).double()


def fold_means(values: Tensor) -> Tensor:
    """Means of FOLDS disjoint parts of (N,)."""
    return over_folds(torch.mean, values.double())


def interval_of(value: float, figures: Tensor) -> tuple[float, float] | None:
    """The 95 % interval of a figure from the spread of its folds' figures; None where there are too few images.

    Exact for a mean. A bias that is larger in small folds moves neither end, for the interval is around `value`.
    """
    half = FOLDS_QUANTILE * float(figures.std()) / math.sqrt(FOLDS)
    return (value - half, value + half) if math.isfinite(half) else None
