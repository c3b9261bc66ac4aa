"""Made-up cards of the studies, as quick to have as real ones are slow."""

from __future__ import annotations

import json
import math
from pathlib import Path

from vae_core.configs import DataConfig, ModelConfig, TrainingConfig
from vae_core.studies import BETAS, KINDS, SEEDS, SIZES, study_name

TEST_IMAGES, TRAINING_IMAGES = 10_000, 55_000
VALUES = (
    "psnr",
    "reconstruction_at_mean",
    "generalisation_gap",
    "marginal_kl",
    "prior_hole_share",
    "active_units",
    "step_evenness",
)


def write_card(folder: Path, data: str, kind: str, **settings: float | None) -> Path:
    """The card of one run; its values follow from its settings by `value`."""
    count = settings.pop("training_count", None)
    model = ModelConfig(kind=kind)
    training = TrainingConfig(data=DataConfig(name=data, training_count=count), **settings)
    measures = {
        name: {
            "value": value(name, kind, training),
            "interval": [value(name, kind, training) * share for share in (0.9, 1.1)],
            "unit": "any",
            "split": "test",
            "n": TEST_IMAGES + (name == "generalisation_gap") * (count or TRAINING_IMAGES),
        }
        for name in VALUES
    }
    measures["kl"] = {"value": None, "unit": "nats", "split": "test", "n": 0, "reason": "It is made up."}
    config = {"model": model.model_dump(mode="json"), "training": training.model_dump(mode="json")}
    path = folder / f"{study_name(model, training)}.json"
    path.write_text(json.dumps({"config": config, "card": {"measures": measures}}))
    return path


def value(name: str, kind: str, training: TrainingConfig) -> float:
    """The VAE is surely better in PSNR, the AE in its gap, and of the holes nobody can tell."""
    seed, is_vae = training.seed, kind == "vae"
    count = training.data.training_count or TRAINING_IMAGES
    return {
        "psnr": 15 + 0.1 * seed + is_vae * (0.5 + 0.01 * seed),
        "reconstruction_at_mean": 120 + 5 * training.beta,
        "generalisation_gap": 200 / math.log(count) + is_vae * (1 + 0.1 * seed),
        "marginal_kl": 2 / (1 + training.beta),
        "prior_hole_share": 0.1 + is_vae * 0.01 * (seed - 2),
        "step_evenness": 0.5 + 0.01 * training.beta,
        "active_units": 0 if training.beta > 4 else 2,
    }[name]


def write_studies(folder: Path) -> None:
    """A card for each run of every study."""
    folder.mkdir(exist_ok=True)
    for kind in KINDS:
        for data in ("mnist", "fashion-mnist"):
            for seed in SEEDS:
                write_card(folder, data, kind, seed=seed)
        for count in SIZES:
            write_card(folder, "mnist", kind, training_count=count)
    for beta in BETAS:
        write_card(folder, "mnist", "vae", beta=beta)
