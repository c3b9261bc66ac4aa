"""Takes the measures of a model on a data set, in the order of the catalogue, and makes its card.

Which measures a model has follows from its interface, not from its kind. Seeds, counts and draws are constants, so that
the same model has the same card.

    for name, result in measures(Subject(model, data)):
        print(name, result.value, result.unit)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import torch

import vae_core
from vae_core.errors import RunError
from vae_core.measures import disentanglement, fit, paths, prior, representation, samples  # noqa: F401 - the takers
from vae_core.measures.catalogue import MEASURES
from vae_core.measures.subject import Subject
from vae_core.measures.takers import TAKERS
from vae_core.models.auto_encoders import AutoEncoder
from vae_core.runs.cards import Card, Measure
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet

__all__ = ["MEASURES", "TAKERS", "Measure", "Subject", "card_of", "evaluate", "measures"]


def measures(subject: Subject, record: bool = False) -> Iterator[tuple[str, Measure]]:
    """All measures by name, one at a time as they are taken; those that can't be have a reason."""
    for name, definition in MEASURES.items():
        reason = definition.why_not(subject, record)
        yield name, TAKERS[name](subject) if reason is None else Measure(None, unit=definition.unit, reason=reason)


def evaluate(model: AutoEncoder, data: ImageSet, record: bool = False) -> Card:
    """The card of a model: its measures, and the versions of the software that took them.

    `record` asks for those too that take minutes.
    """
    return Card(dict(measures(Subject(model, data), record)), versions=_versions())


def card_of(run: Run, results: dict[str, Measure]) -> Card:
    """The card of `results`, just taken of a run's model, completed from the run's earlier card.

    A measure that is not taken now, or not yet, is kept as long as the weights are the same; a card that can't be read
    is replaced.
    """
    weights = hashlib.sha256(run.model_file.read_bytes()).hexdigest()
    earlier = Card()
    with suppress(RunError):
        earlier = run.read_card()
    known = dict(results)
    if earlier.weights == weights:
        known |= {
            name: one for name, one in earlier.measures.items() if name not in known or _is_less(known[name], one)
        }
    return Card({name: known[name] for name in MEASURES if name in known}, weights, _versions())


def _is_less(measure: Measure, other: Measure) -> bool:
    """Whether only `other` has a value."""
    return measure.value is None and other.value is not None


def _versions() -> dict[str, str]:
    return {"vae_core": vae_core.__version__, "torch": str(torch.__version__)}
