"""Whether a folder that came from elsewhere is a whole run: every file is looked at, and none is unpickled."""

from __future__ import annotations

import math
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from vae_core import snapshots, weights
from vae_core.errors import RunError
from vae_core.runs import Run

MOST_ARRAY_BYTES = 200_000_000  # of all arrays together, unpacked


def check_run(run: Run) -> None:
    """Everything in the run's folder can be opened and fits together. Raises RunError or ConfigError where not."""
    if sum(map(_array_bytes, run.folder.rglob("*.npz"))) > MOST_ARRAY_BYTES:
        raise RunError(f"The arrays are too large: unpacked, {MOST_ARRAY_BYTES // 10**6} MB is the most.")
    run.check()
    weights.read_weights(run.config.model, run.model_file)
    if run.preview_file.exists():
        snapshots.read_preview(run.config, run.preview_file)
    files = {
        path for step in snapshots.steps(run.snapshots_folder) for path in snapshots.files(run.snapshots_folder, step)
    }
    if files != set(run.snapshots_folder.glob("*")):
        raise RunError("The snapshots are not whole: each needs its weights and its preview.")
    for path in sorted(files):
        if path.suffix == ".npz":
            snapshots.read_preview(run.config, path)
        else:
            weights.read_weights(run.config.model, path)
    if run.records()[1] != run.records_length():
        raise RunError("records.jsonl ends in the middle of a line.")


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
