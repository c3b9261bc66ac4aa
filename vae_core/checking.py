"""Whether a folder that came from elsewhere is a whole run: every file is looked at, and none is unpickled."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from vae_core import snapshots, weights
from vae_core.datasets import about
from vae_core.errors import RunError
from vae_core.files import read_arrays
from vae_core.records import TAIL_BYTES
from vae_core.runs import Run

MOST_ARRAY_BYTES = 200_000_000  # of all arrays together, unpacked
PUBLISHED_IMAGES = {"mnist": 70_000, "fashion-mnist": 70_000, "digits": 1_797}
LARGEST_STEP = 1_000_000_000


def check_run(run: Run) -> None:
    """Everything in the run's folder can be opened and fits together. Raises RunError or ConfigError where not."""
    shape = about(run.config.training.data).image_shape
    if run.config.model.image_shape != shape:
        raise RunError(f"config.json has images of {run.config.model.image_shape}, its data set of {shape}.")
    weights.read_weights(run.config.model, run.model_file)
    if sum(map(_array_bytes, run.folder.rglob("*.npz"))) > MOST_ARRAY_BYTES:
        raise RunError(f"The arrays are too large: unpacked, {MOST_ARRAY_BYTES // 10**6} MB is the most.")
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


def _array_bytes(path: Path) -> int:
    """What the arrays in a file take in memory. Raises RunError where a header promises more than its file holds."""
    total = 0
    with ZipFile(path) as archive:
        for info in archive.infolist():
            total += info.file_size
            with archive.open(info) as file:
                version = np.lib.format.read_magic(file)
                read_header = (
                    np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                )
                shape, _, dtype = read_header(file)
                if dtype.hasobject or math.prod(shape) * dtype.itemsize != info.file_size - file.tell():
                    raise RunError(f"{path} is not a whole .npz file of plain arrays: make or fetch it again.")
    return total


def _check_codes(run: Run) -> None:
    codes, latent_dim = run.codes, run.config.model.latent_dim
    data = run.config.training.data
    count = PUBLISHED_IMAGES.get(data.name) or 2_000 + (4 if data.phases == "two-images" else 11_000)
    real = [codes.mu, codes.code_mean, codes.code_whitening, *([] if codes.log_var is None else [codes.log_var])]
    fits = (
        codes.labels.ndim == 1
        and len(codes.labels) > 0
        and codes.indices.shape == codes.labels.shape
        and codes.code_mean.shape == (latent_dim,)
        and codes.code_whitening.shape == (latent_dim, latent_dim)
        and all(array.dtype.kind == "f" and np.isfinite(array).all() for array in real)
        and (codes.log_var is not None) == (run.config.model.kind == "vae")
        and _are_below(codes.labels, len(about(data).class_names))
        and _are_below(codes.indices, count)
        and np.linalg.matrix_rank(codes.code_whitening.astype(float), tol=0) == latent_dim
    )
    if not fits:
        raise RunError("codes.npz does not fit the model and its data set.")


def _check_preview(run: Run, path: Path) -> None:
    model = run.config.model
    names = ("step", "codes", "labels", "originals", "reconstructions", "samples", "sigma", "kl")
    arrays = read_arrays(path, names)
    images = [arrays[name] for name in ("originals", "reconstructions", "samples")]
    fits = (
        set(arrays) == set(names)
        and arrays["step"].shape == ()
        and _are_below(arrays["step"], LARGEST_STEP + 1)
        and arrays["codes"].ndim == 2
        and arrays["codes"].shape[1] == model.latent_dim
        and arrays["labels"].shape == arrays["codes"].shape[:1]
        and _are_below(arrays["labels"], len(about(run.config.training.data).class_names))
        and all(array.dtype == np.uint8 and array.shape[1:] == model.image_shape for array in images)
        and all(arrays[name].shape == (model.latent_dim,) for name in ("sigma", "kl"))
        and all(arrays[name].dtype.kind == "f" for name in ("codes", "sigma", "kl"))
    )
    if not fits:
        raise RunError(f"{path} does not fit the model.")


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
    for line in content.splitlines():
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
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


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
