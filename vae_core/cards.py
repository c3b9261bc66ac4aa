"""The card of a run: its measures, and which weights they were taken of."""

from __future__ import annotations

import hashlib
from typing import Any

from vae_core import metrics
from vae_core.runs import Run


def card_of(run: Run, results: dict[str, metrics.Measure]) -> dict[str, Any]:
    """The card of `results`, just taken of a run's model, and of what only the run's earlier card has.

    A measure that takes minutes is kept as long as the weights are the same.
    """
    card = metrics.to_card(results) | {"weights": hashlib.sha256(run.model_file.read_bytes()).hexdigest()}
    earlier = run.card or {}
    if earlier.get("weights") == card["weights"]:
        for name, measure in earlier["measures"].items():
            if measure["value"] is not None and card["measures"].get(name, measure)["value"] is None:
                card["measures"][name] = measure
    return card
