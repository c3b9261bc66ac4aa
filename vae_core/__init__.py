"""Auto-encoders and their latent spaces: data, models, training, runs and measures, without a user interface.

What a notebook needs is offered here: `open_run`, `list_runs`, `load_images`, `train`, `measure` and `decode`, with
`Run`, `ModelConfig` and `TrainingConfig`. Importing the package is cheap: a name is looked up when it is asked for, and
what only reads a run's codes and card never waits for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vae_core.configs import ModelConfig, TrainingConfig
    from vae_core.runs.run import Run
    from vae_core.shortcuts import decode, list_runs, load_images, measure, open_run, train

__version__ = "0.1.0"
__all__ = [
    "ModelConfig",
    "Run",
    "TrainingConfig",
    "decode",
    "list_runs",
    "load_images",
    "measure",
    "open_run",
    "train",
]


def __getattr__(name: str) -> Any:
    """The public name `name`, imported on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("vae_core.shortcuts"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
