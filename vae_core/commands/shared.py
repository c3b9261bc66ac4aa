"""Shared parts of the commands: consoles, arguments, and a run's data."""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from vae_core.errors import ConfigError
from vae_core.runs.run import Run
from vae_core.shortcuts import run_folder

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet

# torch takes a second to import, so that commands import what needs it when they run.


class RunFolder(click.Path):
    """A run: its folder, or the name of a listed run."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return run_folder(Path(os.fsdecode(super().convert(value, param, ctx))))


RUN = click.argument("run_folder", metavar="RUN", type=RunFolder())
PARENT = click.option("--parent-pid", type=int, help="end when this process is no longer the parent")
OUT = click.Path(path_type=Path, dir_okay=False)
PIPED_WIDTH = 10_000  # characters of a line: where nobody looks nothing is cut off
console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
errors = Console(stderr=True, highlight=False)
PLAIN = {"−": "-", "–": "-", "…": "...", "×": "x", "²": "^2", "β": "beta", "σ": "sigma"}


def write_what_can_be_encoded() -> None:
    """Replaces characters that stdout and stderr can't encode, as on Windows when piped, by plain words."""
    codecs.register_error("plain", _in_plain_words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")


def _in_plain_words(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(character, "?") for character in error.object[error.start : error.end]), error.end


def progress_bar() -> Progress:
    """A progress bar of steps on stderr, followed by the text in a task's field `loss`."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} steps"))
    return Progress(*columns, TimeRemainingColumn(), TextColumn("{task.fields[loss]}"), console=errors)


def check_ending(path: Path, *endings: str) -> None:
    """Raises ConfigError unless the name of the output file ends in one of `endings`."""
    if path.suffix.lower() not in endings:
        raise ConfigError(f"--out must end in {' or '.join(endings)}; {path} does not.")


def load_data(run: Run) -> ImageSet:
    """The images that the run is trained on."""
    from vae_core.data import datasets

    return datasets.load(run.config.training.data)
