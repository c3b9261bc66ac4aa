"""Reduces a trained run for shipping: half precision, few records, no training state."""

from __future__ import annotations

import math
from pathlib import Path

import torch

from vae_core.codes import encoding
from vae_core.data.datasets import ImageSet
from vae_core.errors import RunError
from vae_core.measures import evaluation
from vae_core.models import weight_files
from vae_core.runs.contents import stranger
from vae_core.runs.records import Record
from vae_core.runs.run import Run
from vae_core.workshop import workspace

MAX_RECORDS = 300


def export(run: Run, folder: Path, data: ImageSet, record: bool = False) -> Run:
    """A copy of `run` in `folder`, replacing another run there: settings, weights, records, codes and card.

    The codes and the card are those of the weights in half precision, which is what everybody else gets. Raises
    RunError where the folder holds what is not of a run.
    """
    if folder.exists() and (found := stranger(folder)) is not None:
        raise RunError(f"{folder} holds {found}, which is not of a run: choose another folder.")
    with workspace(folder.parent) as work:
        return _exported(run, work, folder, data, record)


def _exported(run: Run, work: Path, folder: Path, data: ImageSet, record: bool) -> Run:
    """The exported run, through a temporary folder."""
    shipped = Run.create(work / "new", run.config)
    weight_files.save_model(run.load_model(), shipped.model_file, torch.float16)
    shipped.write_codes(encoding.compute_codes(shipped.load_model(), data))
    for line in _thinned(run.records.all()):
        shipped.records.append(line)
    results = dict(evaluation.measures(evaluation.Subject(shipped.load_model(), data), record))
    shipped.write_card(evaluation.card_of(shipped, results))
    if folder.exists():
        folder.rename(work / "old")
    shipped.folder.rename(folder)
    return Run.open(folder)


def _thinned(records: list[Record]) -> list[Record]:
    """MAX_RECORDS of training at most, evenly spaced, and as many of validation; all events."""
    kept = [record for record in records if "event" in record]
    for split in ("training", "validation"):
        those = [record for record in records if record.get("split") == split]
        kept += those[:: max(1, math.ceil(len(those) / MAX_RECORDS))]
    return sorted(kept, key=lambda record: (record["step"], "event" in record))
