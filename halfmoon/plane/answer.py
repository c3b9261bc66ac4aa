"""The server's answer about one code of a run, as HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from halfmoon.parts import html
from halfmoon.parts.html import Html, Neighbour, class_mark, marked_up, tag
from halfmoon.parts.numbers import code_text, plain, significant
from halfmoon.parts.titles import class_names, data_title, kind_title
from halfmoon.plane.view import View, image_pixels, rounded
from halfmoon.server import loaded
from halfmoon.texts import text
from vae_core.codes.geometry import density, nearest
from vae_core.errors import DataError
from vae_core.runs.run import Run

NEIGHBOUR_COUNT = 8
DENSITY_RADIUS = 0.25  # in standard coordinates
FULL = 2  # times as many codes as the prior expects, and a place is crowded; one in so many, and it is sparse
FEW = 5  # codes: with fewer it is no crowd
NONE = 0.1  # expected codes: fewer are practically none


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
    standard, here = codes.standardise(codes.mu), codes.standardise(code)
    near = nearest(standard, here, NEIGHBOUR_COUNT + 1)
    near = near[near != view.point][:NEIGHBOUR_COUNT] if view.point is not None else near[:NEIGHBOUR_COUNT]
    image, *reconstructions = loaded.decode(run, np.vstack([code, codes.mu[near]]))
    names = class_names(run.config.training.data)
    distances = np.linalg.norm(standard[near] - here, axis=1)
    neighbours = [
        Neighbour(int(label), names[label], float(distance), reconstruction)
        for label, distance, reconstruction in zip(codes.labels[near], distances, reconstructions, strict=True)
    ]
    around = density(standard, here, DENSITY_RADIUS) if len(code) <= 2 else None
    own = image_pixels(run, view.image)[0] / 255 if view.image else None
    answer = Answer(run, view, image, _round_trip(run, code, image), around, neighbours, own)
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
        original=original if point is not None else answer.original,
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
    kind = kind_title(answer.run.config.model)
    at = text("component.heading", kind=kind, code=code_text(answer.view.code))
    return html.answer(at, _figures(answer, kind, at), _lines(answer, kind))


def _figures(answer: Answer, kind: str, at: str) -> list[tuple[np.ndarray, str, str]]:
    """The images: what the code is of, what is decoded there, and that decoded and encoded again."""
    view = answer.view
    is_image = view.point is not None or view.image
    decoded = text("answer.reconstruction" if is_image else "answer.decoded")
    figures = [
        (answer.image, text("component.alt", at=at), decoded),
        (answer.round_trip.image, text("answer.alt_round_trip", kind=kind), text("answer.round_trip")),
    ]
    if answer.original is not None:
        alt = text("answer.alt_drawing")
        if view.point is not None:
            alt = text("answer.alt_original", name=_class(answer, view.point)[1])
        figures.insert(0, (answer.original, alt, text("answer.original")))
    return figures


def _lines(answer: Answer, kind: str) -> list[Html]:
    """What is known of the code, a sentence a line."""
    view, trip, data = answer.view, answer.round_trip, answer.run.config.training.data
    lines = []
    if view.point is not None:
        name = class_mark(*_class(answer, view.point))
        lines.append(marked_up("answer.point", number=str(view.point), name=name))
    if view.image:
        lines.append(marked_up("answer.drawing", kind=kind))
    if answer.density is not None:
        lines.append(fullness(*answer.density, len(answer.run.codes.mu)))
    lines.append(marked_up("answer.drift", code=code_text(trip.code), drift=significant(trip.drift, 2)))
    if trip.sigma is not None and len(trip.sigma) <= 3:
        lines.append(marked_up("answer.sigma", sigma=", ".join(significant(value, 2) for value in trip.sigma)))
    is_prior = answer.run.codes.space.is_identity
    lines.append(tag("small", text("answer.unit" if is_prior else "answer.unit_whitened")))
    if answer.has_originals is False:
        lines.append(marked_up("answer.not_at_hand", data=data_title(data)))
    return lines


def fullness(inside: int, expected: float, total: int) -> Html:
    """How full a place is, with `inside` codes where the prior would put `expected`."""
    is_sparse = inside < FEW or inside * FULL < expected
    degree = "sparse" if is_sparse else "dense" if inside > FULL * expected else "even"
    values = {"radius": plain(DENSITY_RADIUS), "inside": f"{inside:,}", "total": f"{total:,}"}
    found = marked_up(f"answer.{degree if inside else 'empty'}", **values)
    count = text("answer.expects_none" if expected < NONE else "answer.expects_few")
    if expected >= 1:
        count = text("answer.expects_many", count=significant(expected, 2))
    return marked_up("answer.expected", found=found, expected=count)


def _class(answer: Answer, point: int) -> tuple[int, str]:
    """The label of a test image, and the name of its class."""
    label = int(answer.run.codes.labels[point])
    return label, class_names(answer.run.config.training.data)[label]


def neighbours(answer: Answer) -> Html:
    """The row of the nearest test codes, as HTML."""
    return html.neighbours_row(kind_title(answer.run.config.model), answer.neighbours)
