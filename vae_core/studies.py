"""Studies: runs of the same networks that differ in one setting, kept as cards alone.

`weights/make_studies.py` trains and measures them; here they are read and compared. No torch is needed for that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from vae_core.configs import ModelConfig, RunConfig, TrainingConfig
from vae_core.errors import BrokenError, ConfigError, MissingError
from vae_core.files import read_json
from vae_core.measures.definition import Better
from vae_core.places import STUDIES
from vae_core.runs.cards import Card, Measure

KINDS = ("ae", "vae")
EPOCHS = 20
SEEDS = tuple(range(5))
BETAS = (0, 0.1, 0.5, 1, 2, 4, 8)
SIZES = {500: 200, 5_000: 60, None: EPOCHS}
"""Training images, all of them where None, and how many epochs: validation is at its best long before the last."""

NEEDED = {"generalisation_gap", "psnr"}  # which tell how many images there were
SEEDS_QUANTILE = 2.776445  # Student's t with 4 degrees of freedom, 97.5 %


@dataclass(frozen=True)
class Studied:
    """One run of a study: its settings and its measures."""

    config: RunConfig
    measures: dict[str, Measure]


class PairedDifference(NamedTuple):
    """A measure of a VAE minus that of the AE with its seed: both means, and the difference with its 95 % interval.

    The interval is Student's over the seeds: of another training, not only of other test images.
    """

    ae: float
    vae: float
    difference: float
    interval: tuple[float, float]

    @property
    def is_certain(self) -> bool:
        """Whether the interval excludes 0."""
        return self.interval[0] > 0 or self.interval[1] < 0

    def winner(self, better: Better) -> Literal["ae", "vae"] | None:
        """The kind that is better, where low or high is better; None unless the difference is certain."""
        if not self.is_certain:
            return None
        return "vae" if (self.difference < 0) == (better == "low") else "ae"


def study_name(model: ModelConfig, training: TrainingConfig) -> str:
    """The file name of a run, from the settings in which studies differ."""
    count = training.data.training_count
    name = f"{training.data.name}-{model.kind}-{model.latent_dim}d"
    changes = [
        f"seed{training.seed}" if training.seed else "",
        f"beta{training.beta:g}" if training.beta != 1 else "",
        f"images{count}" if count else "",
    ]
    return "-".join([name, *filter(None, changes)])


def are_studied(configs: Sequence[RunConfig]) -> bool:
    """Whether these are an AE and a VAE with the networks, the data and the β of which the seeds are a study."""
    models = {config.model.kind: config.model for config in configs}
    data, *others = (config.training.data for config in configs)
    is_usual = all(config.training.beta == 1 for config in configs)
    return is_usual and others == [data] and models == {kind: ModelConfig(kind=kind) for kind in KINDS}


def seeds(data_name: str) -> list[tuple[Studied, Studied]]:
    """The AE and the VAE of each seed, on a whole data set."""
    return [_pair(data_name, seed=seed) for seed in SEEDS]


def betas() -> list[Studied]:
    """A VAE of MNIST for each of BETAS."""
    return [_read(ModelConfig(), _training("mnist", beta=beta)) for beta in BETAS]


def sizes() -> list[tuple[int, tuple[Studied, Studied]]]:
    """The number of training images, and the AE and the VAE of MNIST trained on so many."""
    found = []
    for count in SIZES:
        pair = _pair("mnist", training_count=count)
        found.append((count or _training_images(pair[0]), pair))
    return found


def compare_seeds(data_name: str) -> dict[str, PairedDifference]:
    """VAE minus AE over the seeds, for every measure that is a single number for all of them."""
    pairs = seeds(data_name)
    compared = {}
    for name in pairs[0][0].measures:
        if not all(name in run.measures for pair in pairs for run in pair):
            continue
        values = [tuple(run.measures[name].value for run in pair) for pair in pairs]
        if all(isinstance(value, int | float) for pair in values for value in pair):
            compared[name] = paired_difference(*zip(*values, strict=True))
    return compared


def paired_difference(ae: Sequence[float], vae: Sequence[float]) -> PairedDifference:
    """The mean difference of two paired sequences of SEEDS' length, with Student's interval."""
    count = len(SEEDS)
    if len(ae) != count or len(vae) != count:
        raise ValueError(f"There must be {count} values of each, not {len(ae)} and {len(vae)}.")
    differences = [second - first for first, second in zip(ae, vae, strict=True)]
    mean = math.fsum(differences) / count
    variance = math.fsum((difference - mean) ** 2 for difference in differences) / (count - 1)
    half = SEEDS_QUANTILE * math.sqrt(variance / count)
    return PairedDifference(math.fsum(ae) / count, math.fsum(vae) / count, mean, (mean - half, mean + half))


def _training_images(run: Studied) -> int:
    """The number of images the run was trained on; the gap is measured on those and on the test images."""
    return run.measures["generalisation_gap"].n - run.measures["psnr"].n


def _training(data_name: str, training_count: int | None = None, **changes: float) -> TrainingConfig:
    return TrainingConfig(data={"name": data_name, "training_count": training_count}, **changes)


def _pair(data_name: str, **settings: Any) -> tuple[Studied, Studied]:
    """The AE and the VAE with these settings of training."""
    ae, vae = (_read(ModelConfig(kind=kind), _training(data_name, **settings)) for kind in KINDS)
    return ae, vae


def _read(model: ModelConfig, training: TrainingConfig) -> Studied:
    """The run with these settings. Raises RunError if its file is missing or broken."""
    path = STUDIES / f"{study_name(model, training)}.json"
    content = read_json(path)
    if content is None:
        raise MissingError(f"There is no {path}: python weights/make_studies.py makes it.")
    try:
        studied = Studied(RunConfig(**content["config"]), Card.from_json(content["card"]).measures)
        is_whole = studied.measures.keys() >= NEEDED
    except (ConfigError, KeyError, TypeError, ValueError):
        is_whole = False
    if not is_whole:
        raise BrokenError(f"{path} is not a run of a study: delete it, then python weights/make_studies.py.")
    return studied
