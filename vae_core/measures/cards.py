"""The card of a run: its measures, and which weights they were taken of."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

from vae_core.errors import RunError
from vae_core.measures import evaluation
from vae_core.runs.run import Run


def card_of(run: Run, results: dict[str, evaluation.Measure]) -> dict[str, Any]:
    """The card of `results`, just taken of a run's model, and of what only the run's earlier card has.

    A measure that is not taken now, or not yet, is kept as long as the weights are the same; a card that can't be read
    is replaced.
    """
    card = evaluation.to_card(results) | {"weights": hashlib.sha256(run.model_file.read_bytes()).hexdigest()}
    earlier = _readable(run)
    if earlier.get("weights") == card["weights"]:
        now, before = card["measures"], earlier["measures"]
        kept = {name: measure for name, measure in before.items() if name not in now or _is_less(now[name], measure)}
        card["measures"] = {name: (now | kept)[name] for name in evaluation.MEASURES if name in now | kept}
    return card


def missing(run: Run) -> list[str]:
    """The measures of which the run's card says nothing, not even why there is none; all, where it can't be read."""
    known = _readable(run)["measures"]
    return [name for name in evaluation.MEASURES if name not in known]


def _readable(run: Run) -> dict[str, Any]:
    """The run's card; one without measures where there is none, or one that can't be read."""
    with suppress(RunError):
        if card := run.card:
            return card
    return {"measures": {}}


def _is_less(measure: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether only `other` has a value."""
    return measure["value"] is None and other["value"] is not None
