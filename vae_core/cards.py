"""The card of a run: its measures, and which weights they were taken of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from vae_core import metrics
from vae_core.datasets import ImageSet
from vae_core.runs import Run


def take_card(
    run: Run,
    data: ImageSet,
    record: bool = False,
    progress: Callable[[str, metrics.Measure], None] | None = None,
) -> dict[str, Any]:
    """Measures a run's model; what only `record` asks for and was measured of the same weights before is kept."""
    card = metrics.evaluate(run.load_model(), data, record=record, progress=progress)
    card["weights"] = hashlib.sha256(run.model_file.read_bytes()).hexdigest()
    earlier = run.card
    if earlier and earlier.get("weights") == card["weights"]:
        for name, measure in earlier["measures"].items():
            if measure["value"] is not None and card["measures"].get(name, measure)["value"] is None:
                card["measures"][name] = measure
    return card
