"""Makes a trained run small enough to ship: half precision, few records, nothing that only a resume needs."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import torch

from vae_core import latent, metrics, weights
from vae_core.cards import card_of
from vae_core.datasets import ImageSet
from vae_core.runs import Run

MOST_RECORDS = 300


def export(run: Run, folder: Path, data: ImageSet, record: bool = False) -> Run:
    """A copy of `run` in `folder`, which is replaced: settings, weights, records, codes and card.

    The codes and the card are those of the weights in half precision, which is what everybody else gets.
    """
    beside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    shipped = Run.create(beside, run.config)
    weights.save_model(run.load_model(), shipped.model_file, torch.float16)
    shipped.write_codes(latent.compute_codes(shipped.load_model(), data))
    for line in _thinned(run.records()[0]):
        shipped.append_record(line)
    results = dict(metrics.measures(metrics.Subject(shipped.load_model(), data), record))
    shipped.write_card(card_of(shipped, results))
    if folder.exists():
        replaced = folder.with_name(f".{folder.name}.replaced")
        folder.rename(replaced)
        shutil.rmtree(replaced)
    beside.rename(folder)
    return Run.open(folder)


def _thinned(records: list[dict]) -> list[dict]:
    """MOST_RECORDS of training at most, evenly, and as many of validation; events stay."""
    kept = [record for record in records if "event" in record]
    for split in ("training", "validation"):
        those = [record for record in records if record.get("split") == split]
        kept += those[:: max(1, math.ceil(len(those) / MOST_RECORDS))]
    return sorted(kept, key=lambda record: (record["step"], "event" in record))
