"""The time that each measure of a run's card takes.

    python benchmarks/measures.py [--run weights/mnist-vae-2d] [--record] [--json FILE] [--threads 2]

What several measures need, the codes of all images before all, is computed once and counts for the first of them.
Loading the data set is not counted.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch

from vae_core.data import datasets
from vae_core.measures import evaluation
from vae_core.places import SHIPPED
from vae_core.runs.run import Run


def measure_seconds(run: Run, record: bool) -> dict[str, float]:
    """Seconds for each measure that the run has, by name, in the order of the card."""
    subject = evaluation.Subject(run.load_model(), datasets.load(run.config.training.data))
    seconds: dict[str, float] = {}
    begun = time.perf_counter()
    for name, result in evaluation.measures(subject, record):
        now = time.perf_counter()
        if result.value is not None:
            seconds[name] = now - begun
        begun = now
    return seconds


def main() -> None:
    """Prints the table and, with --json, writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, default=SHIPPED / "mnist-vae-2d", help="the run that is measured")
    parser.add_argument("--record", action="store_true", help="take those too that take minutes")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = Run.open(options.run)
    seconds = measure_seconds(run, options.record)
    print(f"| {run.name:21} | seconds |\n|---|---:|")
    for name, taken in {**seconds, "all together": sum(seconds.values())}.items():
        print(f"| {name:21} | {taken:.2f} |")
    if options.json:
        figures = {"run": run.name, "seconds": seconds, "total_seconds": sum(seconds.values())}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
