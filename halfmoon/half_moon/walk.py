"""The walk from the new moon to the full one: the runs that can take it, and what each draws on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from halfmoon.parts.pairs import find_pairs
from halfmoon.parts.titles import kind_title
from halfmoon.server import loaded
from halfmoon.server.run_cache import remembered_for_run
from halfmoon.texts import literal, text
from vae_core.comparison import Pair
from vae_core.configs import DataConfig, Phases
from vae_core.errors import needed
from vae_core.moons.walk import MIDDLE, Ends, Verdict, WalkFit, find_ends, fit_walk, shares
from vae_core.runs.run import Run

MIN_POSITION, MAX_POSITION, STEP = (
    0.0,
    11.0,
    0.1,
)  # positions: a little beyond new and full, as a model goes on beyond its codes
POSITIONS = np.round(np.arange(MIN_POSITION, MAX_POSITION + STEP / 2, STEP), 1)
HALF_WAY = int(np.abs(POSITIONS - MIDDLE).argmin())
SETS: tuple[Phases, ...] = ("two-images", "new-and-full", "all-but-half", "all")


@dataclass(frozen=True)
class Walk:
    """A run's images at POSITIONS (N,), and the codes of its training images.

    `images` (N, 1, H, W); `mass` (classes, N) is the share of all training codes within half a step of a position, by
    the class of their phase.
    """

    run: Run
    ends: Ends
    images: np.ndarray
    fit: WalkFit
    mass: np.ndarray

    @property
    def kind(self) -> str:
        return kind_title(self.run.config.model)

    def code(self, position: float) -> float:
        """The model's own code at a position."""
        return float(self.ends.codes(np.array([position]))[0, 0])

    def verdict(self) -> Verdict:
        """The verdict on what the model draws halfway."""
        return self.fit.verdicts()[HALF_WAY]


def walkable() -> list[Pair]:
    """The pairs with one latent dimension, trained on moons of which only the phase varies.

    In the order of SETS: from what the article's models know to all there is.
    """
    pairs = [pair for pair in find_pairs() if all(map(_is_walkable, pair.runs))]
    return sorted(pairs, key=lambda pair: SETS.index(_data(pair).phases))


def on_the_plane() -> Pair | None:
    """A pair with a plane of moons, for the same walk there."""
    pairs = (pair for pair in find_pairs() if pair.runs[-1].config.model.latent_dim == 2)
    return next((pair for pair in pairs if _data(pair).moons is not None), None)


def titles(pairs: Sequence[Pair], name_as: Callable[[str], str] = literal) -> dict[str, str]:
    """The training set of each pair, by the pair's name: all different.

    The name of a pair stands in a title as `name_as` writes it: by default for Markdown.
    """
    plain = {pair.name: text(f"train.phases.{_data(pair).phases}") for pair in pairs}
    count = Counter(plain.values())
    first = {title: name for name, title in reversed(plain.items())}
    return {
        name: title if count[title] == 1 or first[title] == name else f"{title} · {name_as(name)}"
        for name, title in plain.items()
    }


@remembered_for_run(maxsize=32)
def walk_of(run: Run) -> Walk:
    """The run's walk, computed once. Raises RunError if new and full moons have the same code."""
    data = run.config.training.data
    moons = loaded.images(data)
    images, labels = (part.numpy() for part in moons.split("training"))
    phases = needed(moons.factors)[moons.splits["training"], 0].numpy()
    mu, log_var = loaded.encode(run, images)
    ends = find_ends(mu, phases)
    drawn = loaded.decode(run, ends.codes(POSITIONS))
    sigmas = None if log_var is None else ends.lengths(np.exp(0.5 * log_var))
    mass = _mass(ends.positions(mu), sigmas, labels, len(moons.class_names))
    return Walk(run, ends, drawn, fit_walk(drawn, needed(data.moons)), mass)


def _data(pair: Pair) -> DataConfig:
    return pair.runs[-1].config.training.data


def _is_walkable(run: Run) -> bool:
    model, moons = run.config.model, run.config.training.data.moons
    is_a_line = model.latent_dim == 1 and model.image_shape == run.config.training.data.image_shape
    return is_a_line and moons is not None and moons.phase_alone_varies


def _mass(places: np.ndarray, sigmas: np.ndarray | None, labels: np.ndarray, classes: int) -> np.ndarray:
    """The share of all codes within half a step of POSITIONS, by class: (classes, len(POSITIONS))."""
    edges = np.append(POSITIONS - STEP / 2, MAX_POSITION + STEP / 2)
    mass = np.zeros((classes, len(POSITIONS)))
    for label in np.unique(labels):
        those = labels == label
        mass[label] = those.mean() * shares(edges, places[those], None if sigmas is None else sigmas[those])
    return mass
