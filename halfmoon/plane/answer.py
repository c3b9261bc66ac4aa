"""The server's answer about one code of a run, as HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from halfmoon.parts import html
from halfmoon.parts.html import Html, Neighbour, class_mark, marked_up
from halfmoon.parts.numbers import code_text, plain, significant
from halfmoon.parts.titles import class_names, data_title, kind_title
from halfmoon.plane.view import View, rounded
from halfmoon.server import loaded
from halfmoon.texts import text
from vae_core.codes.geometry import density, nearest
from vae_core.errors import DataError
from vae_core.runs.run import Run

NEIGHBOUR_COUNT = 8
DENSITY_RADIUS = 0.25  # in standard coordinates


@dataclass(frozen=True)
class RoundTrip:
    """A code decoded and encoded again: `code` (latent_dim,), its `image`, the `drift` in standard coordinates.

    `sigma` (latent_dim,) is the posterior's, None where codes are points.
    """

    code: tuple[float, ...]
    image: np.ndarray
    drift: float
    sigma: tuple[float, ...] | None


@dataclass(frozen=True)
class Answer:
    """The server's knowledge of a view; images are (C, H, W) in [0, 1]."""

    run: Run
    view: View
    image: np.ndarray
    round_trip: RoundTrip
    density: tuple[int, float] | None
    """Test codes about here, and how many the prior would put here; None beyond two dimensions."""
    neighbours: list[Neighbour]
    original: np.ndarray | None = None
    has_originals: bool | None = None
    """None where their data set has yet to be read."""


def describe_code(run: Run, view: View, wait: bool = True) -> Answer:
    """The answer about the view's code, with the originals of its neighbours if available.

    A data set that has yet to be read takes seconds; unless told to `wait`, the answer then comes without originals.
    """
    codes, code = run.codes, np.array(view.code)
    near = nearest(codes.mu, code, NEIGHBOUR_COUNT + 1)
    near = near[near != view.point][:NEIGHBOUR_COUNT] if view.point is not None else near[:NEIGHBOUR_COUNT]
    image, *reconstructions = loaded.decode(run, np.vstack([code, codes.mu[near]]))
    names = class_names(run.config.training.data)
    distances = np.linalg.norm(codes.mu[near] - code, axis=1)
    neighbours = [
        Neighbour(int(label), names[label], float(distance), reconstruction)
        for label, distance, reconstruction in zip(codes.labels[near], distances, reconstructions, strict=True)
    ]
    around = None
    if len(code) <= 2:
        around = density(codes.standardise(codes.mu), codes.standardise(code), DENSITY_RADIUS)
    answer = Answer(run, view, image, _round_trip(run, code, image), around, neighbours)
    return _with_originals(answer, near) if wait or loaded.are_read(run.config.training.data) else answer


def _with_originals(answer: Answer, near: np.ndarray) -> Answer:
    """The answer with the originals of its point and of its neighbours, the points `near`."""
    point = answer.view.point
    try:
        original, *near_originals = loaded.originals(answer.run, np.array([near[0] if point is None else point, *near]))
    except DataError:
        return replace(answer, has_originals=False)
    return replace(
        answer,
        original=original if point is not None else None,
        neighbours=[replace(one, original=its) for one, its in zip(answer.neighbours, near_originals, strict=True)],
        has_originals=True,
    )


def _round_trip(run: Run, code: np.ndarray, image: np.ndarray) -> RoundTrip:
    mu, log_var = loaded.encode(run, image[None])
    step = run.codes.standardise(mu[0]) - run.codes.standardise(code)
    return RoundTrip(
        code=rounded(mu[0]),
        image=loaded.decode(run, mu)[0],
        drift=float(np.linalg.norm(step)),
        sigma=None if log_var is None else tuple(np.exp(0.5 * log_var[0]).tolist()),
    )


def about_the_code(answer: Answer) -> Html:
    """The part of the answer about the code itself, as HTML."""
    run, view, trip = answer.run, answer.view, answer.round_trip
    data = run.config.training.data
    kind, names = kind_title(run.config.model), class_names(data)
    figures, lines = [], []
    if view.point is not None:
        label = int(run.codes.labels[view.point])
        lines.append(marked_up("answer.point", number=str(view.point), name=class_mark(label, names[label])))
        if answer.original is not None:
            alt = text("answer.alt_original", name=names[label])
            figures.append((answer.original, alt, text("answer.original")))
    at = text("component.heading", kind=kind, code=code_text(rounded(view.code)))
    decoded = text("answer.decoded" if view.point is None else "answer.reconstruction")
    figures.append((answer.image, text("component.alt", at=at), decoded))
    figures.append((trip.image, text("answer.alt_round_trip", kind=kind), text("answer.round_trip")))
    if answer.density is not None:
        inside, expected = answer.density
        total = len(run.codes.mu)
        values = {"inside": f"{inside:,}", "expected": significant(expected, 2), "total": f"{total:,}"}
        lines.append(marked_up("answer.density", radius=plain(DENSITY_RADIUS), **values))
    lines.append(marked_up("answer.drift", code=code_text(trip.code), drift=significant(trip.drift, 2)))
    if trip.sigma is not None and len(trip.sigma) <= 3:
        lines.append(marked_up("answer.sigma", sigma=", ".join(significant(value, 2) for value in trip.sigma)))
    if answer.has_originals is False:
        lines.append(marked_up("answer.not_at_hand", data=data_title(data)))
    return html.answer(at, figures, lines)


def neighbours(answer: Answer) -> Html:
    """The row of the nearest test codes, as HTML."""
    return html.neighbours_row(kind_title(answer.run.config.model), answer.neighbours)
