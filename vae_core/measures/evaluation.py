"""The measures of a model on a data set, and the card that holds them.

A measure is a function of a `Subject`, registered by `@measure` under its own name; the card, the command line and the
pages go through `MEASURES` and name none. Which of them a model has follows from its interface, not from its kind.
Seeds, counts and draws are constants, so that the same model has the same card.

    for name, result in measures(Subject(model, data)):
        print(name, result.value, result.unit)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

import vae_core

# Each registers its measures, in this order, which is that of the card.
# isort: off
from vae_core.measures import fit, representation, prior, samples, paths, disentanglement  # noqa: F401

# isort: on
from vae_core.measures.registry import MEASURES, Measure
from vae_core.measures.subject import Subject
from vae_core.models.auto_encoders import AutoEncoder

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet

__all__ = ["MEASURES", "Measure", "Subject", "evaluate", "measures", "to_card"]


def measures(subject: Subject, record: bool = False) -> Iterator[tuple[str, Measure]]:
    """Every measure by name, one at a time as it is taken, those that aren't with a reason."""
    for name, definition in MEASURES.items():
        reason = definition.why_not(subject, record)
        yield name, definition.take(subject) if reason is None else Measure(None, unit=definition.unit, reason=reason)


def evaluate(model: AutoEncoder, data: ImageSet, record: bool = False) -> dict[str, Any]:
    """The card of a model: its `measures`, and the `versions` they were taken with.

    `record` asks for those too that take minutes.
    """
    return to_card(dict(measures(Subject(model, data), record)))


def to_card(results: dict[str, Measure]) -> dict[str, Any]:
    """What a card holds of measures by name, as JSON has it."""
    versions = {"vae_core": vae_core.__version__, "torch": str(torch.__version__)}
    return {"measures": {name: result.to_json() for name, result in results.items()}, "versions": versions}
