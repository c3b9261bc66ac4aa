"""A walk along a line of codes: a slider that decodes while it is dragged, with films and figures on its axis.

It knows nothing of moons but their names: it is given images and numbers at even positions, and what is said of each.
While the slider is dragged the browser itself decodes. `results` are the ends of all such stories, to choose from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from halfmoon.components.latent_plane import PointClass
from halfmoon.components.mounting import Component, reported

_component = Component("half_moon")
_results = Component("half_moon", "results")


@dataclass(frozen=True)
class Positions:
    """Even positions, `step` apart; `new` and `full` are the ends that have names."""

    first: float
    last: float
    step: float
    new: float
    full: float


@dataclass(frozen=True)
class Model:
    """A model on the walk. `decoder` is the path of its weights, None if the browser can't decode with it.

    `codes` are its own at the named ends. `images`, `moons` and `dissolves` are the addresses of its images at all
    positions, one below the other, and of what comes nearest to each; `said` holds a verdict on each. `mass` is the
    share of all codes at each position, by class.
    """

    run: str
    kind: str
    title: str
    colour: str
    decoder: str | None
    codes: tuple[float, float]
    images: str
    moons: str
    dissolves: str
    said: list[str]
    phases: list[float]
    weights: list[float]
    moon_distances: list[float]
    dissolve_distances: list[float]
    mass: list[list[float]]


@dataclass(frozen=True)
class Cell:
    """A model in a row of the results: what it draws, and what is said of it. A broken one has no image."""

    run: str
    title: str
    colour: str
    image: str | None
    verdict: str
    distances: str


@dataclass(frozen=True)
class Row:
    """A training set with its models; `is_shown` marks the one on the page."""

    title: str
    is_shown: bool
    cells: list[Cell]


def mount(
    key: str,
    *,
    models: Sequence[Model],
    positions: Positions,
    classes: Sequence[PointClass],
    dissolve_colour: str,
    name: str,
    title: str,
    at: float,
    texts: dict[str, str],
    on_position: Callable[[], None],
) -> None:
    """Mounts the walk at position `at`; when the slider rests `on_position` is called, and `reported(key)` says where.

    `dissolve_colour` is that of cross-dissolves; files are called `name`, and pictures have the
    `title`.
    """
    data = {
        "models": [asdict(model) for model in models],
        "positions": asdict(positions),
        "classes": [asdict(one) for one in classes],
        "dissolveColour": dissolve_colour,
        "name": name,
        "title": title,
        "at": at,
        "texts": texts,
    }
    _component.mount(key, data, on_position)


def mount_results(key: str, rows: Sequence[Row], caption: str, on_run: Callable[[], None]) -> None:
    """Mounts the table of results; a click on a cell calls `on_run`, and `reported(key)` names its run."""
    _results.mount(key, {"rows": [asdict(row) for row in rows], "caption": caption}, on_run)


__all__ = ["Cell", "Model", "Positions", "Row", "mount", "mount_results", "reported"]
