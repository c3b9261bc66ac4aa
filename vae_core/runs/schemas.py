"""The schemas of a run's files, the same for one's own runs and for untrusted ones.

What passes here can be drawn, counted with and sent to a browser without another look. No torch is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vae_core.codes.codes import Codes
from vae_core.configs import RunConfig
from vae_core.runs.cards import is_number
from vae_core.runs.layouts import CODE_ARRAYS, PREVIEW_ARRAYS, code_arrays, fit, headers_of

MAX_STEP = 1_000_000_000
MAX_CODE = 1e9  # one farther out is none; of one within, sums of squares are numbers in single precision too
MAX_ABSOLUTE = {"mu": MAX_CODE, "log_var": 50.0, "code_mean": MAX_CODE, "code_whitening": MAX_CODE}
TERMS = ("total", "reconstruction", "kl", "beta")


def is_record(record: Any) -> bool:
    """Whether it is a line of `records.jsonl`: a step, the seconds, and plain values.

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


def is_step(value: Any) -> bool:
    """Whether a training can reach this step."""
    return type(value) is int and 0 <= value <= MAX_STEP


def codes_of(arrays: dict[str, np.ndarray], config: RunConfig) -> Codes | None:
    """The codes in the arrays of a `codes.npz`, labels and indices as int64; None if they don't fit the settings.

    Then labels are those of the data set's classes, indices those of its images, and all else is finite.
    """
    known, data = {name: arrays[name] for name in CODE_ARRAYS if name in arrays}, config.training.data
    if not (
        fit(headers_of(known), code_arrays(config), config)
        and _are_below(known["labels"], len(data.class_names))
        and _are_below(known["indices"], data.image_count)
        and all(_are_within(known[name], limit) for name, limit in MAX_ABSOLUTE.items() if name in known)
        and np.linalg.matrix_rank(known["code_whitening"].astype(float), tol=0) == config.model.latent_dim
    ):
        return None
    return Codes(
        mu=known["mu"],
        log_var=known.get("log_var"),
        labels=known["labels"].astype(np.int64),
        indices=known["indices"].astype(np.int64),
        code_mean=known["code_mean"],
        code_whitening=known["code_whitening"],
    )


def is_preview(arrays: dict[str, np.ndarray], config: RunConfig) -> bool:
    """Whether the arrays are a preview of a run with these settings; its figures need not be finite."""
    return (
        fit(headers_of(arrays), PREVIEW_ARRAYS, config)
        and _are_below(arrays["step"], MAX_STEP + 1)
        and _are_below(arrays["labels"], len(config.training.data.class_names))
    )


def _are_below(values: np.ndarray, end: int) -> bool:
    """Whether whole numbers are in [0, end)."""
    return bool((values >= 0).all()) and bool((values < end).all())


def _are_within(values: np.ndarray, limit: float) -> bool:
    """Whether all values are finite and at most `limit` in absolute value."""
    return bool((np.abs(values) <= limit).all())
