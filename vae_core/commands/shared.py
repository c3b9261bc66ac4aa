"""What the commands share: consoles, arguments, and a run's data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from vae_core.errors import ConfigError
from vae_core.runs import Run

# torch takes a second to import, so that commands import what needs it when they run.

RUN = click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
PARENT = click.option("--parent-pid", type=int, help="end when this process is no longer the parent")
OUT = click.Path(path_type=Path, dir_okay=False)
console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True, highlight=False)


def progress_bar() -> Progress:
    """A bar of steps on stderr, and after it the text that a task has as its field `loss`."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} steps"))
    return Progress(*columns, TimeRemainingColumn(), TextColumn("{task.fields[loss]}"), console=errors)


def check_ending(path: Path, *endings: str) -> None:
    """Raises ConfigError where the name of the file to write doesn't end in one of `endings`."""
    if path.suffix.lower() not in endings:
        raise ConfigError(f"--out must end in {' or '.join(endings)}; {path} does not.")


def load_data(run: Run) -> Any:
    """The images that the run is trained on."""
    from vae_core import datasets

    return datasets.load(run.config.training.data)
