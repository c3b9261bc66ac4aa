"""How fast training is, beside the usual loop, pythae's trainer and the matrix products alone.

    pip install -r benchmarks/requirements.txt
    python benchmarks/training.py [--json FILE] [--threads 2]

All four train the 784-400-20 VAE of pytorch/examples at batch 128 on the same MNIST images, a slice of an epoch each
in turn, so that a machine whose speed drifts treats them alike; the figures are medians. Peak memory is that of a
process of its own. Then one configuration with a 2-D code is trained until its test −ELBO is 142 nats, three times.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from torch import nn
from torch.nn import functional

from vae_core import datasets, training
from vae_core._torchvision import import_torchvision
from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, TrainingConfig
from vae_core.datasets import ImageSet
from vae_core.published import PUBLISHED

BATCH, EPOCH, SLICE, ROUNDS = 128, 55_000, 12_800, 7
WIDTHS = (784, 400, 20)
MARKS = {"seconds_to_146_8": 146.8, "seconds_to_142": 142.0}
QUICK = TrainingConfig(epochs=8, learning_rate=2e-3, warmup_steps=100)

Slice = Callable[[], None]


def ours(data: ImageSet) -> Slice:
    """Our loop, SLICE images a call."""
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
    """A VAE as most tutorials write one: a layer for each head, sigmoid, then cross-entropy of probabilities."""

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


def usual(data: ImageSet) -> Slice:
    """The usual loop: a shuffled DataLoader over torchvision's MNIST with ToTensor, Adam."""
    torchvision = import_torchvision()
    images = torchvision.datasets.MNIST(unpacked(), train=True, transform=torchvision.transforms.ToTensor())
    subset = torch.utils.data.Subset(images, data.splits["training"][:SLICE].tolist())
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


def pythae(data: ImageSet) -> Slice:
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
    images = datasets.to_floats(data.split("training")[0][:SLICE])
    settings = BaseTrainerConfig(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=BATCH, learning_rate=1e-3, no_cuda=True
    )
    trainer = BaseTrainer(
        VAE(config, Encoder(), Decoder()), BaseDataset(images, torch.zeros(len(images))), training_config=settings
    )
    trainer.prepare_training()
    return lambda: trainer.train_step(1)


def products(data: ImageSet) -> Slice:
    """The matrix products of a step alone: forward, weight gradients, and input gradients but for the images'."""
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


CONTENDERS: dict[str, Callable[[ImageSet], Slice]] = {
    "Halfmoon": ours, "usual loop": usual, "pythae": pythae, "matrix products": products
}  # fmt: skip


def unpacked() -> str:
    """A folder with MNIST's files unpacked, as torchvision wants them."""
    source = datasets.data_folder() / "MNIST" / "raw"
    if all((source / name).exists() for name in PUBLISHED):
        return str(source.parent.parent)
    folder = Path(tempfile.mkdtemp())
    (folder / "MNIST" / "raw").mkdir(parents=True)
    for name in PUBLISHED:
        (folder / "MNIST" / "raw" / name).write_bytes(gzip.decompress((source / f"{name}.gz").read_bytes()))
    return str(folder)


def measure_throughput(data: ImageSet) -> dict[str, float]:
    """Median seconds of a slice for each contender, one after the other in each round."""
    slices = {name: make(data) for name, make in CONTENDERS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in slices}
    for turn in range(ROUNDS + 1):
        for name, train in slices.items():
            begun = time.perf_counter()
            train()
            if turn:  # the first warms up
                seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in seconds.items()}


def measure_memory(threads: int) -> dict[str, float]:
    """Peak resident megabytes of a process that trains one slice, for each contender."""
    command = [sys.executable, __file__, "--threads", str(threads), "--memory-of"]
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
    return {name: reached.get(name, float("nan")) for name in MARKS}


def main() -> None:
    """Prints the table and, with --json, writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-of", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    data = datasets.load(DataConfig(name="mnist"))
    if options.memory_of:
        CONTENDERS[options.memory_of](data)()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return

    seconds, memory = measure_throughput(data), measure_memory(options.threads)
    print(f"\n| {'':15} | images/s | s per epoch | peak memory, MB |\n|---|---:|---:|---:|")
    for name, time_of_slice in seconds.items():
        speed = SLICE / time_of_slice
        print(f"| {name:15} | {speed:,.0f} | {EPOCH / speed:.2f} | {memory[name]:,.0f} |")
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
