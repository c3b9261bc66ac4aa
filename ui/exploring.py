"""Looking at one code of a run: where it is pinned, what the model draws there, which test codes lie nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape

import numpy as np
import streamlit as st

from ui import decoding, latent_plane, pictures, state
from ui.errors import user_errors
from ui.gallery import Pair, class_names, data_title
from ui.palette import CLASS_COLOURS
from ui.pictures import Neighbour, class_mark, code_text, number
from ui.routes import codes_path
from ui.state import Pin
from ui.texts import literal, text
from vae_core.errors import DataError
from vae_core.latent import nearest
from vae_core.runs import Run

NEIGHBOUR_COUNT = 8
DOWNLOAD_MEGABYTES = {"mnist": 11, "fashion-mnist": 30}


@dataclass(frozen=True)
class View:
    """What there is to see at a pin; images are (C, H, W) in [0, 1]."""

    run: Run
    pin: Pin
    code: tuple[float, ...]
    image: np.ndarray
    neighbours: list[Neighbour]
    original: np.ndarray | None = None
    no_originals: str | None = None
    """Why there are no originals, where there are none."""


def pinned(pair: Pair, title: str, query: Mapping[str, str]) -> tuple[Run, Pin, str | None]:
    """The run and the pin that the URL holds, and a sentence where it can't be followed.

    Where it holds no pin, the centre of the plane is pinned, so that there is something to see at once.
    """
    run = pair.run(query.get("run", pair.name))
    if run is None:
        run = pair.runs[-1]
        warning = text("plane.unknown_run", run=literal(query["run"]), instead=literal(title))
        return run, state.pin_at_centre(run.codes), warning
    try:
        return run, state.pin_from_query(run.codes, query) or state.pin_at_centre(run.codes), None
    except ValueError:
        return run, state.pin_at_centre(run.codes), text("plane.broken_place")


def look_at(run: Run, pin: Pin) -> Iterator[View]:
    """What the run's model draws at the pin, with the nearest test codes and their reconstructions.

    The last view has the originals; where their data set has yet to be read, one without them precedes it.
    """
    codes = run.codes
    code = pin.code(codes)
    near = nearest(codes.mu, code, NEIGHBOUR_COUNT + 1)
    near = near[near != pin.point][:NEIGHBOUR_COUNT] if pin.point is not None else near[:NEIGHBOUR_COUNT]
    image, *reconstructions = decoding.decode(run, np.vstack([code, codes.mu[near]]))
    names = class_names(run)
    distances = np.linalg.norm(codes.mu[near] - code, axis=1)
    neighbours = [
        Neighbour(int(label), names[label], float(distance), reconstruction)
        for label, distance, reconstruction in zip(codes.labels[near], distances, reconstructions, strict=True)
    ]
    view = View(run, pin, state.rounded(code), image, neighbours)
    if not decoding.originals_are_read(run):
        yield view
    points = np.array([near[0] if pin.point is None else pin.point, *near])
    try:
        original, *near_originals = decoding.originals(run, points)
    except DataError as error:
        yield replace(view, no_originals=str(error))
        return
    yield replace(
        view,
        original=original if pin.point is not None else None,
        neighbours=[replace(one, original=its) for one, its in zip(neighbours, near_originals, strict=True)],
    )


def plane(run: Run, pin: Pin | None) -> None:
    """The plane of one run under its heading; a click in it is in the URL before the page runs again."""
    kind = run.config.model.kind
    st.html(f'<h2 class="hm-plane">{text(f"kind.{kind}")} <small>{text(f"kind.{kind}_long")}</small></h2>')
    key = f"plane-{run.name}"

    def remember() -> None:
        if click := latent_plane.clicked(key):
            state.show_in_url(run.name, state.pin_from_click(run.codes, click))

    latent_plane.mount(
        key,
        points_path=codes_path(run),
        count=len(run.codes.mu),
        dims=state.drawn_dims(run.codes),
        classes=[
            latent_plane.PointClass(name, colour) for name, colour in zip(class_names(run), CLASS_COLOURS, strict=False)
        ],
        pin=pin.place if pin else None,
        label=text("component.label", kind=text(f"kind.{kind}"), data=data_title(run)),
        language=state.language(),
        texts={name: text(f"component.{name}") for name in latent_plane.TEXT_KEYS},
        on_click=remember,
    )


def picture(view: View) -> str:
    """The large picture of the view, as HTML."""
    kind, code = text(f"kind.{view.run.config.model.kind}"), code_text(view.code)
    names = class_names(view.run)
    original = None
    if view.pin.point is None:
        alt = text("picture.alt_place", kind=kind, code=code)
        lines = [text("picture.place")]
    else:
        label = int(view.run.codes.labels[view.pin.point])
        alt = text("picture.alt_reconstruction", kind=kind, name=names[label])
        lines = [text("picture.point", number=view.pin.point, name=class_mark(label, names[label]))]
        if view.original is not None:
            original = (text("picture.alt_original", name=names[label]), view.original)
    if view.neighbours:
        lines.append(_nearest_line(view.neighbours[0]))
    if view.no_originals:
        lines.append(text("picture.not_at_hand", data=escape(data_title(view.run))))
    return pictures.picture(text("picture.heading", kind=kind, code=code), alt, view.image, lines, original)


def neighbours(view: View) -> str:
    """The row of the nearest test codes, as HTML."""
    return pictures.neighbours_row(text(f"kind.{view.run.config.model.kind}"), view.neighbours)


def offer_originals(view: View) -> None:
    """Why there are no originals, and a button that fetches them where they are published."""
    data = view.run.config.training.data
    st.markdown(f"{text('originals.reason')} {literal(view.no_originals)}")
    if data.name not in DOWNLOAD_MEGABYTES:
        return
    title = data_title(view.run)
    if st.button(text("originals.fetch", data=title, megabytes=DOWNLOAD_MEGABYTES[data.name]), key="fetch"):
        with user_errors(), st.spinner(text("originals.fetching", data=title)):
            decoding.fetch(data)
            st.rerun()


def _nearest_line(neighbour: Neighbour) -> str:
    name = class_mark(neighbour.label, neighbour.name)
    return text("picture.nearest", name=name, distance=number(neighbour.distance, "#.2g"))
