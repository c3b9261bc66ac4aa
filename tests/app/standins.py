"""Small untrained runs that stand in for real ones, so that the tests of pages are fast and need no shipped run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from vae_core.codes.codes import Codes
from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, RunConfig, TrainingConfig
from vae_core.models import weight_files
from vae_core.models.auto_encoders import build
from vae_core.runs.run import Run

NETWORK = NetworkConfig(widths=(24,))
COUNT = 60  # test codes in each
ODD_NAME = "übung #1?&x=%2e"  # to be quoted in an address; it sorts last, so that it takes no other run's twin


def make_run(
    folder: Path,
    name: str,
    kind: str,
    data: str = "digits",
    latent_dim: int = 2,
    network: NetworkConfig = NETWORK,
    **training: Any,
) -> Run:
    """A run with seeded random weights and codes; an AE's codes are wider and lie beside the origin."""
    known = DataConfig(name=data)
    model = ModelConfig(
        kind=kind, encoder=network, decoder=network, image_shape=known.image_shape, latent_dim=latent_dim
    )
    settings = TrainingConfig(data=DataConfig(name=data), **training)
    run = Run.create(folder / name, RunConfig(model=model, training=settings))
    built = build(model, seed=3)
    for parameter in built.decoder.parameters():
        parameter.data *= 3  # else every code's image is nearly the same grey
    weight_files.save_model(built, run.model_file)

    generator = np.random.default_rng(1)
    mu = generator.normal(size=(COUNT, latent_dim)).astype(np.float32)
    if kind == "ae":
        mu = mu * 5 + 2
    run.write_codes(
        Codes(
            mu=mu,
            log_var=np.full_like(mu, -3) if kind == "vae" else None,
            labels=(np.arange(COUNT) % len(known.class_names)).astype(np.uint8),
            indices=np.arange(100, 100 + COUNT, dtype=np.int32),
            code_mean=mu.mean(0) if kind == "ae" else np.zeros(latent_dim, np.float32),
            code_whitening=np.eye(latent_dim, dtype=np.float32),
        )
    )
    return run


def make_runs(folder: Path) -> Path:
    """A pair with a plane, a pair with a line, a run alone, one with ten dimensions, one with an odd name."""
    for kind in ("ae", "vae"):
        make_run(folder, f"small-digits-{kind}", kind)
        make_run(folder, f"small-line-{kind}", kind, "moons-phase", latent_dim=1)
    make_run(folder, "small-mnist-vae", "vae", "mnist")
    make_run(folder, "small-ten-vae", "vae", "digits", latent_dim=10)
    make_run(folder, ODD_NAME, "vae")
    return folder
