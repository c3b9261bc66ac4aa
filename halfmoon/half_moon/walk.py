"""The walk from the new moon to the full one: the runs that can take it, its images and its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from halfmoon.parts import html
from halfmoon.parts.html import Html, number, tag
from halfmoon.parts.pairs import find_pairs
from halfmoon.parts.palette import CLASS_COLOURS, class_colour, run_colours
from halfmoon.parts.titles import class_names, kind_title
from halfmoon.server import loaded
from halfmoon.server.run_cache import remembered_for_run
from halfmoon.texts import literal, text
from vae_core.comparison import Pair
from vae_core.configs import DataConfig, Phases
from vae_core.errors import needed
from vae_core.moons.walk import MIDDLE, Ends, WalkFit, find_ends, fit_walk, shares
from vae_core.runs.run import Run

if TYPE_CHECKING:
    import plotly.graph_objects as go

MIN_POSITION, MAX_POSITION, STEP = (
    0.0,
    11.0,
    0.1,
)  # positions: a little beyond new and full, as a model goes on beyond its codes
POSITIONS = np.round(np.arange(MIN_POSITION, MAX_POSITION + STEP / 2, STEP), 1)
FILM = slice(None, None, 10)  # of them: an image at every whole position
SETS: tuple[Phases, ...] = ("two-images", "new-and-full", "all-but-half", "all")
TICKS = (1, 4, 7, 10)
MOON_COLOUR, DISSOLVE_COLOUR = CLASS_COLOURS[:2]
HEIGHT, LEFT, RIGHT = 260, 48, 4  # of the figure and its margins, in pixels: the film above it has the same margins
_LEGEND = {"orientation": "h", "x": 0, "font": {"family": "sans-serif"}}  # as wide in a file as on the page


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


def titles(pairs: Sequence[Pair]) -> dict[str, str]:
    """The training set of each pair, by the pair's name, as Markdown: all different."""
    plain = {pair.name: text(f"train.phases.{_data(pair).phases}") for pair in pairs}
    count = Counter(plain.values())
    first = {title: name for name, title in reversed(plain.items())}
    return {
        name: title if count[title] == 1 or first[title] == name else f"{title} · {literal(name)}"
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


def units(walks: Sequence[Walk]) -> str:
    """The ends of the walk in each model's own units: a sentence for each run."""
    ends = ((walk.kind, number(walk.ends.new, ".3g"), number(walk.ends.full, ".3g")) for walk in walks)
    return " ".join(text("half_moon.units", kind=kind, new=new, full=full) for kind, new, full in ends)


def card(walk: Walk, position: float) -> Html:
    """The run's image at a position, with the nearest true moon and the nearest cross-dissolve."""
    at = int(np.abs(POSITIONS - position).argmin())
    fit, verdict = walk.fit, walk.fit.verdicts()[at]
    moon_distance, dissolve_distance = fit.moon_distances[at], fit.dissolve_distances[at]
    moon = text("half_moon.moon", phase=number(fit.phases[at], ".2f"), distance=number(moon_distance, ".2f"))
    weight = number(100 * fit.weights[at], ".0f")
    dissolve = text("half_moon.dissolve", weight=weight, distance=number(dissolve_distance, ".2f"))
    heading = text("component.heading", kind=walk.kind, code=number(walk.code(position), ".3g"))
    said = tag("small", text(f"half_moon.verdicts.{verdict}"))
    (colour,) = run_colours([walk.run.config.model])
    figures = (
        _figure(walk.images[at], text("half_moon.drawn"), "hm-drawn"),
        _figure(fit.moons[at], moon, "hm-nearer" if moon_distance < dissolve_distance else ""),
        _figure(fit.dissolves[at], dissolve, "" if moon_distance < dissolve_distance else "hm-nearer"),
    )
    images = tag("div", *figures, class_="hm-walk-images")
    return tag("section", tag("h2", html.kind_mark(colour, heading), " ", said), images, _film(walk), class_="hm-walk")


def middle(walks: Sequence[Walk]) -> str:
    """Which models draw a half moon halfway, as Markdown: a sentence for each run."""
    at = int(np.abs(POSITIONS - MIDDLE).argmin())
    sentences = []
    for walk in walks:
        distances = {
            "moon": number(walk.fit.moon_distances[at], ".2f"),
            "dissolve": number(walk.fit.dissolve_distances[at], ".2f"),
        }
        verdict = text(f"half_moon.half_way.{walk.fit.verdicts()[at]}")
        sentences.append(text("half_moon.middle", kind=walk.kind, verdict=verdict, **distances))
    return " ".join(sentences)


def figure(walk: Walk, position: float) -> go.Figure:
    """Both distances along the run's walk, above its training codes over the same positions."""
    import plotly.graph_objects as go

    names = class_names(walk.run.config.training.data)
    drawn = go.Figure()
    for label, (name, mass) in enumerate(zip(names, walk.mass, strict=True)):
        colour = class_colour(label)
        bars = {"x": POSITIONS, "y": 100 * mass, "width": STEP, "name": name, "hoverinfo": "skip"}
        drawn.add_bar(**bars, legend="legend2", marker={"color": colour, "line": {"width": 0}})
    lines = (
        (walk.fit.moon_distances, text("half_moon.to_moon"), MOON_COLOUR, "solid"),
        (walk.fit.dissolve_distances, text("half_moon.to_dissolve"), DISSOLVE_COLOUR, "dash"),
    )
    for distances, name, colour, dash in lines:
        line = {"color": colour, "dash": dash, "width": 2.5}
        drawn.add_scatter(x=POSITIONS, y=distances, yaxis="y2", mode="lines", name=name, line=line)
    here = {"x0": position, "x1": position, "y0": 0, "y1": 1, "yref": "paper"}
    drawn.add_shape(type="line", line={"color": "rgba(128, 128, 128, 0.9)", "width": 2}, **here)
    drawn.update_layout(**_layout(walk))
    return drawn


def legend(data: DataConfig) -> Html:
    """The legend of the figures."""
    lines = ((MOON_COLOUR, "solid", "half_moon.to_moon"), (DISSOLVE_COLOUR, "dashed", "half_moon.to_dissolve"))
    marks = [
        tag("span", tag("i", class_="hm-line", style=f"border-top: 3px {style} {colour}"), text(key))
        for colour, style, key in lines
    ]
    marks += [tag("span", html.class_mark(label, name)) for label, name in enumerate(class_names(data))]
    return tag("div", *marks, class_="hm-walk-legend")


def _figure(pixels: np.ndarray, caption: str, name: str) -> Html:
    return tag("figure", html.image(pixels, caption), tag("figcaption", caption), class_=name)


def _layout(walk: Walk) -> dict[str, Any]:
    """The axes of the figure: positions and the model's own codes across, over the range of the film's frames."""
    ticks = {"tickvals": TICKS, "ticktext": [f"{tick}<br>{number(walk.code(tick), '.3g')}" for tick in TICKS]}
    across = {
        "range": [MIN_POSITION - 0.5, MAX_POSITION + 0.5],
        "anchor": "y",
        "fixedrange": True,
        "hoverformat": ".1f",
    }
    upwards = {"fixedrange": True, "zeroline": False, "rangemode": "tozero", "automargin": False, "hoverformat": ".2f"}
    return {
        "height": HEIGHT,
        "margin": {"l": LEFT, "r": RIGHT, "t": 4, "b": 40},
        "barmode": "stack",
        "showlegend": False,  # on the page they stand beneath both figures; a file has its own
        "legend": _LEGEND | {"y": 1.02, "yanchor": "bottom"},
        "legend2": _LEGEND | {"y": -0.25, "yanchor": "top", "traceorder": "normal"},
        "hovermode": "x unified",
        "xaxis": across | ticks,
        "yaxis": upwards | {"domain": [0, 0.36], "title": {"text": text("half_moon.share")}},
        "yaxis2": upwards | {"domain": [0.46, 1], "title": {"text": text("half_moon.distance")}},
    }


def _film(walk: Walk) -> Html:
    strip = np.concatenate(list(walk.images[FILM]), axis=2)  # (N, 1, H, W) -> (1, H, N·W)
    padding = f"padding: 0 {RIGHT}px 0 {LEFT}px"  # as the figure's
    return tag("img", class_="hm-film", style=padding, src=html.png_address(strip), alt=text("half_moon.film"))


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
