"""The judges: how they are trained and calibrated, and what the shipped ones are worth."""

from __future__ import annotations

import math
import os
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.data.datasets import ImageSet, to_floats
from vae_core.errors import DataError, RunError
from vae_core.measures import judge
from vae_core.measures.judge import Judge
from vae_core.models import weight_files
from vae_core.places import JUDGES, SHIPPED
from vae_core.runs.shelf import list_runs

SHIPPED_JUDGES = {"mnist": 0.99, "fashion-mnist": 0.91}  # the least accuracy on test images
MAX_BYTES = 500_000


class Told(nn.Module):
    """A judge whose logits are the first row of pixels, times a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, images: Tensor) -> Tensor:
        return self.factor * images[:, 0, 0] / self.temperature


def digits() -> ImageSet:
    return datasets.load(DataConfig(name="digits"))


def trained(data: ImageSet, epochs: int) -> Judge:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = Judge(data.image_shape, 10)
    list(judge.train(made, data, epochs))
    return made


def published(name: str) -> ImageSet:
    """The data set; the test is skipped where it isn't there, and fails where CI should have had it."""
    try:
        return datasets.load(DataConfig(name=name), download=False)
    except DataError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs the published data. {error}")
        pytest.skip(str(error))


# Training


def test_training_learns_repeats_and_leaves_the_global_generator_alone(monkeypatch):
    monkeypatch.setattr(judge, "MAX_SHIFT", 0)  # two pixels are a quarter of these images
    monkeypatch.setattr(judge, "BATCH", 64)  # of 1,257 images
    before = torch.get_rng_state()
    first, second = trained(digits(), epochs=1), trained(digits(), epochs=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert first.temperature == second.temperature
    assert judge.accuracy(trained(digits(), epochs=4), *digits().split("test")) > 0.8


def test_training_never_looks_at_a_test_image():
    data, asked = digits(), []

    def split(name: str) -> tuple[Tensor, Tensor]:
        asked.append(name)
        return data.split(name)

    list(judge.train(Judge(data.image_shape, 10), SimpleNamespace(split=split), epochs=1))
    assert set(asked) == {"training", "validation"}


def test_a_shifted_image_is_the_image_within_two_pixels_of_its_place():
    images = torch.rand(200, 1, 6, 5, generator=torch.Generator().manual_seed(0))
    padded = nn.functional.pad(images, [2] * 4)
    places = [padded[:, :, row : row + 6, column : column + 5] for row in range(5) for column in range(5)]
    moved = judge.shifted(images, torch.Generator().manual_seed(1))
    found = torch.stack([(place == moved).all((1, 2, 3)) for place in places])
    assert found.any(0).all()
    assert found.any(1).all()  # each of the 25 shifts occurs


# Calibration


def test_a_judge_that_is_three_times_too_sure_gets_the_temperature_3():
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (20_000, 1, 1, 4), generator=generator).to(torch.uint8)
    labels = torch.multinomial((4 * to_floats(images)[:, 0, 0]).softmax(1), 1, generator=generator)[:, 0]
    told = Told(factor=12)
    judge.calibrate(told, images, labels)
    assert told.temperature.item() == pytest.approx(3, rel=0.05)
    assert judge.calibration_error(told, images, labels) < 0.01


def test_the_calibration_error_is_the_gap_between_how_sure_and_how_right():
    level = 255 * math.log(9)  # sure by 0.9 of one of two
    images = torch.tensor([[255, 0]], dtype=torch.uint8).view(1, 1, 1, 2).expand(1000, -1, -1, -1)
    labels = (torch.arange(1000) % 10 < 3).long()  # right in 0.7 of the images
    told = Told(factor=level / 255)
    assert judge.accuracy(told, images, labels) == pytest.approx(0.7)
    assert judge.calibration_error(told, images, labels) == pytest.approx(0.2, abs=1e-4)


# What is shipped


def test_the_shipped_judges_are_small_and_no_runs():
    files = sorted(JUDGES.iterdir())
    assert [path.name for path in files] == sorted(f"{name}.safetensors" for name in SHIPPED_JUDGES)
    assert all(path.stat().st_size <= MAX_BYTES for path in files)
    assert JUDGES not in [run.folder for run in list_runs(SHIPPED)]
    assert not judge.exists("digits")


@pytest.mark.parametrize("name", SHIPPED_JUDGES)
def test_a_shipped_judge_says_what_it_is_worth_and_how_it_was_made(name):
    facts = weight_files.load_state(judge.file_of(name))[1]
    assert facts["accuracy"] >= SHIPPED_JUDGES[name]
    assert facts["calibration_error"] <= 0.01
    assert facts["command"] in (f"python -m vae_core.judge {name}", f"python weights/make_judges.py {name}")
    assert facts["seconds"] > 0
    loaded = judge.load(name)
    assert loaded.temperature.item() == pytest.approx(facts["temperature"])
    assert not loaded.training and not any(parameter.requires_grad for parameter in loaded.parameters())


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED_JUDGES)
def test_a_shipped_judge_is_as_good_on_test_images_as_it_says(name):
    loaded, test, facts = (
        judge.load(name),
        published(name).split("test"),
        weight_files.load_state(judge.file_of(name))[1],
    )
    assert judge.accuracy(loaded, *test) == pytest.approx(facts["accuracy"], abs=5e-4)
    assert judge.calibration_error(loaded, *test) == pytest.approx(facts["calibration_error"], abs=5e-4)


def test_a_digit_is_more_credible_and_nearer_to_its_like_than_a_cross_dissolve_of_two(mnist):
    loaded = judge.load("mnist")
    images, labels = mnist.split("test")
    ones, zeros = (to_floats(images[labels == label][:100]) for label in (1, 0))
    dissolved = (ones + zeros) / 2
    for real in (ones, zeros):
        assert loaded.probabilities(real).amax(1).mean() > loaded.probabilities(dissolved).amax(1).mean() + 0.05
    within = torch.cdist(loaded.features(ones), loaded.features(ones)).median()
    assert within < torch.cdist(loaded.features(ones), loaded.features(zeros)).median()
    assert loaded.features(ones).shape == (100, judge.FEATURES)


def test_a_broken_file_is_met_with_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(judge, "JUDGES", tmp_path)
    (tmp_path / "mnist.safetensors").write_bytes(b"torn")
    with pytest.raises(RunError, match="not a whole safetensors file"):
        judge.load("mnist")
