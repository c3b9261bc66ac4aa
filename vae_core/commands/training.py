"""Training commands: `train` begins, branches, resumes or extends a run; `ready` finishes a killed one."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vae_core.commands.ending import go_on_without_a_terminal, last_as_long_as
from vae_core.commands.options import command_line, given_settings, setting_options, settings
from vae_core.commands.shared import PARENT, RUN, RunFolder, load_data, progress_bar
from vae_core.configs import ModelConfig
from vae_core.data.sources import SOURCES
from vae_core.errors import ConfigError, needed
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.names import claim_free, numbered, usual_name
from vae_core.runs.run import Run
from vae_core.runs.status import Status

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet


class NewRunFolder(click.ParamType[Path]):
    """A folder for a new run: its name is valid, and can be found among the runs again."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if isinstance(value, Path):
            return value
        name = re.split(r"[/\\]" if os.name == "nt" else "/", value)[-1]
        if not name or name.startswith("."):
            raise ConfigError(f"--run must end in a name without a dot before it, as runs/first does; not {value!r}.")
        folder = Path(value)
        if (SHIPPED / name).exists() and folder.absolute().parent == runs_folder().absolute():
            raise ConfigError(f"{name} is the name of a shipped run: choose another with --run.")
        return folder


TOLD = ("refused", "reseeded")  # the events whose message is for whoever trains; how a run ends is said in the end


@click.command()
@click.argument("data", type=click.Choice(list(SOURCES)), required=False)
@click.option("--run", "run_folder", type=NewRunFolder(), help="folder of the new run  [a new one in runs/]")
@click.option("--resume", type=RunFolder(), metavar="RUN", help="go on with a run that was ended early")
@click.option("--more-steps", type=click.IntRange(1, 10**9), help="with --resume: add to a run that was finished")
@click.option("--branch", type=RunFolder(), metavar="RUN", help="begin with the weights of a snapshot")
@click.option("--at", type=click.IntRange(0), metavar="STEP", help="with --branch: the step of that snapshot")
@PARENT
@setting_options
def train(
    data: str | None,
    run_folder: Path | None,
    resume: Path | None,
    more_steps: int | None,
    branch: Path | None,
    at: int | None,
    parent_pid: int | None,
    **given: Any,
) -> None:
    """Train a model on DATA and write its run folder.

    The length is --steps, else --seconds, else --epochs. Ctrl-C ends the run so that --resume can go on with it; so
    can it with a run that was killed, and the result is the same as if it had not been.

    --more-steps adds to a run that was finished. The learning rate then stays where --learning-rate says, a tenth of
    the run's highest if it isn't given.

    --branch makes a new run of the same model and data, with the weights of another's snapshot: optimiser and steps
    begin anew, and settings of training that are not given are those that the other run had at that step.

    \b
      python -m vae_core train mnist --kind vae --run runs/a
      python -m vae_core train moons --kind ae --reconstruction mse --seconds 30
      python -m vae_core train --resume runs/a
      python -m vae_core train --resume runs/a --more-steps 2000
      python -m vae_core train --branch runs/a --at 100 --beta 4 --run runs/b
    """
    given = {name: value for name, value in given.items() if value is not None}
    if sum(source is not None for source in (data, resume, branch)) != 1:
        raise ConfigError("Name the data set to train on, or a run to go on with by --resume, or one to --branch off.")
    if (at is None) != (branch is None) or (more_steps is not None and resume is None):
        raise ConfigError("--branch needs the step of a snapshot with --at, and --more-steps needs --resume.")
    with last_as_long_as(parent_pid) as parent_lives:
        if resume is not None:
            run, images = _resumed(resume, run_folder, more_steps, given)
        elif branch is not None:
            run, images = _branched(branch, needed(at), run_folder, given)
        else:
            run, images = _created(needed(data), run_folder, given)
        event = _train(run, images, parent_lives)
    _print_summary(run)
    if event == Status.FINISHED:
        click.echo(f"Done: {run.folder}. Measure it: {command_line('evaluate', run.folder)}")
    else:
        click.echo(f"Ended early. Go on with it: {command_line('train', '--resume', run.folder)}")


@click.command()
@RUN
def ready(run_folder: Path) -> None:
    """Make RUN, which was killed, ready to be looked at, without training it further."""
    from vae_core.training import recording

    run = Run.open(run_folder)
    recording.make_ready(run, load_data(run))


def _created(data: str, folder: Path | None, given: dict[str, Any]) -> tuple[Run, ImageSet]:
    from vae_core.data import datasets
    from vae_core.training import recording

    model, training = settings(given, data)
    images = datasets.load(training.data)
    with _new_folder(folder, model, data) as folder:
        return recording.create_run(folder, model, training, images), images


def _branched(source_folder: Path, at: int, folder: Path | None, given: dict[str, Any]) -> tuple[Run, ImageSet]:
    from vae_core.data import datasets
    from vae_core.training import recording
    from vae_core.training.in_force import training_at

    model_changes, changes = given_settings(given)
    if model_changes:
        raise ConfigError("A branch keeps its model: leave out the settings of networks, code and reconstruction.")
    source = Run.open(source_folder)
    training = training_at(source, at).changed(**changes)
    images = datasets.load(training.data)
    with _new_folder(folder, source.config.model, training.data.name) as folder:
        return recording.branch_run(folder, source, at, training, images), images


def _resumed(folder: Path, other: Path | None, more_steps: int | None, given: dict[str, Any]) -> tuple[Run, ImageSet]:
    from vae_core.training import recording

    if other or given.keys() - ({"learning_rate"} if more_steps else set()):
        raise ConfigError("A resumed run keeps its folder and its settings: leave out the other options.")
    run = Run.open(folder)
    images = load_data(run)
    if more_steps:
        run = recording.extend_run(run, more_steps, given.get("learning_rate"))
    return run, images


def _train(run: Run, images: ImageSet, parent_lives: Callable[[], bool]) -> str:
    """Trains under a progress bar; returns the run's last event."""
    from vae_core.training import recording

    if hasattr(signal, "SIGHUP"):  # Windows has none
        signal.signal(signal.SIGHUP, go_on_without_a_terminal)
    with _until_interrupted() as not_interrupted, progress_bar() as progress:
        bar = progress.add_task("training", total=run.config.training.steps, loss="")
        for record in recording.record(run, images, lambda: not_interrupted() and parent_lives()):
            if record.get("event") in TOLD:
                progress.console.print(record["message"], markup=False)
            description = "paused" if record.get("paused") else "training"
            progress.update(bar, completed=record["step"], description=description)
            if "split" in record:
                progress.update(bar, loss=f"{record['split']} {record['total']:.1f} nats")
    event: str = record["event"]
    return event


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """A function that is true until Ctrl-C or a request to end."""
    received: list[int] = []
    before = {name: signal.signal(name, lambda number, _: received.append(number)) for name in _END_SIGNALS}
    try:
        yield lambda: not received
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


_END_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def _new_folder(given: Path | None, model: ModelConfig, data: str) -> Iterator[Path]:
    """The folder of a new run: `given`, or a free one, reserved against other processes."""
    if given is not None:
        yield given
        return
    (claim,) = claim_free(runs_folder(), numbered(usual_name(model, data)))
    try:
        yield claim.folder
    finally:
        claim.release()


def _print_summary(run: Run) -> None:
    records = run.records.all()
    validations = [record for record in records if record.get("split") == "validation"]
    if validations:
        comparable = [record for record in validations if record["beta"] == validations[-1]["beta"]]
        best = min(comparable, key=lambda record: record["total"])
        click.echo(
            f"Best validation loss {best['total']:.2f} nats per image (reconstruction {best['reconstruction']:.2f}, "
            f"KL {best['kl']:.2f}) at step {best['step']}, after {records[-1]['seconds']:.0f} s."
        )
