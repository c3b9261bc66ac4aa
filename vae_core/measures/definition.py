"""The definition of a measure: everything known before it is taken. No torch is needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vae_core.measures.subject import Subject

Better = Literal["low", "high"]
Group = Literal["fit", "codes", "gaps", "samples", "smoothness", "factors"]


@dataclass(frozen=True, kw_only=True)
class Definition:
    """The definition of a measure; `better` is None if neither low nor high is.

    `meaning` is one line on what the value says, `source` the paper and equation. `bounds` are the minimum and the
    maximum that it can be, beyond which no interval reaches. `context` names the figures that stand beside the value,
    to read it by. What is `of_smoothness` is set against the reconstruction in the study of β, and drawn over decades
    where it spans several of them.
    """

    name: str
    group: Group
    unit: str
    better: Better | None
    meaning: str
    source: str = ""
    bounds: tuple[float, float] = (-math.inf, math.inf)
    context: tuple[str, ...] = ()
    needs_posterior: bool = False
    needs_judge: bool = False
    needs_ruler: bool = False
    needs_factors: bool = False
    only_record: bool = False
    max_latent_dims: int | None = None
    of_smoothness: bool = False
    over_decades: bool = False

    def why_not(self, subject: Subject, record: bool) -> str | None:
        """The reason why the measure can't be taken, in a sentence; None if it can."""
        if self.needs_posterior and not subject.model.has_posterior:
            return "Not defined for a model whose codes are points, not distributions."
        if self.max_latent_dims is not None and subject.model.config.latent_dim > self.max_latent_dims:
            return f"Not defined for more than {self.max_latent_dims} latent dimensions."
        if self.needs_judge and subject.judge is None:
            return "There is no judge of this data set."
        if self.needs_ruler and subject.ruler is None:
            return "There is neither a judge of this data set nor are its images moons."
        if self.needs_factors and (len(subject.factor_names) < 2 or subject.model.config.latent_dim < 2):
            return "Defined where two or more factors are known to vary, for two or more latent dimensions."
        if self.only_record and not record:
            return "Takes minutes: measured only for the record (evaluate --record)."
        return None

    def within_bounds(self, interval: tuple[float, float] | None) -> tuple[float, float] | None:
        """The interval, limited to the measure's bounds."""
        if interval is None:
            return None
        minimum, maximum = self.bounds
        return float(max(interval[0], minimum)), float(min(interval[1], maximum))

    @property
    def is_of_one_data_set(self) -> bool:
        """Whether the value depends on one data set's own judge, ruler or known factors."""
        return self.needs_judge or self.needs_ruler or self.needs_factors

    @property
    def needs(self) -> list[str]:
        """The requirements beyond a model and test images, in words."""
        known = {
            "a posterior": self.needs_posterior,
            "a judge of the data set": self.needs_judge,
            "a ruler of the data set": self.needs_ruler,
            "two known factors": self.needs_factors,
            f"at most {self.max_latent_dims} latent dimensions": self.max_latent_dims is not None,
            "`evaluate --record`": self.only_record,
        }
        return [words for words, is_needed in known.items() if is_needed]
