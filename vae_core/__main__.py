"""The command line: `python -m vae_core --help`."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vae_core.configs import DataName, ModelConfig
from vae_core.errors import ConfigError, UserError
from vae_core.options import setting_options, settings
from vae_core.runs import SHIPPED, Run, list_runs, runs_folder

# torch takes a second to import, so that commands import what needs it when they run.

RUN = click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
out = click.Path(path_type=Path, dir_okay=False)
console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True, highlight=False)


class Commands(click.Group):
    """Tells a user's errors in one sentence on stderr, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UserError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"max_content_width": 110, "help_option_names": ["-h", "--help"]})
def main() -> None:
    """Train auto-encoders, measure them, and decode any point of their latent space.

    A run is a folder with everything about one model; those under weights/ are shipped and work at once:

    \b
      python -m vae_core sample weights/mnist-vae-2d --out sheet.png
      python -m vae_core decode weights/mnist-vae-2d --z 0.5,-1 --out image.png
      python -m vae_core train mnist --kind vae --seconds 60 --run runs/mine
      python -m vae_core evaluate runs/mine
    """


@main.command()
@click.argument("data", type=click.Choice(get_args(DataName)), required=False)
@click.option(
    "--run", "run_folder", type=click.Path(path_type=Path), help="folder of the new run  [a new one in runs/]"
)
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="go on with a run that was ended early")
@click.option("--parent-pid", type=int, help="end, resumable, when this process is no longer the parent")
@setting_options
def train(data: str | None, run_folder: Path | None, resume: Path | None, parent_pid: int | None, **given: Any) -> None:
    """Train a model on DATA and write its run folder.

    The length is --steps, else --seconds, else --epochs. Ctrl-C ends the run so that --resume can go on with it; so
    can it with a run that was killed, and the result is the same as if it had not been.

    \b
      python -m vae_core train mnist --kind vae --run runs/a
      python -m vae_core train moons --kind ae --reconstruction mse --seconds 30
      python -m vae_core train --resume runs/a
    """
    if (data is None) == (resume is None):
        raise ConfigError("Name the data set to train on, or a run to go on with by --resume.")
    if resume is not None and (run_folder or any(value is not None for value in given.values())):
        raise ConfigError("A resumed run keeps its folder and its settings: leave out the other options.")
    if resume is not None:
        run = Run.open(resume)
        images = _load_data(run)
    else:
        from vae_core import datasets, recording

        model, training = settings(given, data)
        images = datasets.load(training.data)
        run = recording.create_run(run_folder or _free_folder(model, data), model, training, images)
    event = _train(run, images, parent_pid)
    _print_summary(run)
    if event == "finished":
        click.echo(f"Done: {run.folder}. Measure it: python -m vae_core evaluate {run.folder}")
    else:
        click.echo(f"Ended early. Go on with it: python -m vae_core train --resume {run.folder}")


def _train(run: Run, images: Any, parent_pid: int | None) -> str:
    """Trains under a progress bar; the event that the run ended with."""
    from vae_core import recording

    def parent_lives() -> bool:
        return parent_pid is None or os.getppid() == parent_pid

    signal.signal(signal.SIGHUP, _go_on_without_a_terminal)
    with _until_interrupted() as not_interrupted, _progress() as progress:
        bar = progress.add_task("training", total=run.config.training.steps, loss="")
        for record in recording.record(run, images, lambda: not_interrupted() and parent_lives()):
            loss = f"{record['split']} {record['total']:.1f} nats" if "total" in record else None
            progress.update(bar, completed=record["step"], **({"loss": loss} if loss else {}))
    return record["event"]


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """A function that says whether nobody has pressed Ctrl-C or asked the process to end."""
    received: list[int] = []
    before = {name: signal.signal(name, lambda number, _: received.append(number)) for name in _END_SIGNALS}
    try:
        yield lambda: not received
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


_END_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _go_on_without_a_terminal(number: int, frame: Any) -> None:
    """The terminal was closed: the run goes on, and tells nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} steps"))
    return Progress(*columns, TimeRemainingColumn(), TextColumn("{task.fields[loss]}"), console=errors)


def _free_folder(model: ModelConfig, data: str) -> Path:
    stem, number = f"{data}-{model.kind}-{model.latent_dim}d", 1
    while (folder := runs_folder() / f"{stem}-{number}").exists():
        number += 1
    return folder


def _print_summary(run: Run) -> None:
    records, _ = run.records()
    validations = [record for record in records if record.get("split") == "validation"]
    if validations:
        comparable = [record for record in validations if record["beta"] == validations[-1]["beta"]]
        best = min(comparable, key=lambda record: record["total"])
        click.echo(
            f"Best validation loss {best['total']:.2f} nats per image (reconstruction {best['reconstruction']:.2f}, "
            f"KL {best['kl']:.2f}) at step {best['step']}, after {records[-1]['seconds']:.0f} s."
        )


@main.command()
@RUN
@click.option("--json", "as_json", is_flag=True, help="print the card as JSON instead of a table")
@click.option("--record", is_flag=True, help="take the slow measures too: iwae_5000 and exact_nll")
@click.option("--save/--no-save", default=True, help="write the measures into the run's card.json  [save]")
def evaluate(run_folder: Path, as_json: bool, record: bool, save: bool) -> None:
    """Measure RUN on its data set's test images.

    Without --record, slow measures that were taken of the same weights before stay in the card.
    """
    from vae_core import metrics
    from vae_core.cards import card_of

    run = Run.open(run_folder)
    results = {}
    with errors.status("measuring") as status:
        for name, result in metrics.measures(metrics.Subject(run.load_model(), _load_data(run)), record):
            results[name] = result
            status.update(f"measured {name}")
    card = card_of(run, results)
    if as_json:
        click.echo(json.dumps(card, indent=2))
    else:
        console.print(_card_table(run, card))
    if save:
        run.write_card(card)


def _card_table(run: Run, card: dict[str, Any]) -> Table:
    table = Table("measure", "value", "unit", "split", "n", title=run.name)
    for name, measure in card["measures"].items():
        table.add_row(name, _shown(measure), measure["unit"], measure["split"], f"{measure['n']:,}")
    return table


def _shown(measure: dict[str, Any]) -> str:
    value = measure["value"]
    if value is None:
        return f"– {measure['reason']}"
    numbers = value if isinstance(value, list) else [value]
    return ", ".join(f"{number:.4g}" if abs(number) < 1 else f"{number:.2f}" for number in numbers)


@main.command()
@RUN
@click.option("--count", type=click.IntRange(1, 10_000), default=100, show_default=True, help="images on the sheet")
@click.option("--out", "path", type=out, required=True, help="the PNG to write")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--temperature", type=click.FloatRange(0, 10), default=1.0, show_default=True, help="scale of the codes")
@click.option("--raw", is_flag=True, help="an AE's codes from N(0, I) as they are, not in its standard coordinates")
def sample(run_folder: Path, count: int, path: Path, seed: int, temperature: float, raw: bool) -> None:
    """Decode codes drawn from N(0, I), in RUN's standard coordinates, onto a sheet."""
    import torch

    from vae_core.images import write_picture

    _check_ending(path, ".png")
    if not math.isfinite(temperature):
        raise ConfigError("The temperature must be a number from 0 to 10.")
    run = Run.open(run_folder)
    model = run.load_model()
    generator = torch.Generator().manual_seed(seed)
    codes = temperature * torch.randn(count, run.config.model.latent_dim, generator=generator)
    if not raw:
        codes = torch.from_numpy(run.codes.unstandardise(codes.numpy())).float()
    write_picture(path, model.decode(codes))


@main.command()
@RUN
@click.argument("source")
@click.option("--split", type=click.Choice(["training", "validation", "test"]), default="test", show_default=True)
@click.option("--out", "path", type=out, required=True, help="the .npz to write: mu, log_var, and what is known")
def encode(run_folder: Path, source: str, split: str, path: Path) -> None:
    """Write the codes of SOURCE: a data set's name, an .npz with `images`, or a folder of pictures."""
    import numpy as np

    from vae_core import datasets, images, latent
    from vae_core.configs import DataConfig
    from vae_core.files import write_arrays

    _check_ending(path, ".npz")
    run = Run.open(run_folder)
    model = run.load_model()
    known: dict[str, Any] = {}
    if source in get_args(DataName):
        own = run.config.training.data
        data = datasets.load(own if own.name == source else DataConfig(name=source))
        if data.image_shape != model.config.image_shape:
            raise ConfigError(f"{source} has images of {data.image_shape}, the run of {model.config.image_shape}.")
        pixels, labels = data.split(split)
        known = {"labels": labels.numpy(), "indices": data.splits[split].numpy()}
    elif Path(source).is_dir():
        pixels, names = images.read_picture_folder(Path(source), model.config.image_shape)
        known = {"names": np.array(names)}
    else:
        pixels = images.read_image_archive(Path(source), model.config.image_shape)
    posterior = latent.encode_images(model, pixels)
    arrays = {"mu": posterior.mu.numpy()} | known
    if posterior.log_var is not None:
        arrays["log_var"] = posterior.log_var.numpy()
    write_arrays(path, arrays)


@main.command()
@RUN
@click.option("--z", help="one code, as numbers with commas between")
@click.option("--codes", type=click.Path(path_type=Path), help="an .npz with codes `z` (N, latent_dim)")
@click.option("--out", "path", type=out, required=True, help="a .png (a sheet) or an .npz with `images`")
def decode(run_folder: Path, z: str | None, codes: Path | None, path: Path) -> None:
    """Decode one code, or a file of codes, to the mean image."""
    import numpy as np
    import torch

    from vae_core.files import read_arrays, write_arrays
    from vae_core.images import write_picture

    if (z is None) == (codes is None):
        raise ConfigError("Give one code with --z, or a file of codes with --codes.")
    _check_ending(path, ".png", ".npz")
    run = Run.open(run_folder)
    try:
        values = np.array([z.split(",")] if codes is None else read_arrays(codes, ("z",))["z"], np.float32)
    except ValueError:
        raise ConfigError("A code must be numbers with commas between, like 0.5,-1.") from None
    latent_dim = run.config.model.latent_dim
    if values.ndim != 2 or values.shape[1] != latent_dim or not len(values) or not np.isfinite(values).all():
        raise ConfigError(f"{run.name} has codes of {latent_dim} finite numbers, and one at least is needed.")
    images = run.load_model().decode(torch.from_numpy(values))
    if path.suffix == ".npz":
        write_arrays(path, {"images": images.numpy()})
    else:
        write_picture(path, images)


@main.command()
def runs() -> None:
    """List the shipped runs and your own, in VAE_RUNS_DIR."""
    table = Table("run", "kind", "data", "code", "network", "training", "−ELBO", "reconstruction", "PSNR")
    broken = []
    for run in list_runs(SHIPPED, runs_folder()):
        try:
            table.add_row(*_run_cells(run))
        except UserError as error:
            broken.append(error)
    console.print(table)
    for error in broken:
        click.echo(f"Left out: {error}", err=True)


def _run_cells(run: Run) -> list[str]:
    model, measures = run.config.model, (run.card or {}).get("measures", {})
    figures = [measures.get(name, {}).get("value") for name in ("negative_elbo", "reconstruction_at_mean", "psnr")]
    return [
        escape(_from_here(run.folder)),
        model.kind,
        run.config.training.data.name,
        f"{model.latent_dim}-D",
        f"{model.encoder.network}/{model.decoder.network}",
        _progress_in_words(run),
        *("" if figure is None else f"{figure:.2f}" for figure in figures),
    ]


def _progress_in_words(run: Run) -> str:
    last, steps = run.last_record() or {"step": 0}, run.config.training.steps
    return (
        f"{last['step']:,} steps" if last["step"] == steps else f"{last.get('event', 'at')} {last['step']:,}/{steps:,}"
    )


def _check_ending(path: Path, *endings: str) -> None:
    if path.suffix.lower() not in endings:
        raise ConfigError(f"--out must end in {' or '.join(endings)}; {path} does not.")


def _from_here(folder: Path) -> str:
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)


def _load_data(run: Run) -> Any:
    from vae_core import datasets

    return datasets.load(run.config.training.data)


if __name__ == "__main__":
    main(prog_name="python -m vae_core")
