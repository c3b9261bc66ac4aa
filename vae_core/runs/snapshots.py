"""The snapshots of a run: weights and a preview each, spaced by the logarithm of the step.

Only their weights need torch: where moments lie, and which there are, is known without it.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vae_core.configs import ModelConfig, RunConfig
from vae_core.errors import BrokenError, MissingError
from vae_core.files import make_folder, read_arrays, remove_file, write_arrays
from vae_core.runs.layouts import PREVIEW_ARRAYS
from vae_core.runs.schemas import is_preview

if TYPE_CHECKING:
    from vae_core.models.auto_encoders import AutoEncoder

MAX_SNAPSHOTS = 64
MIN_RATIO = 1.1  # of a snapshot's step to that of the one before it

_is_of_one = re.compile(r"\d{9,10}\.(npz|safetensors)", re.ASCII).fullmatch


def steps(folder: Path) -> list[int]:
    """The steps of the complete snapshots in a run's `snapshots/`, in order."""
    return sorted(int(path.stem) for path in folder.glob("*.npz") if _is_of_one(path.name))


def is_due(step: int, kept: list[int]) -> bool:
    """Whether a snapshot at `step` keeps the minimum ratio to the existing ones."""
    return step >= max(1, kept[-1] * MIN_RATIO if kept else 1)


def load(config: ModelConfig, folder: Path, step: int) -> AutoEncoder:
    """The model of the snapshot at `step`, as from `weight_files.load_model`. Raises RunError if there is none."""
    from vae_core.models import weight_files  # here, for it needs torch

    if step not in steps(folder):
        raise MissingError(f"There is no snapshot of step {step} in {folder}; {_list(steps(folder))}.")
    return weight_files.load_model(config, files(folder, step)[1])


def files(folder: Path, step: int) -> tuple[Path, Path]:
    """The files of a snapshot: preview and weights."""
    return folder / f"{step:09d}.npz", folder / f"{step:09d}.safetensors"


def read_preview(config: RunConfig, path: Path) -> dict[str, np.ndarray]:
    """The arrays of a preview, a run's latest or a snapshot's. Raises RunError if it is broken or of another run."""
    arrays = read_arrays(path, tuple(PREVIEW_ARRAYS))
    if not is_preview(arrays, config):
        raise BrokenError(f"{path} does not fit the model: delete it, and the next one takes its place.")
    return arrays


def save(folder: Path, model: AutoEncoder, arrays: dict[str, np.ndarray], step: int) -> None:
    """Saves a snapshot, its weights in half precision, replacing another if there are `MAX_SNAPSHOTS` already.

    The preview comes last: where it is, the weights are whole.
    """
    import torch

    from vae_core.models import weight_files

    preview_file, weights_file = files(folder, step)
    make_folder(folder, and_above=False)
    weight_files.save_model(model, weights_file, torch.float16)
    write_arrays(preview_file, arrays)
    kept = steps(folder)
    while len(kept) > MAX_SNAPSHOTS:
        _remove(folder, kept.pop(_most_crowded(kept)))


def remove_after(folder: Path, step: int) -> None:
    """Removes the snapshots after `step`, incomplete ones too."""
    for path in folder.glob("*"):
        if _is_of_one(path.name) and int(path.stem) > step:
            remove_file(path)


def _remove(folder: Path, step: int) -> None:
    for path in files(folder, step):  # in this order: what has a preview is whole
        remove_file(path)


def _list(kept: list[int]) -> str:
    return f"it has those of {', '.join(map(str, kept))}" if kept else "it has none"


def _most_crowded(kept: list[int]) -> int:
    """The position, neither first nor last, with the closest neighbours on the logarithmic axis."""
    return min(range(1, len(kept) - 1), key=lambda i: math.log(kept[i + 1] / max(kept[i - 1], 0.5)))
