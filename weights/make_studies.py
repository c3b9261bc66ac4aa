"""Trains and measures the runs of the studies in `studies/`; only their cards are kept, without weights.

Each study changes one thing: the seed, β, or the number of training images. `python weights/make_studies.py` makes what
is missing, or with names or parts of names only those, and puts the table of seeds into the project's README; what is
trained lies in VAE_RUNS_DIR.
"""

from __future__ import annotations

import json
import sys

from vae_core.configs import DataConfig, ModelConfig, TrainingConfig
from vae_core.data import datasets
from vae_core.files import write_atomically
from vae_core.measures import evaluation
from vae_core.places import ROOT, runs_folder
from vae_core.runs.run import Run
from vae_core.studies import BETAS, EPOCHS, KINDS, SEEDS, SIZES, STUDIES, PairedDifference, compare_seeds, study_name
from vae_core.training import recording

README = ROOT / "README.md"


def recipes() -> dict[str, tuple[ModelConfig, TrainingConfig]]:
    """Every run of a study by name; runs with equal settings are one."""
    made = {}

    def add(data: str, kind: str, epochs: int = EPOCHS, **changes: float) -> None:
        count = changes.pop("training_count", None)
        training = TrainingConfig(
            data=DataConfig(name=data, training_count=count), epochs=epochs, threads=1, precision="float32", **changes
        )
        made[study_name(ModelConfig(kind=kind), training)] = ModelConfig(kind=kind), training

    for seed in SEEDS:
        for data in ("mnist", "fashion-mnist"):
            for kind in KINDS:
                add(data, kind, seed=seed)
    for beta in BETAS:
        add("mnist", "vae", beta=beta)
    for count, epochs in SIZES.items():
        for kind in KINDS:
            add("mnist", kind, epochs, training_count=count)
    return made


def make(name: str, model: ModelConfig, training: TrainingConfig) -> None:
    """Trains, or resumes, and measures one run."""
    data = datasets.load(training.data)
    folder = runs_folder() / f"study-{name}"
    exists = (folder / "config.json").exists()
    run = Run.open(folder) if exists else recording.create_run(folder, model, training, data)
    for _ in recording.record(run, data):
        pass
    results = dict(evaluation.measures(evaluation.Subject(run.load_model(), data)))
    kept = {"config": run.config.model_dump(mode="json"), "card": evaluation.card_of(run, results).to_json()}
    write_atomically(STUDIES / f"{name}.json", (json.dumps(kept, indent=1) + "\n").encode())
    print(f"{name}: {results['reconstruction_at_mean'].value:.2f} nats at the mean", flush=True)


def seeds_table() -> str:
    """The differences of VAE and AE over all seeds, of every measure that both have, as a Markdown table."""
    columns = ("MNIST", "mnist"), ("Fashion-MNIST", "fashion-mnist")
    lines = [
        "| measure, better |" + "".join(f" {title}: AE | VAE | VAE − AE, 95 % | wins |" for title, _ in columns),
        "|---|" + "---:|---:|---:|---|" * len(columns),
    ]
    compared = [compare_seeds(data) for _, data in columns]
    for name, definition in evaluation.MEASURES.items():
        if definition.better and all(name in one for one in compared):
            cells = [_cells(one[name], definition.better) for one in compared]
            lines.append(f"| `{name}`, {definition.better} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(found: PairedDifference, better: str) -> str:
    """Both means, the difference with its interval, and the winner if that excludes 0."""
    low, high = found.interval
    winner = (found.winner(better) or "–").upper()
    return f"{found.ae:.4g} | {found.vae:.4g} | {found.difference:.2g} ({low:.2g} to {high:.2g}) | {winner}"


def with_table(readme: str) -> str:
    """The project's README with the present table between its two marks."""
    before, _, rest = readme.partition("<!-- seeds -->")
    _, _, after = rest.partition("<!-- end of seeds -->")
    return f"{before}<!-- seeds -->\n\n{seeds_table()}\n\n<!-- end of seeds -->{after}"


if __name__ == "__main__":
    for name, (model, training) in recipes().items():
        if (not sys.argv[1:] or any(part in name for part in sys.argv[1:])) and not (STUDIES / f"{name}.json").exists():
            make(name, model, training)
    if all((STUDIES / f"{name}.json").exists() for name in recipes()):
        write_atomically(README, with_table(README.read_text(encoding="utf-8")).encode())
