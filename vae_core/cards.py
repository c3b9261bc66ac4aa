"""The card of a run: its measures, and which weights they were taken of."""

from __future__ import annotations

import hashlib
from typing import Any

from vae_core import metrics
from vae_core.runs import Run


def card_of(run: Run, results: dict[str, metrics.Measure]) -> dict[str, Any]:
    """The card of `results`, just taken of a run's model, and of what only the run's earlier card has.

    A measure that is not taken now, or not yet, is kept as long as the weights are the same.
    """
    card = metrics.to_card(results) | {"weights": hashlib.sha256(run.model_file.read_bytes()).hexdigest()}
    earlier = run.card or {}
    if earlier.get("weights") == card["weights"]:
        now, before = card["measures"], earlier["measures"]
        kept = {name: measure for name, measure in before.items() if name not in now or _is_less(now[name], measure)}
        card["measures"] = {name: (now | kept)[name] for name in metrics.MEASURES if name in now | kept}
    return card


def missing(run: Run) -> list[str]:
    """The measures of which the run's card says nothing, not even why there is none."""
    known = (run.card or {}).get("measures", {})
    return [name for name in metrics.MEASURES if name not in known]


def _is_less(measure: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether only `other` has a value."""
    return measure["value"] is None and other["value"] is not None
