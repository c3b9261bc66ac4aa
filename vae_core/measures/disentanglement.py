"""Disentanglement: whether each latent dimension stands for one known factor, for moons.

Means of test codes in standard coordinates, against the factors that vary; tilt is one factor, its cosine and sine.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from vae_core.measures import factors
from vae_core.measures.factors import Factor
from vae_core.measures.folds import interval_of
from vae_core.measures.subject import SEED, Subject
from vae_core.measures.takers import measure, with_interval
from vae_core.runs.cards import Measure


@measure
def mig(subject: Subject) -> Measure:
    """Mutual information gap, see `factors.mutual_information_gap`: 0 to 1, where each factor has its own dimension."""
    return _of_factors(subject, factors.mutual_information_gap)


@measure
def sap(subject: Subject) -> Measure:
    """Separated attribute predictability, see `factors.attribute_predictability`: from 0 to 1."""
    return _of_factors(subject, factors.attribute_predictability)


@measure
def dci_disentanglement(subject: Subject) -> Measure:
    """Whether each dimension is informative about one factor only, see `factors.dci`: from 0 to 1."""
    return _dci(subject, 0)


@measure
def dci_completeness(subject: Subject) -> Measure:
    """Whether each factor is found in one dimension only, see `factors.dci`: from 0 to 1."""
    return _dci(subject, 1)


@measure
def dci_informativeness(subject: Subject) -> Measure:
    """How well codes predict the factors, R² on images not used to fit the forests, see `factors.dci`: up to 1."""
    return _dci(subject, 2)


def _of_factors(subject: Subject, statistic: Callable[[Tensor, list[Factor]], Tensor]) -> Measure:
    """`statistic` of the means of test codes and of the varying factors."""

    def of_rows(codes: Tensor, numbers: Tensor) -> Tensor:
        return statistic(codes, factors.named(subject.factor_names, numbers))

    return with_interval(of_rows, subject.standard_means, subject.varying_factors)


def _dci(subject: Subject, index: int) -> Measure:
    whole, folds = subject.dci
    value = float(whole[index])
    return Measure(value, n=len(subject.standard_means), seed=SEED, interval=interval_of(value, folds[:, index]))
