"""Looking at one code of a run: what the planes are given, and what only the server knows of a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from html import escape

import numpy as np
import streamlit as st

from ui import decoding, latent_plane, pictures, slices, state, warmup
from ui.errors import user_errors
from ui.gallery import Pair, class_names, data_title, point_classes
from ui.pictures import Neighbour, class_mark, code_text, number
from ui.routes import atlas_path, codes_path, decoder_path, encode_path, points_count
from ui.state import View
from ui.texts import literal, table, text
from vae_core.configs import DataConfig
from vae_core.datasets import about
from vae_core.errors import DataError
from vae_core.latent import density, nearest
from vae_core.runs import SHIPPED, Run

NEIGHBOUR_COUNT = 8
DENSITY_RADIUS = 0.25  # in standard coordinates
PLANES_KEY = "planes"
DRAWING = {"mnist": {"side": 28, "box": 20}, "digits": {"side": 8, "box": 8}}
"""How a digit drawn by hand is made like those of a data set: scaled into the box, in an image of that side."""


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
    """What the server knows of a view; images are (C, H, W) in [0, 1]."""

    run: Run
    view: View
    image: np.ndarray
    round_trip: RoundTrip
    density: tuple[int, float] | None
    """Test codes about here, and how many the prior would put here; None beyond two dimensions."""
    neighbours: list[Neighbour]
    original: np.ndarray | None = None
    no_originals: str | None = None
    """Why there are no originals, where there are none."""


def shown(pair: Pair, title: str, query: Mapping[str, str]) -> tuple[Run, View, str | None]:
    """The run and the view that the URL holds, and a sentence where it can't be followed."""
    run = pair.run(query.get("run", pair.name))
    if run is None:
        run = pair.runs[-1]
        warning = text("plane.unknown_run", run=literal(query["run"]), instead=literal(title))
        return run, state.first_view(run), warning
    try:
        return run, slices.checked(run, state.view_from_query(run, query)), None
    except ValueError:
        return run, state.first_view(run), text("plane.broken_place")


def planes(pair: Pair, view: View) -> None:
    """The planes of the pair; what is done on them is in the URL before the page runs again."""

    def remember() -> None:
        report = latent_plane.reported(PLANES_KEY)
        if report and (run := pair.run(report["run"])):
            state.show_in_url(state.view_from_report(run, report, view.axes))

    warmup.give_way()
    data = pair.runs[0].config.training.data
    latent_plane.mount(
        PLANES_KEY,
        planes=[_plane(run, view) for run in pair.runs],
        classes=point_classes(data),
        view={name: value for name, value in asdict(view).items() if name != "axes"},
        layers=[name for name in state.LAYERS if name != "density" or len(view.code) > 1],
        most_pins=state.MOST_PINS,
        drawing=DRAWING.get(data.name),
        language=state.language(),
        texts=table("component"),
        on_view=remember,
    )


def _plane(run: Run, view: View) -> latent_plane.Plane:
    model, codes = run.config.model, run.codes
    kind = text(f"kind.{model.kind}")
    is_standard = not codes.code_mean.any() and np.array_equal(codes.code_whitening, np.eye(model.latent_dim))
    mlp = model.decoder.network == "mlp"
    drawn = slices.slice_of(run, view)
    return latent_plane.Plane(
        run=run.name,
        kind=model.kind,
        title=kind,
        subtitle=text(f"kind.{model.kind}_long"),
        label=text("component.label", kind=kind, data=data_title(run.config.training.data)),
        python=f"Run.open({'SHIPPED' if run.folder.parent == SHIPPED else 'runs_folder()'} / {run.name!r})",
        encode=encode_path(run),
        points=latent_plane.Points(
            codes_path(run), points_count(run), len(codes.mu), model.latent_dim, codes.log_var is not None
        ),
        image=latent_plane.ImageSource(
            model.image_shape, decoder_path(run) if mlp else None, None if mlp else atlas_path(run)
        ),
        space=latent_plane.Space(
            mean=None if is_standard else codes.code_mean.tolist(),
            whitening=None if is_standard else codes.code_whitening.tolist(),
            unwhitening=None if is_standard else np.linalg.inv(codes.code_whitening).tolist(),
            slice={"centre": drawn.centre.tolist(), "directions": drawn.directions.tolist()},
        ),
    )


def look_at(run: Run, view: View) -> Iterator[Answer]:
    """What there is to say of the view's code.

    The last answer has the originals; where their data set has yet to be read, one without them precedes it.
    """
    codes, code = run.codes, np.array(view.code)
    near = nearest(codes.mu, code, NEIGHBOUR_COUNT + 1)
    near = near[near != view.point][:NEIGHBOUR_COUNT] if view.point is not None else near[:NEIGHBOUR_COUNT]
    image, *reconstructions = decoding.decode(run, np.vstack([code, codes.mu[near]]))
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
    if not decoding.originals_are_read(run):
        yield answer
    points = np.array([near[0] if view.point is None else view.point, *near])
    try:
        original, *near_originals = decoding.originals(run, points)
    except DataError as error:
        yield replace(answer, no_originals=str(error))
        return
    yield replace(
        answer,
        original=original if view.point is not None else None,
        neighbours=[replace(one, original=its) for one, its in zip(neighbours, near_originals, strict=True)],
    )


def _round_trip(run: Run, code: np.ndarray, image: np.ndarray) -> RoundTrip:
    mu, log_var = decoding.encode(run, image[None])
    step = run.codes.standardise(mu[0]) - run.codes.standardise(code)
    return RoundTrip(
        code=state.rounded(mu[0]),
        image=decoding.decode(run, mu)[0],
        drift=float(np.linalg.norm(step)),
        sigma=None if log_var is None else tuple(np.exp(0.5 * log_var[0]).tolist()),
    )


def about_the_code(answer: Answer) -> str:
    """What the server knows of the code itself, as HTML."""
    run, view, trip = answer.run, answer.view, answer.round_trip
    data = run.config.training.data
    kind, names = text(f"kind.{run.config.model.kind}"), class_names(data)
    figures, lines = [], []
    if view.point is not None:
        label = int(run.codes.labels[view.point])
        lines.append(text("answer.point", number=view.point, name=class_mark(label, names[label])))
        if answer.original is not None:
            alt = text("answer.alt_original", name=names[label])
            figures.append((answer.original, alt, text("answer.original")))
    at = text("component.heading", kind=kind, code=code_text(state.rounded(view.code)))
    decoded = text("answer.decoded" if view.point is None else "answer.reconstruction")
    figures.append((answer.image, text("component.alt", at=at), decoded))
    figures.append((trip.image, text("answer.alt_round_trip", kind=kind), text("answer.round_trip")))
    if answer.density is not None:
        inside, expected = answer.density
        total = len(run.codes.mu)
        values = {"inside": f"{inside:,}", "expected": number(expected, ".2g"), "total": f"{total:,}"}
        lines.append(text("answer.density", radius=number(DENSITY_RADIUS, "g"), **values))
    lines.append(text("answer.drift", code=code_text(trip.code), drift=number(trip.drift, ".2g")))
    if trip.sigma is not None and len(trip.sigma) <= 3:
        lines.append(text("answer.sigma", sigma=", ".join(number(value, ".2g") for value in trip.sigma)))
    if answer.no_originals:
        lines.append(text("answer.not_at_hand", data=escape(data_title(data))))
    return pictures.answer(at, figures, lines)


def neighbours(answer: Answer) -> str:
    """The row of the nearest test codes, as HTML."""
    return pictures.neighbours_row(text(f"kind.{answer.run.config.model.kind}"), answer.neighbours)


def offer_originals(data: DataConfig, reason: str) -> None:
    """Why there are no originals, and a button that fetches them where they are published."""
    st.markdown(f"{text('originals.reason')} {literal(reason)}")
    megabytes = about(data).download_megabytes
    if megabytes is None:
        return
    title = data_title(data)
    if st.button(text("originals.fetch", data=title, megabytes=megabytes), key="fetch"):
        with user_errors(), st.spinner(text("originals.fetching", data=title)):
            decoding.fetch(data)
            st.rerun()
