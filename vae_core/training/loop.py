"""Training as a generator of steps, which its caller prints, saves, changes or stops.

Everything a next step depends on is in `TrainingState`, so that a run saved and restored goes on exactly as if
nothing had happened (on the CPU, with the same number of threads).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.data.datasets import ImageSet, to_floats
from vae_core.models import auto_encoders, networks
from vae_core.models.auto_encoders import AutoEncoder, Terms, Weights, evaluating

MIN_STEPS_BETWEEN_VALIDATIONS = 5  # a data set of two images has an epoch of one step
VALIDATION_SEED = 1
MEASURING_SECONDS = 1.5
STEPS_SHARE = 0.9  # of a time budget; the rest is for validation, records and previews


class Step(NamedTuple):
    """The outcome of one step: on `images` images, with this β and learning rate.

    `terms` are the batch's, before the step. `validation` is there after each epoch (of five steps at least) and after
    the last step, with the whole β.
    """

    step: int
    epoch: float
    images: int
    beta: float
    learning_rate: float
    terms: Terms
    validation: dict[str, float] | None
    is_best: bool


@dataclass
class TrainingState:
    """A model in training. `learning_rate`, and β by `set_beta`, may be changed between steps."""

    config: TrainingConfig
    model: AutoEncoder
    optimisers: dict[str, torch.optim.Optimizer]
    noise: torch.Generator
    beta: float
    learning_rate: float
    step: int = 0
    best: float = math.inf

    @classmethod
    def start(cls, model: ModelConfig, training: TrainingConfig) -> TrainingState:
        """Random weights from the seed, untrained. Sets torch's number of threads to the config's."""
        if training.threads is not None:
            torch.set_num_threads(training.threads)
        device = torch.device("cuda" if training.device == "auto" and torch.cuda.is_available() else "cpu")
        module = auto_encoders.build(model, training.seed).to(device).train()
        networks.set_training_precision(module, _precision(training))
        return cls(
            config=training,
            model=module,
            optimisers=module.optimisers(training.learning_rate),
            noise=torch.Generator(device).manual_seed(training.seed),
            beta=training.beta,
            learning_rate=training.learning_rate,
        )

    def set_beta(self, beta: float) -> None:
        """Sets β; the search for the best loss restarts, as totals with different β don't compare."""
        if beta != self.beta:
            self.beta, self.best = beta, math.inf

    def tensors(self) -> dict[str, Tensor]:
        """Weights, optimiser moments and the noise generator's state, on the CPU, by name."""
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for name, optimiser in self.optimisers.items():
            for index, moments in optimiser.state_dict()["state"].items():
                tensors |= {f"optimiser.{name}.{index}.{key}": tensor for key, tensor in moments.items()}
        tensors["noise"] = self.noise.get_state()
        return {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}

    def numbers(self) -> dict[str, Any]:
        """The rest of the state, for JSON."""
        best = self.best if math.isfinite(self.best) else None
        return {"step": self.step, "beta": self.beta, "learning_rate": self.learning_rate, "best": best}

    def restore(self, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> bool:
        """Restores the state from `tensors` and `numbers`; returns whether the noise continues exactly.

        It doesn't if the state came from another kind of device: the generator is then seeded by seed and step.
        Raises KeyError, ValueError or RuntimeError if they are not a state of this model.
        """
        prefix = "model."
        self.model.load_state_dict(
            {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        )
        for name, optimiser in self.optimisers.items():
            prefix = f"optimiser.{name}."
            moments: dict[int, dict[str, Tensor]] = {}
            for key, tensor in tensors.items():
                if key.startswith(prefix):
                    index, moment = key.removeprefix(prefix).split(".")
                    moments.setdefault(int(index), {})[moment] = tensor
            _check_moments(optimiser, moments)
            optimiser.load_state_dict(optimiser.state_dict() | {"state": moments})
        self.step, self.beta, self.learning_rate = numbers["step"], numbers["beta"], numbers["learning_rate"]
        self.best = math.inf if numbers["best"] is None else numbers["best"]
        if tensors["noise"].shape != self.noise.get_state().shape:
            self.noise.manual_seed(self.config.seed * 1_000_003 + self.step)
            return False
        self.noise.set_state(tensors["noise"])
        return True


def _check_moments(optimiser: torch.optim.Optimizer, moments: dict[int, dict[str, Tensor]]) -> None:
    """Raises ValueError if an optimiser can't continue with these moments of its parameters."""
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    if not moments.keys() <= set(range(len(parameters))) or len(set(map(frozenset, moments.values()))) > 1:
        raise ValueError("The moments are not those of the parameters.")
    for index, each in moments.items():
        if any(tensor.shape not in ((), parameters[index].shape) for tensor in each.values()):
            raise ValueError("A moment is not that of its parameter.")


def train(state: TrainingState, data: ImageSet) -> Iterator[Step]:
    """Trains `state` in place to the end of its config's steps, which must be known (`with_steps`).

    Raises DivergedError, with the weights of the last good step, where a loss is not finite.
    """
    config, device = state.config, state.noise.device
    images = data.split("training")[0].to(device)
    validation_images = data.split("validation")[0].to(device)
    per_epoch = steps_per_epoch(config, data)
    between_validations = max(per_epoch, MIN_STEPS_BETWEEN_VALIDATIONS)
    later_rates = {extension.from_step: extension.learning_rate for extension in config.extensions}
    constant = {setting: getattr(config, setting) for setting in state.model.kind.weights}
    criterion = state.model.kind.criterion
    epoch = None
    last_step = config.known_steps
    while state.step < last_step:
        if epoch != state.step // per_epoch:
            epoch = state.step // per_epoch
            order = epoch_order(len(images), config.seed, epoch).to(device)
        start = state.step % per_epoch * config.batch_size
        batch = to_floats(images.index_select(0, order[start : start + config.batch_size]))
        learning_rate = state.learning_rate * learning_rate_factor(config, state.step)
        state.model.set_learning_rate(state.optimisers, learning_rate)
        beta = state.beta * beta_factor(config, state.step)
        terms = state.model.training_step(batch, state.optimisers, constant | {"beta": beta}, state.noise)
        state.step += 1
        validation, is_best = None, False
        if state.step % between_validations == 0 or state.step == last_step or state.step in later_rates:
            validation = validate(state.model, validation_images, constant | {"beta": state.beta})
            is_best = validation[criterion] < state.best
            state.best = min(state.best, validation[criterion])
        state.learning_rate = later_rates.get(state.step, state.learning_rate)
        yield Step(state.step, state.step / per_epoch, len(batch), beta, learning_rate, terms, validation, is_best)


def validate(model: AutoEncoder, images: Tensor, weights: Weights, batch: int = 1000) -> dict[str, float]:
    """The terms of the loss on uint8 images (N, C, H, W) by name; the noise is always the same, so epochs compare."""
    noise = torch.Generator(images.device).manual_seed(VALIDATION_SEED)
    sums = TermSums(images.device)
    with evaluating(model):
        for part in images.split(batch):
            sums.add(model.loss(to_floats(part), weights, noise), len(part))
    return sums.means()


class TermSums:
    """Sums of loss terms by name on their device: nothing waits for it before the means are read."""

    def __init__(self, device: torch.device) -> None:
        self.names: tuple[str, ...] = ()
        self.sums = torch.zeros((), device=device)
        self.count = 0

    def add(self, terms: Terms, count: int = 1) -> None:
        """Adds means of `count` images or steps; all have the same terms in the same order."""
        self.names = tuple(terms)
        self.sums = torch.add(self.sums, torch.stack(tuple(terms.values())), alpha=count)
        self.count += count

    def means(self) -> dict[str, float]:
        """The means of all terms added, by name."""
        return dict(zip(self.names, (self.sums / self.count).tolist(), strict=True))


def with_steps(model: ModelConfig, training: TrainingConfig, data: ImageSet) -> TrainingConfig:
    """The settings completed by number of steps, threads and precision, so that a seed repeats the run.

    A time budget is turned into steps by training a throw-away model for a moment.
    """
    training = training.replace(threads=training.threads or torch.get_num_threads(), precision=_precision(training))
    if training.steps is not None:
        return training
    if training.seconds is None:
        return training.replace(steps=training.epochs * steps_per_epoch(training, data))
    state = TrainingState.start(model, training.replace(steps=1_000_000_000))
    steps = iter(train(state, data))
    next(steps)  # the first step of a process is slower than the others
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < min(MEASURING_SECONDS, training.seconds / 5) or count < 3:
        next(steps)
        count += 1
    seconds_a_step = (time.perf_counter() - begun) / count
    return training.replace(steps=max(1, round(STEPS_SHARE * training.seconds / seconds_a_step)))


def _precision(training: TrainingConfig) -> str:
    return networks.fastest_precision() if training.precision == "auto" else training.precision


def steps_per_epoch(config: TrainingConfig, data: ImageSet) -> int:
    """The steps that use every training image once; the last batch may be smaller."""
    return math.ceil(len(data.splits["training"]) / config.batch_size)


def epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    """The order of the images in an epoch, (count,): it depends on seed and epoch alone, so a resume repeats it."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))


def learning_rate_factor(config: TrainingConfig, step: int) -> float:
    """The factor of the learning rate at a step (from 0): linear warm-up, then a half cosine to 0, or 1.

    The warm-up takes at most a tenth of the run; in what was added to a run after its end, it is 1.
    """
    end = config.extensions[0].from_step if config.extensions else config.known_steps
    warmup = min(config.warmup_steps, end // 10)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if config.schedule == "constant" or step >= end:
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (end - warmup)))


def beta_factor(config: TrainingConfig, step: int) -> float:
    """The factor of β at a step (from 0)."""
    return min(1.0, (step + 1) / (config.beta_warmup_steps + 1))
