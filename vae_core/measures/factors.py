"""Relations of codes (N, D) to known factors: pure functions of tensors, for disentanglement.

A factor is one column of numbers, or two for an angle: its cosine and sine, which have no seam at 360 degrees.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

LEVELS = 20  # of equal mass, that codes and factors are cut into where their mutual information is counted
TREES = 20
MIN_VARIANCE = 1e-12


class Factor(NamedTuple):
    """One known factor of N images."""

    numbers: Tensor
    """(N,), in degrees for an angle"""
    columns: Tensor
    """(N, 1), or (N, 2) for an angle: what is predicted from codes"""


def named(names: tuple[str, ...], numbers: Tensor) -> list[Factor]:
    """The factors of these names, each from a column of numbers (N, F); `tilt` is an angle in degrees."""
    return [_factor(name, column) for name, column in zip(names, numbers.double().T, strict=True)]


def _factor(name: str, numbers: Tensor) -> Factor:
    if name != "tilt":
        return Factor(numbers, numbers[:, None])
    angles = torch.deg2rad(numbers)
    return Factor(numbers, torch.stack([angles.cos(), angles.sin()], dim=1))


def mutual_information_gap(codes: Tensor, factors: list[Factor]) -> Tensor:
    """Mean over factors of (I₁ − I₂)/H, the lead in information of the best dimension over the second, 0 to 1.

    Mutual information and entropy of LEVELS quantile levels. Chen et al. 2018, Isolating Sources of Disentanglement,
    eq. 6.
    """
    code_levels = [_levels(column) for column in codes.T]
    gaps = []
    for one in factors:
        levels = _levels(one.numbers)
        information = torch.stack([_mutual_information(column, levels) for column in code_levels])
        gaps.append(_gap(information) / _entropy(torch.bincount(levels)))
    return torch.stack(gaps).mean()


def attribute_predictability(codes: Tensor, factors: list[Factor]) -> Tensor:
    """Mean over factors of the lead in linear prediction of the best dimension over the second, 0 to 1.

    R² of the regression on a single dimension; over both columns of an angle. Kumar et al. 2018, section 3.
    """
    centred = codes.double() - codes.double().mean(0)
    code_variances = centred.square().mean(0).clamp(min=MIN_VARIANCE)
    gaps = []
    for one in factors:
        columns = one.columns - one.columns.mean(0)
        covariances = centred.T @ columns / len(codes)  # (D, columns)
        explained = (covariances.square() / code_variances[:, None]).sum(1)
        gaps.append(_gap(explained / columns.square().mean(0).sum().clamp(min=MIN_VARIANCE)))
    return torch.stack(gaps).mean()


def dci(codes: Tensor, factors: list[Factor], seed: int) -> Tensor:
    """Disentanglement, completeness, informativeness of codes (N, D), each at most 1: (3,). Eastwood & Williams 2018.

    A random forest predicts each factor from the first half of the rows. Importances R (D, factors): disentanglement is
    1 minus the entropy of each row's shares, weighed by row; completeness the same of columns, their mean; the
    informativeness is the mean R² on the second half of the rows, so that high is good as elsewhere.
    """
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.metrics import r2_score

    half = len(codes) // 2
    importances, scores = [], []
    for one in factors:
        forest = RandomForestRegressor(TREES, random_state=seed)
        columns = one.columns.squeeze(1).numpy()
        forest.fit(codes[:half].numpy(), columns[:half])
        importances.append(torch.from_numpy(forest.feature_importances_))
        predicted = forest.predict(codes[half:].numpy())
        scores.append(r2_score(columns[half:], predicted, multioutput="variance_weighted"))
    relevance = torch.stack(importances, dim=1)  # (D, factors)
    rows = relevance.sum(1)
    disentanglement = (_concentration(relevance) * rows).sum() / rows.sum().clamp(min=MIN_VARIANCE)
    informativeness = torch.tensor(scores, dtype=torch.float64).mean()
    return torch.stack([disentanglement, _concentration(relevance.T).mean(), informativeness])


def _levels(values: Tensor) -> Tensor:
    """The index of the quantile level, of LEVELS, of each value (N,); equal values share one."""
    values = values.double().contiguous()
    edges = values.quantile(torch.arange(1, LEVELS, dtype=torch.float64) / LEVELS)
    return torch.bucketize(values, edges)


def _mutual_information(levels: Tensor, others: Tensor) -> Tensor:
    """Mutual information of two sequences of levels (N,), in nats."""
    joint = torch.bincount(levels * LEVELS + others)
    return _entropy(torch.bincount(levels)) + _entropy(torch.bincount(others)) - _entropy(joint)


def _entropy(counts: Tensor) -> Tensor:
    entropy: Tensor = torch.special.entr(counts / counts.sum(dtype=torch.float64)).sum()
    return entropy


def _gap(scores: Tensor) -> Tensor:
    """The largest of scores (D,) minus the second largest."""
    highest = scores.topk(2).values
    return highest[0] - highest[1]


def _concentration(relevance: Tensor) -> Tensor:
    """1 minus the entropy of each row's shares over that of an even row: (M, K) -> (M,).

    It is 1 for a single entry, and 0 where there is none: what is of no use is not concentrated anywhere.
    """
    sums = relevance.sum(1)
    shares = relevance / sums[:, None].clamp(min=MIN_VARIANCE)
    evenness = torch.special.entr(shares).sum(1) / torch.log(torch.tensor(relevance.shape[1]))
    return torch.where(sums > 0, 1 - evenness, 0.0)
