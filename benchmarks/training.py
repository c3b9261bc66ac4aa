"""The speed of training, beside the usual loop, pythae's trainer and the matrix products alone.

    pip install -r benchmarks/requirements.txt
    python benchmarks/training.py [--json FILE] [--threads 2]

All four train the 784-400-20 VAE of pytorch/examples at batch 128 on the same MNIST images, a slice of an epoch each
in turn, so that a machine whose speed drifts treats them alike; the figures are medians. Peak memory is that of a
process of its own, which trains more than an epoch and holds no data but what its loop needs. Then one configuration
with a 2-D code is trained until its test −ELBO is 142 nats, three times.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, TrainingConfig
from vae_core.data import datasets
from vae_core.data._torchvision import import_torchvision
from vae_core.data.datasets import ImageSet
from vae_core.places import data_folder
from vae_core.training import loop as training

BATCH, EPOCH, SLICE, ROUNDS = 128, 55_000, 12_800, 7
WIDTHS = (784, 400, 20)
MARKS = {"seconds_to_146_8": 146.8, "seconds_to_142": 142.0}
QUICK = TrainingConfig(epochs=8, learning_rate=2e-3, warmup_steps=100)

Slice = Callable[[], None]
Contender = Callable[[Path], Slice]  # from a folder with MNIST's files unpacked


def ours(folder: Path) -> Slice:
    """Our loop, SLICE images a call; an epoch's validation falls into every fourth or fifth."""
    data = datasets.load(DataConfig(name="mnist"), folder)
    network = NetworkConfig(widths=WIDTHS[1:2], activation="relu")
    model = ModelConfig(encoder=network, decoder=network, latent_dim=WIDTHS[2])
    steps = SLICE // BATCH
    config = TrainingConfig(steps=steps * 1000, batch_size=BATCH, learning_rate=1e-3, schedule="constant")
    loop = training.train(training.TrainingState.start(model, config), data)

    def train() -> None:
        for _ in range(steps):
            next(loop)

    return train


class UsualVAE(nn.Module):
    """A VAE as in most tutorials: a layer for each head, sigmoid, then cross-entropy of probabilities."""

    def __init__(self) -> None:
        super().__init__()
        pixels, hidden, latent_dim = WIDTHS
        self.hidden, self.mean, self.log_var = (
            nn.Linear(pixels, hidden), nn.Linear(hidden, latent_dim), nn.Linear(hidden, latent_dim)
        )  # fmt: skip
        self.spread, self.pixels = nn.Linear(latent_dim, hidden), nn.Linear(hidden, pixels)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Probabilities of the pixels (B, D), mu and log_var (B, latent_dim)."""
        hidden = functional.relu(self.hidden(images))
        mu, log_var = self.mean(hidden), self.log_var(hidden)
        code = mu + torch.randn_like(mu) * torch.exp(0.5 * log_var)
        return torch.sigmoid(self.pixels(functional.relu(self.spread(code)))), mu, log_var


def usual(folder: Path) -> Slice:
    """The usual loop: a shuffled DataLoader over torchvision's MNIST with ToTensor, Adam."""
    torchvision = import_torchvision()
    images = torchvision.datasets.MNIST(folder, train=True, transform=torchvision.transforms.ToTensor())
    subset = torch.utils.data.Subset(images, range(SLICE))
    loader = torch.utils.data.DataLoader(subset, batch_size=BATCH, shuffle=True)
    model = UsualVAE()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)

    def train() -> None:
        for batch, _ in loader:
            optimiser.zero_grad()
            flat = batch.view(len(batch), -1)
            decoded, mu, log_var = model(flat)
            loss = functional.binary_cross_entropy(decoded, flat, reduction="sum")
            loss = loss - 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
            loss.backward()
            loss.item()  # the usual loop adds up the loss of every batch
            optimiser.step()

    return train


def pythae(folder: Path) -> Slice:
    """pythae's BaseTrainer on the same network, images as a tensor in memory."""
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig
    from pythae.data.datasets import BaseDataset  # isort: skip

    logging.disable(logging.WARNING)
    pixels, hidden, latent_dim = WIDTHS

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.mean = nn.Linear(pixels, hidden), nn.Linear(hidden, latent_dim)
            self.log_var = nn.Linear(hidden, latent_dim)

        def forward(self, images: torch.Tensor) -> ModelOutput:
            features = functional.relu(self.hidden(images.flatten(1)))
            return ModelOutput(embedding=self.mean(features), log_covariance=self.log_var(features))

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.pixels = nn.Linear(latent_dim, hidden), nn.Linear(hidden, pixels)

        def forward(self, codes: torch.Tensor) -> ModelOutput:
            decoded = torch.sigmoid(self.pixels(functional.relu(self.hidden(codes))))
            return ModelOutput(reconstruction=decoded.view(-1, 1, 28, 28))

    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=latent_dim, reconstruction_loss="bce")
    images = datasets.to_floats(datasets.load(DataConfig(name="mnist"), folder).split("training")[0][:SLICE])
    settings = BaseTrainerConfig(
        output_dir=str(folder / "pythae"), per_device_train_batch_size=BATCH, learning_rate=1e-3, no_cuda=True
    )
    trainer = BaseTrainer(
        VAE(config, Encoder(), Decoder()), BaseDataset(images, torch.zeros(len(images))), training_config=settings
    )
    trainer.prepare_training()
    return lambda: trainer.train_step(1)


def products(folder: Path) -> Slice:
    """The matrix products of a step alone: forward, weight gradients, and input gradients except the images'."""
    pixels, hidden, latent_dim = WIDTHS
    layers = [(pixels, hidden), (hidden, 2 * latent_dim), (latent_dim, hidden), (hidden, pixels)]
    tensors = [(torch.randn(BATCH, a), torch.randn(b, a), torch.randn(BATCH, b)) for a, b in layers]

    def train() -> None:
        for _ in range(SLICE // BATCH):
            for layer, (inputs, weights, gradients) in enumerate(tensors):
                inputs @ weights.T
                gradients.T @ inputs
                if layer:
                    gradients @ weights

    return train


CONTENDERS: dict[str, Contender] = {
    "Halfmoon": ours, "usual loop": usual, "pythae": pythae, "matrix products": products
}  # fmt: skip


@contextmanager
def unpacked() -> Iterator[Path]:
    """A temporary folder with MNIST's files unpacked, in torchvision's layout."""
    datasets.load(DataConfig(name="mnist"))  # downloads them where they are missing
    source = data_folder() / "MNIST" / "raw"
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "MNIST", "raw")
        raw.mkdir(parents=True)
        for path in source.iterdir():
            if path.suffix == ".gz" and not (raw / path.stem).exists():
                (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
            elif path.suffix != ".gz":
                (raw / path.name).write_bytes(path.read_bytes())
        yield Path(folder)


def measure_throughput(folder: Path) -> dict[str, float]:
    """Median seconds of a slice for each contender, one after the other in each round."""
    slices = {name: make(folder) for name, make in CONTENDERS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in slices}
    for turn in range(ROUNDS + 1):
        for name, train in slices.items():
            begun = time.perf_counter()
            train()
            if turn:  # the first warms up
                seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in seconds.items()}


def peak_megabytes() -> float:
    """The peak size of this process; getrusage would count its parent's size before exec as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def measure_memory(folder: Path, threads: int) -> dict[str, float]:
    """Peak resident megabytes of a process that trains a little more than an epoch, for each contender."""
    command = [sys.executable, __file__, "--threads", str(threads), "--folder", folder, "--memory-of"]
    return {name: float(subprocess.check_output([*command, name]).split()[-1]) for name in CONTENDERS}


def measure_marks(data: ImageSet, seed: int) -> dict[str, float]:
    """Seconds from the first batch until the test −ELBO falls below each mark; validation and its test inside."""
    test_images = data.split("test")[0]
    config = training.with_steps(ModelConfig(), QUICK.replace(seed=seed), data)
    state = training.TrainingState.start(ModelConfig(), config)
    reached: dict[str, float] = {}
    begun = time.perf_counter()
    for step in training.train(state, data):
        if step.validation is None:
            continue
        negative_elbo = training.validate(state.model, test_images, beta=1.0).total
        seconds = time.perf_counter() - begun
        print(f"  seed {seed}, epoch {step.epoch:.0f}: {negative_elbo:.2f} nats after {seconds:.1f} s", flush=True)
        reached |= {name: seconds for name, mark in MARKS.items() if negative_elbo <= mark and name not in reached}
        if len(reached) == len(MARKS):
            break
    if len(reached) < len(MARKS):
        sys.exit(f"With seed {seed} the run ended at {negative_elbo:.2f} nats: not every mark was reached.")
    return reached


def main() -> None:
    """Prints the table and, with --json, writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-of", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.memory_of:
        train = CONTENDERS[options.memory_of](options.folder)
        for _ in range(EPOCH // SLICE + 1):
            train()
        print(peak_megabytes())
        return

    with unpacked() as folder:
        seconds, memory = measure_throughput(folder), measure_memory(folder, options.threads)
    print(f"\n| {'':15} | images/s | s per epoch | peak memory, MB |\n|---|---:|---:|---:|")
    for name, time_of_slice in seconds.items():
        speed = SLICE / time_of_slice
        print(f"| {name:15} | {speed:,.0f} | {EPOCH / speed:.2f} | {memory[name]:,.0f} |")
    data = datasets.load(DataConfig(name="mnist"))
    marks = [measure_marks(data, seed) for seed in range(3)]
    figures = {
        "throughput_vs_usual_loop": seconds["usual loop"] / seconds["Halfmoon"],
        "throughput_vs_pythae": seconds["pythae"] / seconds["Halfmoon"],
        "fraction_of_matrix_products": seconds["matrix products"] / seconds["Halfmoon"],
        **{name: statistics.median(mark[name] for mark in marks) for name in MARKS},
        "peak_memory_vs_usual_loop": memory["Halfmoon"] / memory["usual loop"],
    }
    print()
    for name, figure in figures.items():
        print(f"{name:30} {figure:.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
