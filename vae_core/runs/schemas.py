"""What the files of a run must hold: one answer for whoever reads one, be the run one's own or from elsewhere.

What passes here can be drawn, counted with and sent to a browser without another look. No torch is needed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vae_core.codes.codes import Codes
from vae_core.configs import RunConfig

LARGEST_STEP = 1_000_000_000
LARGEST_CODE = 1e9  # one farther out is none; of one within, sums of squares are numbers in single precision too
LARGEST_LOG_VAR = 50.0
CODES = ("mu", "labels", "indices", "code_mean", "code_whitening")
PREVIEW = ("step", "codes", "labels", "originals", "reconstructions", "samples", "sigma", "kl")
TERMS = ("total", "reconstruction", "kl", "beta")


def is_record(record: Any) -> bool:
    """Whether it is what a line of `records.jsonl` holds: a step, the seconds, and plain values.

    Terms of a loss come with their split, and what control.json changed with its event.
    """
    if not isinstance(record, dict):
        return False
    control = record.get("control", {})
    values = [value for name, value in record.items() if name != "control"]
    return (
        is_step(record.get("step"))
        and is_number(record.get("seconds"))
        and record.get("split", "training") in ("training", "validation")
        and isinstance(record.get("event", ""), str)
        and ("split" in record or "event" in record)
        and all(is_number(record.get(name)) if "split" in record else name not in record for name in TERMS)
        and all(isinstance(value, str | bool) or is_number(value) for value in values)
        and ("control" in record or record.get("event") != "control")
        and isinstance(control, dict)
        and all(isinstance(value, str | bool) or is_number(value) for value in control.values())
    )


def is_card(card: Any) -> bool:
    """Whether it is what `card.json` holds: measures by name, whatever else stands beside them."""
    measures = card.get("measures") if isinstance(card, dict) else None
    return isinstance(measures, dict) and all(map(is_measure, measures.values()))


def is_measure(measure: Any) -> bool:
    """Whether it has a value, one or several, or a reason why it has none, and says of what; and what stands beside."""
    if not isinstance(measure, dict) or not all(isinstance(measure.get(name), str) for name in ("unit", "split")):
        return False
    value, beside = measure.get("value"), measure.get("beside", {})
    values = value if isinstance(value, list) else [value]
    has_value = bool(values) and all(map(is_number, values))
    return (
        is_number(measure.get("n"))
        and (has_value or (value is None and isinstance(measure.get("reason"), str)))
        and ("interval" not in measure or _is_interval(measure["interval"]))
        and ("floor" not in measure or is_number(measure["floor"]))
        and isinstance(beside, dict)
        and all(map(is_number, beside.values()))
    )


def is_number(value: Any) -> bool:
    """Whether it is a finite number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_step(value: Any) -> bool:
    """Whether a training can have come to this step."""
    return type(value) is int and 0 <= value <= LARGEST_STEP


def codes_of(arrays: dict[str, np.ndarray], config: RunConfig) -> Codes | None:
    """The codes in the arrays of a `codes.npz`, labels and indices as int64; None where they don't fit the settings.

    Then labels are those of the data set's classes, indices those of its images, and all else is finite.
    """
    latent_dim, data = config.model.latent_dim, config.training.data
    labels, indices = arrays["labels"], arrays["indices"]
    real = {name: arrays[name] for name in ("mu", "log_var", "code_mean", "code_whitening") if name in arrays}
    shapes = {"mu": (len(labels), latent_dim) if labels.ndim else None, "code_mean": (latent_dim,)}
    shapes |= {"code_whitening": (latent_dim, latent_dim)}
    if config.model.kind == "vae":
        shapes["log_var"] = shapes["mu"]
    fits = (
        {name: array.shape for name, array in real.items()} == shapes
        and labels.size > 0
        and indices.shape == labels.shape == shapes["mu"][:1]
        and all(_is_real(array, LARGEST_LOG_VAR if name == "log_var" else LARGEST_CODE) for name, array in real.items())
        and _are_below(labels, len(data.class_names))
        and _are_below(indices, data.image_count)
        and np.linalg.matrix_rank(real["code_whitening"].astype(float), tol=0) == latent_dim
    )
    if not fits:
        return None
    whole = {"log_var": None, "labels": labels.astype(np.int64), "indices": indices.astype(np.int64)}
    return Codes(**(whole | real))


def is_preview(arrays: dict[str, np.ndarray], config: RunConfig) -> bool:
    """Whether the arrays are those of a preview of a run with these settings; its figures need not be finite."""
    model, labels = config.model, arrays["labels"]
    images = [arrays[name] for name in ("originals", "reconstructions", "samples")]
    return (
        set(arrays) == set(PREVIEW)
        and arrays["step"].shape == ()
        and _are_below(arrays["step"], LARGEST_STEP + 1)
        and arrays["codes"].ndim == 2
        and arrays["codes"].shape[1] == model.latent_dim
        and labels.shape == arrays["codes"].shape[:1]
        and _are_below(labels, len(config.training.data.class_names))
        and all(array.dtype == np.uint8 and array.shape[1:] == model.image_shape for array in images)
        and all(arrays[name].shape == (model.latent_dim,) for name in ("sigma", "kl"))
        and all(arrays[name].dtype.kind == "f" for name in ("codes", "sigma", "kl"))
    )


def _is_interval(ends: Any) -> bool:
    return isinstance(ends, list) and len(ends) == 2 and all(map(is_number, ends)) and ends[0] <= ends[1]


def _are_below(values: np.ndarray, end: int) -> bool:
    """Whether they are whole numbers from 0 up to, without, `end`."""
    return values.dtype.kind in "iu" and bool((values >= 0).all()) and bool((values < end).all())


def _is_real(values: np.ndarray, most: float) -> bool:
    """Whether they are floats no farther from 0 than `most`."""
    return values.dtype.kind == "f" and bool((np.abs(values) <= most).all())
