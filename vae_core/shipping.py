"""Makes a trained run small enough to ship: half precision, few records, nothing that only a resume needs."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import torch

from vae_core import latent, weights
from vae_core.cards import take_card
from vae_core.datasets import ImageSet
from vae_core.runs import Run

MOST_RECORDS = 400


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
    shipped.write_card(take_card(shipped, data, record=record))
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return Run.open(folder)


def _thinned(records: list[dict]) -> list[dict]:
    """At most about MOST_RECORDS of them, evenly; what happened besides training stays."""
    every = math.ceil(len(records) / MOST_RECORDS)
    return [one for index, one in enumerate(records) if index % every == 0 or "event" in one]
