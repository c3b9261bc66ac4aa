"""Trains, measures and ships the runs in this folder; run it as `make weights`, or with names to make some of them.

Training runs are kept in VAE_RUNS_DIR; one is resumed if it was interrupted. Each takes one thread, so that two may be
made side by side on two cores and a seed repeats them.
"""

from __future__ import annotations

import sys

from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, Phases, TrainingConfig
from vae_core.data import datasets
from vae_core.exports import shipping
from vae_core.places import SHIPPED, runs_folder
from vae_core.runs.run import Run
from vae_core.training import recording

MOON = NetworkConfig(widths=(256, 128))
TINY = NetworkConfig(widths=(128, 64))
CONV = NetworkConfig(network="conv", widths=(16, 32, 64))

PRIOR_MATCH = {"vae": 60, "ae": 0}  # of MNIST: without it, 4 % of the VAE's plane are holes, see README.md

Recipe = tuple[ModelConfig, TrainingConfig]


def recipe(data: str, model: ModelConfig, phases: Phases = "all", **training: int | float) -> Recipe:
    """The settings of one run; `phases` are those of the moons that it is trained on."""
    data_config = DataConfig(name=data, phases=phases)
    return model, TrainingConfig(data=data_config, threads=1, precision="float32", **training)


def recipes() -> dict[str, Recipe]:
    """Every shipped run by name: pairs with the same networks and seed, and two for other views.

    Of moons with their phase alone there are four pairs, which were trained on other phases each, and for as long as
    it took.
    """
    made = {}
    for kind in ("vae", "ae"):
        dense = ModelConfig(kind=kind)
        moon = ModelConfig(kind=kind, encoder=MOON, decoder=MOON, reconstruction="mse")
        line = moon.replace(latent_dim=1)
        tiny = ModelConfig(kind=kind, encoder=TINY, decoder=TINY)
        made |= {
            f"mnist-{kind}-2d": recipe("mnist", dense, epochs=200, prior_match=PRIOR_MATCH[kind]),
            f"fashion-{kind}-2d": recipe("fashion-mnist", dense, epochs=80),
            f"digits-{kind}-2d": recipe("digits", tiny, epochs=400, batch_size=64),
            f"moons-{kind}-2d": recipe("moons", moon, epochs=120),
            f"moons-{kind}-6d": recipe("moons", moon.replace(latent_dim=6), epochs=120),
            f"moons-phase-{kind}-1d": recipe("moons-phase", line, epochs=60),
            f"moons-no-half-{kind}-1d": recipe("moons-phase", line, "all-but-half", epochs=30),
            f"moons-ends-{kind}-1d": recipe("moons-phase", line, "new-and-full", epochs=30),
            f"moons-two-{kind}-1d": recipe("moons-phase", line, "two-images", epochs=3000),  # of one step each
        }
    made["mnist-vae-10d"] = recipe("mnist", ModelConfig(latent_dim=10), epochs=40)
    made["mnist-vae-conv-2d"] = recipe("mnist", ModelConfig(encoder=CONV, decoder=CONV), epochs=8)
    return made


def make(name: str) -> Run:
    """Trains, or resumes, and ships one run."""
    model, training = recipes()[name]
    data = datasets.load(training.data)
    folder = runs_folder() / name
    if (folder / "config.json").exists():
        run = Run.open(folder)
        if (run.config.model, run.config.training.replace(steps=None)) != (
            model.replace(image_shape=data.image_shape),
            training,
        ):
            sys.exit(f"{folder} was made by another recipe: remove it, or set VAE_RUNS_DIR to another folder.")
    else:
        run = recording.create_run(folder, model, training, data)
    for record in recording.record(run, data):
        if record.get("split") == "validation":
            print(f"{name}: epoch {record['epoch']:.0f}, {record['total']:.2f} nats", flush=True)
    return shipping.export(run, SHIPPED / name, data, record=is_quick(model))


def is_quick(model: ModelConfig) -> bool:
    """Whether decoding five thousand samples of a thousand images takes minutes; a convolution takes an hour."""
    return model.decoder.network == "mlp"


def table() -> str:
    """The runs as a Markdown table: bytes, training time and figures."""
    lines = [
        "| run | network | KB | training, s | −ELBO | reconstruction at mean | PSNR, dB | 10-NN | exact NLL |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in recipes():
        run = Run.open(SHIPPED / name)
        size = sum(path.stat().st_size for path in run.folder.iterdir())
        measures = run.read_card().measures
        names = ("negative_elbo", "reconstruction_at_mean", "psnr", "knn_accuracy", "exact_nll")
        figures = [measures[measure].value for measure in names]
        cells = [
            f"`{name}`",
            run.config.model.encoder.network,
            f"{size / 1000:,.0f}",
            f"{run.records.last()['seconds']:,.0f}",
            *("–" if figure is None else f"{figure:.3f}" if figure < 1 else f"{figure:.2f}" for figure in figures),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_table() -> None:
    """Writes the table into this folder's README, between its two marks."""
    readme = SHIPPED / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition("<!-- table -->")
    _, _, after = rest.partition("<!-- end of table -->")
    readme.write_text(f"{before}<!-- table -->\n{table()}\n<!-- end of table -->{after}", encoding="utf-8")


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(recipes())
    for unknown in set(chosen) - set(recipes()):
        sys.exit(f"There is no recipe {unknown}; there are {', '.join(recipes())}.")
    for name in chosen:
        make(name)
    if all((SHIPPED / name / "card.json").exists() for name in recipes()):
        write_table()
