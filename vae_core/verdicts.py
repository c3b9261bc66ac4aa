"""Verdicts: which of two runs is significantly better at a measure, and where figures don't compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from vae_core.measures.catalogue import HEADLINES, NATS, groups
from vae_core.measures.definition import Definition, Group
from vae_core.runs.cards import Measure
from vae_core.runs.run import Run

Interval = tuple[float, float]
Apart = Literal["images", "likelihood", "ruler"]

HEADLINE_COUNT = 5


@dataclass(frozen=True)
class Verdict:
    """One measure of each run, None if its card lacks it; `apart` is the reason why figures don't compare, if any.

    With a single run there is nothing to compare.
    """

    definition: Definition
    measures: tuple[Measure | None, ...]
    apart: Apart | None = None

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def is_whole(self) -> bool:
        """Whether each run has a value, and these compare."""
        return self.apart is None and all(one is not None and bool(one.values) for one in self.measures)

    @property
    def compares(self) -> bool:
        """Whether two runs have a value with an interval, and one can be better."""
        return len(self.measures) == 2 and self.definition.better is not None and len(self._sampled) == 2

    @property
    def winner(self) -> int | None:
        """The index of the significantly better run; None if neither is."""
        if not self.compares:
            return None
        difference, half = difference_of(*self._sampled)
        if abs(difference) <= half:
            return None
        return int((difference > 0) == (self.definition.better == "low"))

    @property
    def _sampled(self) -> list[tuple[float, Interval]]:
        """Value and interval of each run that has both; empty if figures don't compare."""
        if self.apart is not None:
            return []
        known = (one for one in self.measures if one is not None)
        return [(math.fsum(one.values) / len(one.values), one.interval) for one in known if one.values and one.interval]


def by_group(runs: Sequence[Run]) -> dict[Group, list[Verdict]]:
    """The measures of each group for which a run has a value. Raises RunError if a card can't be read."""
    cards = [run.read_card().measures for run in runs]
    found = {}
    for group, definitions in groups().items():
        rows = [Verdict(one, tuple(card.get(one.name) for card in cards), why_apart(one, runs)) for one in definitions]
        if shown := [row for row in rows if any(one and one.values for one in row.measures)]:
            found[group] = shown
    return found


def headlines(found: Mapping[Group, Sequence[Verdict]]) -> list[Verdict]:
    """The first HEADLINE_COUNT of HEADLINES that all runs have, and by which they compare, in the groups' order."""
    rows = {row.name: row for rows in found.values() for row in rows}
    told = [name for name in HEADLINES if name in rows and rows[name].is_whole][:HEADLINE_COUNT]
    return [row for name, row in rows.items() if name in told]


def difference_of(one: tuple[float, Interval], other: tuple[float, Interval]) -> tuple[float, float]:
    """The difference of two values with intervals, and half its 95 % interval.

    As if the two were independent. Of an interval that ends at what is possible the longer side counts.
    """
    halves = [max(high - value, value - low) for value, (low, high) in (one, other)]
    return one[0] - other[0], math.hypot(*halves)


def why_apart(definition: Definition, runs: Sequence[Run]) -> Apart | None:
    """The reason why figures of the runs don't compare; None if they do.

    Nats of an image are those of a likelihood on a data set, and what a judge, a ruler or known factors say is said of
    one data set. All else is in units of its own: decibels, shares, or the coordinates in which the prior is N(0, I).
    """
    if not same_images(runs):
        if definition.unit == NATS:
            return "images"
        return "ruler" if definition.is_of_one_data_set else None
    likelihoods = {run.config.model.likelihood for run in runs}
    return "likelihood" if definition.unit == NATS and len(likelihoods) > 1 else None


def same_images(runs: Sequence[Run]) -> bool:
    """Whether all runs are measured on the same test images, whatever they were trained on."""
    first, *others = (run.config.training.data for run in runs)
    return all(other.has_test_images_of(first) for other in others)
