"""Whether the files of a folder that came from elsewhere hold what a run's do: every value is looked at.

Their headers have been compared by `layouts` before, so that types and shapes are right; nothing is unpickled.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from vae_core import snapshots, weights
from vae_core.datasets import about, image_count
from vae_core.errors import RunError
from vae_core.files import read_arrays
from vae_core.records import TAIL_BYTES
from vae_core.runs import Run
from vae_core.weighing import MOST_EVENTS, MOST_RECORDS

LARGEST_STEP = 1_000_000_000
LARGEST_CODE = 1e9  # what is farther out is no code, and its square is no number in single precision
LARGEST_LOG_VAR = 50.0


def check_run(run: Run) -> None:
    """All values in the run's folder are such as a run has. Raises RunError or ConfigError where not."""
    weights.read_weights(run.config.model, run.model_file)
    _check_codes(run)
    if run.preview_file.exists():
        _check_preview(run, run.preview_file)
    files = {
        path for step in snapshots.steps(run.snapshots_folder) for path in snapshots.files(run.snapshots_folder, step)
    }
    if files != set(run.snapshots_folder.glob("*")):
        raise RunError("The snapshots are not whole: each needs its weights and its preview.")
    for path in sorted(files):
        if path.suffix == ".npz":
            _check_preview(run, path)
        else:
            weights.read_weights(run.config.model, path)
    _check_records(run)
    _check_card(run)
    _ = run.about


def _check_codes(run: Run) -> None:
    codes, data = run.codes, run.config.training.data
    fits = (
        all(_are_within(array, LARGEST_CODE) for array in (codes.mu, codes.code_mean, codes.code_whitening))
        and (codes.log_var is None or _are_within(codes.log_var, LARGEST_LOG_VAR))
        and _are_below(codes.labels, len(about(data).class_names))
        and _are_below(codes.indices, image_count(data))
        and np.linalg.matrix_rank(codes.code_whitening.astype(float), tol=0) == len(codes.code_mean)
    )
    if not fits:
        raise RunError("codes.npz does not fit the model and its data set.")


def _check_preview(run: Run, path: Path) -> None:
    arrays = read_arrays(path, ("step", "labels"))
    classes = len(about(run.config.training.data).class_names)
    if not (_are_below(arrays["step"], LARGEST_STEP + 1) and _are_below(arrays["labels"], classes)):
        raise RunError(f"{path} does not fit the model.")


def _are_within(values: np.ndarray, most: float) -> bool:
    """Whether they are numbers no farther from 0 than `most`."""
    return bool((np.abs(values) <= most).all())


def _are_below(values: np.ndarray, end: int) -> bool:
    """Whether they are whole numbers from 0 up to, without, `end`."""
    return values.dtype.kind in "iu" and bool((values >= 0).all()) and bool((values < end).all())


def _check_records(run: Run) -> None:
    """Each is a line with a step, the seconds and plain values."""
    if not run.records_file.exists():
        return
    content = run.records_file.read_bytes()
    if not content.endswith(b"\n") and content:
        raise RunError("records.jsonl ends in the middle of a line.")
    lines = content.splitlines()
    for count, most, what in (
        (len(lines), MOST_RECORDS, "lines"),
        (sum(b'"event"' in line for line in lines), MOST_EVENTS, "events"),
    ):
        if count > most:
            raise RunError(f"records.jsonl has {count:,} {what}: {most:,} is the most that is opened here.")
    for line in lines:
        try:
            record = json.loads(line) if len(line) < TAIL_BYTES else None
            whole = isinstance(record, dict) and _is_record(record)
        except (ValueError, RecursionError):
            whole = False
        if not whole:
            raise RunError(f"records.jsonl has a line that is no record: {line[:40]!r}.")


def _is_record(record: dict[str, Any]) -> bool:
    control = record.get("control", {})
    values = [value for name, value in record.items() if name != "control"]
    return (
        type(record.get("step")) is int
        and 0 <= record["step"] <= LARGEST_STEP
        and _is_number(record.get("seconds"))
        and record.get("split", "training") in ("training", "validation")
        and isinstance(record.get("event", ""), str)
        and ("split" in record or "event" in record)
        and all(_is_number(record.get(name)) for name in ("total", "reconstruction", "kl", "beta") if "split" in record)
        and all(isinstance(value, (str, bool)) or _is_number(value) for value in values)
        and isinstance(control, dict)
        and all(isinstance(value, (str, bool)) or _is_number(value) for value in control.values())
    )


def _is_number(value: Any) -> bool:
    """Whether it is a number that a float can be: a whole one of 400 digits is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _check_card(run: Run) -> None:
    measures = (run.card or {}).get("measures", {})
    if not isinstance(measures, dict) or not all(map(_is_measure, measures.values())):
        raise RunError("card.json is not a card of measures.")


def _is_measure(measure: Any) -> bool:
    """Whether it has a value, one or several, or a reason why it has none, and says of what; and what stands beside."""
    if not isinstance(measure, dict) or not all(isinstance(measure.get(name), str) for name in ("unit", "split")):
        return False
    value, beside = measure.get("value"), measure.get("beside", {})
    values = value if isinstance(value, list) else [value]
    has_value = bool(values) and all(map(_is_number, values))
    return (
        _is_number(measure.get("n"))
        and (has_value or (value is None and isinstance(measure.get("reason"), str)))
        and ("interval" not in measure or _is_interval(measure["interval"]))
        and ("floor" not in measure or _is_number(measure["floor"]))
        and isinstance(beside, dict)
        and all(map(_is_number, beside.values()))
    )


def _is_interval(ends: Any) -> bool:
    return isinstance(ends, list) and len(ends) == 2 and all(map(_is_number, ends)) and ends[0] <= ends[1]
