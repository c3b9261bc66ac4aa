"""The arguments of a worker: the options after `python -m vae_core train`."""

from __future__ import annotations

from typing import Any

from vae_core.commands.options import as_options
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.runs.run import Run


def new_run(model: ModelConfig, training: TrainingConfig) -> list[str]:
    """The arguments of `train` for a new run, without the number of threads."""
    settings = model.model_dump() | training.model_dump() | {"threads": None}
    return [training.data.name, *as_options(settings)]


def branch(source: Run, step: int, changes: dict[str, Any]) -> list[str]:
    """The arguments of `train` for a run that starts from a snapshot of `source`."""
    return ["--branch", str(source.folder), "--at", str(step), *as_options(changes | {"threads": None})]


def resume(run: Run, more_steps: int | None = None) -> list[str]:
    """The arguments of `train` for a run that is resumed, or finished and trained further."""
    return ["--resume", str(run.folder), *([] if more_steps is None else ["--more-steps", str(more_steps)])]
