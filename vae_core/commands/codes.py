"""Decoding commands: `sample`, `decode`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from vae_core.commands.shared import OUT, RUN, check_ending
from vae_core.errors import ConfigError, needed
from vae_core.files import make_folder, read_arrays
from vae_core.runs.run import Run

CODE_NAMES = ("z", "mu")  # a file's codes to decode; what `encode` writes


@click.command()
@RUN
@click.option("--count", type=click.IntRange(1, 10_000), default=100, show_default=True, help="images on the sheet")
@click.option("--out", "path", type=OUT, required=True, help="the PNG to write")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--temperature", type=click.FloatRange(0, 10), default=1.0, show_default=True, help="scale of the codes")
@click.option("--raw", is_flag=True, help="an AE's codes from N(0, I) as they are, not in its standard coordinates")
def sample(run_folder: Path, count: int, path: Path, seed: int, temperature: float, raw: bool) -> None:
    """Decode codes drawn from N(0, I), in RUN's standard coordinates, onto a sheet."""
    import torch

    from vae_core.codes.sampling import prior_codes
    from vae_core.data.image_files import write_picture

    check_ending(path, ".png")
    if not math.isfinite(temperature):
        raise ConfigError("The temperature must be a number from 0 to 10.")
    run = Run.open(run_folder)
    model = run.load_model()
    codes = prior_codes(run.codes, count, seed, temperature, raw)
    write_picture(path, model.decode(torch.from_numpy(codes).float()))


@click.command()
@RUN
@click.option("--z", help="one code, as numbers with commas between")
@click.option(
    "--codes", type=click.Path(path_type=Path), help="an .npz of codes (N, latent_dim): `z`, or encode's `mu`"
)
@click.option("--out", "path", type=OUT, required=True, help="a .png (a sheet) or an .npz with `images`")
def decode(run_folder: Path, z: str | None, codes: Path | None, path: Path) -> None:
    """Decode one code, or a file of codes, to the mean image."""
    import numpy as np
    import torch

    from vae_core.data.image_files import write_picture
    from vae_core.files import write_arrays

    if (z is None) == (codes is None):
        raise ConfigError("Give one code with --z, or a file of codes with --codes.")
    check_ending(path, ".png", ".npz")
    run = Run.open(run_folder)
    try:
        values = np.array(_codes_in(needed(codes)) if z is None else [z.split(",")], np.float32)
    except ValueError:
        raise ConfigError("A code must be numbers with commas between, like 0.5,-1.") from None
    latent_dim = run.config.model.latent_dim
    if values.ndim != 2 or values.shape[1] != latent_dim or not len(values) or not np.isfinite(values).all():
        raise ConfigError(f"{run.name} has codes of {latent_dim} finite numbers, and one at least is needed.")
    images = run.load_model().decode(torch.from_numpy(values))
    if path.suffix == ".npz":
        make_folder(path.parent)
        write_arrays(path, {"images": images.numpy()})
    else:
        write_picture(path, images)


def _codes_in(path: Path) -> Any:
    """The codes in a file: its `z`, or the output of `encode`."""
    arrays = read_arrays(path, ())
    name = next((name for name in CODE_NAMES if name in arrays), None)
    if name is None:
        raise ConfigError(f"{path} has no array {' or '.join(CODE_NAMES)}; it holds {', '.join(arrays) or 'none'}.")
    return arrays[name]
