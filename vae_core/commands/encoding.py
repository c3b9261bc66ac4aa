"""The command `encode`: from images to codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

import click
import numpy as np

from vae_core.commands.shared import OUT, RUN, check_ending, errors
from vae_core.configs import DataConfig
from vae_core.data.data_source import SplitName
from vae_core.data.sources import SOURCES
from vae_core.errors import ConfigError
from vae_core.runs.run import Run

if TYPE_CHECKING:
    import torch

    from vae_core.models.auto_encoders import AutoEncoder

ARRAY_ENDINGS = (".npz", ".npy")
MAX_NAMED = 5  # of images that are like none trained on


class Source(NamedTuple):
    """Images uint8 (N, C, H, W), arrays (N, ...) of facts about them, and one line on how they were read."""

    images: np.ndarray
    known: dict[str, np.ndarray]
    summary: str = ""


@click.command()
@RUN
@click.argument("source")
@click.option("--split", type=click.Choice(get_args(SplitName)), help="of a data set or an .npz  [default: test]")
@click.option("--out", "path", type=OUT, required=True, help="the .npz to write: mu, log_var, and what is known")
@click.option("--as-is", is_flag=True, help="pictures only made grey and resized, as far as the model needs it")
def encode(run_folder: Path, source: str, split: SplitName | None, path: Path, as_is: bool) -> None:
    """Write the codes of SOURCE: a data set's name, a picture, a folder of pictures, or images in an .npz or .npy.

    Pictures are turned as they say, inverted where their ink is dark, and fitted in as the run's data set was made.
    """
    import torch

    from vae_core.codes import encoding
    from vae_core.files import make_folder, write_arrays

    check_ending(path, ".npz")
    run = Run.open(run_folder)
    model = run.load_model()
    read = _read(run, source, split, as_is)
    if read.summary:
        _say(read.summary)
    pixels = torch.from_numpy(read.images)
    posterior = encoding.encode_images(model, pixels)
    arrays = {"mu": posterior.mu.numpy()} | read.known
    if posterior.log_var is not None:
        arrays["log_var"] = posterior.log_var.numpy()
    make_folder(path.parent)
    write_arrays(path, arrays)
    _warn_of_strangers(run, model, pixels, posterior.mu, read.known.get("names"))


def _read(run: Run, source: str, split: SplitName | None, as_is: bool) -> Source:
    """The images that SOURCE names. Raises a UserError if it is ambiguous, or if an option doesn't apply to it."""
    path, is_set = Path(source), source in SOURCES
    if is_set and path.is_dir() and split is None:
        raise ConfigError(
            f"{source} is a data set, and a folder here: write ./{source}, or add --split for the data set."
        )
    is_picture = not is_set and (path.is_dir() or path.suffix.lower() not in ARRAY_ENDINGS)
    if as_is and not is_picture:
        raise ConfigError(f"--as-is is for pictures; {source} is taken as it is anyhow: leave it out.")
    if split is not None and (is_picture or path.suffix.lower() == ".npy"):
        raise ConfigError(f"--split is for data sets, and all of {source} is encoded: leave it out.")
    if is_set:
        return _data_set(run, source, split or "test")
    return _pictures(run, path, as_is) if is_picture else _arrays(run, path, split)


def _data_set(run: Run, name: str, split: SplitName) -> Source:
    from vae_core.data import datasets

    own, shape = run.config.training.data, run.config.model.image_shape
    data = datasets.load(own if own.name == name else DataConfig(name=name))
    if data.image_shape != shape:
        raise ConfigError(f"{name} has images of {data.image_shape}, the run of {shape}.")
    images, labels = data.split(split)
    return Source(images.numpy(), {"labels": labels.numpy(), "indices": data.splits[split].numpy()})


def _arrays(run: Run, path: Path, split: SplitName | None) -> Source:
    from vae_core.data.image_arrays import read_image_arrays

    read = read_image_arrays(path, run.config.model.image_shape, split)
    return Source(read.images, {} if read.labels is None else {"labels": read.labels}, read.summary)


def _pictures(run: Run, path: Path, as_is: bool) -> Source:
    from vae_core.data.picture_folders import read_folder, read_one

    read = read_folder if path.is_dir() else read_one
    pictures = read(path, run.config.model.image_shape, run.config.training.data.source.ink_box, as_is)
    return Source(pictures.images, {"names": np.array(pictures.names)}, pictures.summary)


def _warn_of_strangers(
    run: Run, model: AutoEncoder, images: torch.Tensor, mu: torch.Tensor, names: np.ndarray | None
) -> None:
    """Warns if images are unlike those that the run was trained on."""
    from vae_core.measures.likeness import are_strange, shortfalls, strange_ones

    worse = shortfalls(run.read_card(), model, images, mu)
    strangers = strange_ones(worse)
    if are_strange(worse):
        whose = f"these images {worse.mean():.1f} dB worse than its test images, on average"
    elif len(strangers):
        named = ", ".join(str(at if names is None else names[at]) for at in strangers[:MAX_NAMED])
        more = f" and {len(strangers) - MAX_NAMED} more" if len(strangers) > MAX_NAMED else ""
        whose = f"some of these images much worse than its test images (image {named}{more})"
    else:
        return
    _say(f"{run.name} redraws {whose}: they may be inverted, turned or of another kind, and their codes mean little.")


def _say(line: str) -> None:
    errors.print(line, markup=False, soft_wrap=True)
