"""The judge: a small calibrated classifier of decoded images, which also measures their distances.

One for each data set in `weights/judges/`, made from training images alone and calibrated on validation images; what
it is worth on test images stands in the header of its file. `weights/make_judges.py` makes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae_core.data.datasets import ImageSet, to_floats
from vae_core.models import weight_files
from vae_core.models.auto_encoders import evaluating
from vae_core.places import JUDGES
from vae_core.training.loop import epoch_order

CHANNELS = (24, 48, 64)
FEATURES = 96
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY, SEED = 7, 256, 5e-3, 0.02, 0
MAX_SHIFT = 2  # pixels that a training image is moved by, so that a digit beside the centre is one as well
CALIBRATION_BINS = 15


class Judge(nn.Module):
    """Three layers of convolutions, one of FEATURES units and one of classes: (B, 1, H, W) in [0, 1] -> (B, classes).

    `temperature` divides what the last layer says, so that a probability is the share of images where it is right
    (Guo et al. 2017, On Calibration of Modern Neural Networks).
    """

    temperature: Tensor

    def __init__(self, image_shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before, (height, width) = image_shape[0], image_shape[1:]
        for channels in CHANNELS:
            convolution = nn.Conv2d(before, channels, kernel_size=3, padding=1, bias=False)
            layers += [convolution, nn.MaxPool2d(2), nn.BatchNorm2d(channels), nn.ReLU()]
            before, height, width = channels, height // 2, width // 2
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * height * width, FEATURES), nn.ReLU())
        self.head = nn.Linear(FEATURES, classes)
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, classes), calibrated."""
        logits: Tensor = self.head(self.body(images)) / self.temperature
        return logits

    def features(self, images: Tensor) -> Tensor:
        """The layer before the last, (B, FEATURES): images that the judge finds alike lie close together."""
        features: Tensor = self.body(images)
        return features

    def probabilities(self, images: Tensor) -> Tensor:
        """The probability of each class, (B, classes)."""
        return self.forward(images).softmax(1)


def exists(name: str) -> bool:
    """Whether the data set has a judge."""
    return file_of(name).exists()


def load(name: str) -> Judge:
    """The judge of a data set, float32, in evaluation mode and without gradients. Raises RunError if it is broken."""
    tensors, known = weight_files.load_state(file_of(name))
    judge = Judge(tuple(known["image_shape"]), known["classes"])
    judge.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    _put_channels_last(judge)  # three times as fast
    return judge.eval().requires_grad_(False)


class Epoch(NamedTuple):
    """The report of training after each pass over the training images."""

    epoch: int
    validation_accuracy: float


def train(judge: Judge, data: ImageSet, epochs: int = EPOCHS) -> Iterator[Epoch]:
    """Trains `judge` in place on training images, and calibrates it on validation images at the end.

    AdamW with a learning rate of one cycle (Smith & Topin 2018); images are shifted at random. SEED repeats it.
    Channels come last and products are taken in bfloat16 while it trains, which takes less than half of the time.
    """
    _put_channels_last(judge)
    images, labels = data.split("training")
    steps = math.ceil(len(images) / BATCH)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=epochs * steps)
    generator = torch.Generator().manual_seed(SEED)
    for epoch in range(epochs):
        judge.train()
        for batch in epoch_order(len(images), SEED, epoch).split(BATCH):
            moved = shifted(to_floats(images[batch]), generator).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                logits = judge(moved)
            loss = functional.cross_entropy(logits.float(), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        yield Epoch(epoch + 1, accuracy(judge, *data.split("validation")))
    calibrate(judge, *data.split("validation"))


def _put_channels_last(judge: Judge) -> None:
    judge.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch forgot it in its own types


def shifted(images: Tensor, generator: torch.Generator) -> Tensor:
    """Images (B, C, H, W), each moved by up to MAX_SHIFT pixels across and down, filled with black."""
    height, width = images.shape[2:]
    padded = functional.pad(images, [MAX_SHIFT] * 4)
    shifts = torch.randint(2 * MAX_SHIFT + 1, (2, len(images), 1), generator=generator)
    rows, columns = shifts[0] + torch.arange(height), shifts[1] + torch.arange(width)  # (B, H), (B, W)
    image = torch.arange(len(images))[:, None, None]
    return padded.transpose(0, 1)[:, image, rows[:, :, None], columns[:, None, :]].transpose(0, 1)


def calibrate(judge: Judge, images: Tensor, labels: Tensor) -> None:
    """Sets the temperature that minimises the cross-entropy on uint8 images (N, C, H, W)."""
    judge.temperature.fill_(1)
    logits = of_images(judge, images).double()
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([log_temperature], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = functional.cross_entropy(logits * torch.exp(-log_temperature), labels)
        value.backward()
        return value

    optimiser.step(loss)
    judge.temperature.copy_(log_temperature.detach().exp())


def of_images(judge: Judge, images: Tensor) -> Tensor:
    """The judge's logits of uint8 images: (N, C, H, W) -> (N, classes)."""
    with evaluating(judge):
        logits = torch.cat([judge(to_floats(part)) for part in images.split(1000)])
    return logits.clone()  # one that gradients may be asked of


def accuracy(judge: Judge, images: Tensor, labels: Tensor) -> float:
    """Share of uint8 images whose most probable class is their label."""
    return float((of_images(judge, images).argmax(1) == labels).double().mean())


def calibration_error(judge: Judge, images: Tensor, labels: Tensor) -> float:
    """Mean difference between the judge's confidence and its accuracy, over CALIBRATION_BINS of equal width.

    From 0, low is good. Expected calibration error, Guo et al. 2017, eq. 3.
    """
    sure, label = of_images(judge, images).softmax(1).max(1)
    right = (label == labels).double()
    bins = (sure * CALIBRATION_BINS).long().clamp(max=CALIBRATION_BINS - 1)
    differences = torch.zeros(CALIBRATION_BINS, dtype=torch.float64).index_add(0, bins, sure.double() - right)
    return float(differences.abs().sum() / len(images))


def file_of(name: str) -> Path:
    """The file of a data set's judge."""
    return JUDGES / f"{name}.safetensors"
