"""The parts of the Interpolate page: choice of a walk, films, figures, downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from halfmoon import address
from halfmoon.components import chart, film, own_image
from halfmoon.interpolate import choice, figures, files, measures, walks
from halfmoon.interpolate.choice import End, Side, Walk
from halfmoon.interpolate.walks import Row
from halfmoon.parts import html
from halfmoon.parts.numbers import code_text, fixed, significant
from halfmoon.parts.titles import class_names
from halfmoon.texts import table, text
from vae_core.comparison import Pair
from vae_core.configs import DataConfig
from vae_core.runs.run import Run

PATH_KEY, FILMS_KEY = "walk-path", "films"
NONE, RANDOM = -1, -2  # among the classes: what has none, as a place on the plane, and an image of any class
MIN_LENGTH = 1 / 255  # one step of one pixel as it is shown: what is less comes from rounding


def choose(pair: Pair, walk: Walk) -> None:
    """Draws the choice of both ends and of the path."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="walk"):
        for side in ("start", "end"):
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
                _choose_end(pair, walk, side)
        st.session_state[PATH_KEY] = walk.path
        st.segmented_control(
            text("interpolate.path"),
            choice.PATHS,
            format_func=lambda path: text(f"interpolate.paths.{path}"),
            required=True,
            key=PATH_KEY,
            help=text("interpolate.path_help"),
            on_change=lambda: address.write(replace(walk, path=st.session_state[PATH_KEY])),
        )


def ends_line(pair: Pair, walk: Walk) -> str:
    """Both ends, in words."""
    start, end = (_end_title(pair, end) for end in walk.ends)
    return text("interpolate.ends_line", start=start, end=end)


def show_films(rows: Sequence[Row], walk: Walk) -> None:
    """Shows the images of each path as synchronised films; the frame where they come to rest is in the URL."""
    texts = {name: text(f"interpolate.film.{name}") for name in ("play", "halt", "slider", "frame")}
    films = [
        film.Film(row.title, colour, row.note, figures_line(row), [html.png_address(image) for image in row.images])
        for row, colour in zip(rows, figures.row_colours(rows), strict=True)
    ]

    def remember() -> None:
        address.write(replace(walk, frame=int(film.reported(FILMS_KEY))))

    film.mount(FILMS_KEY, films, walks.EVERY, walk.frame, texts, remember)


def figures_line(row: Row) -> str:
    """The evenness of the row's steps, and the length of its path, in words."""
    if row.length < MIN_LENGTH:
        return text("interpolate.still")
    return text("interpolate.figures", evenness=fixed(row.evenness, 2), length=significant(row.length))


def show_figures(rows: Sequence[Row], name: str) -> None:
    """Draws the path over each model's plane, and the sizes of the steps; `name` is that of the walk's files."""
    through = [(row, row.run) for row in rows if row.run]
    show = partial(chart.show, stretch=True)
    with st.container(key="walk-figures"):
        *planes, last = st.columns(len(through) + 1)
    for column, (row, run) in zip(planes, through, strict=True):
        kind, alt = run.config.model.kind, text("interpolate.plane_alt", kind=row.title)
        with column:
            show(figures.plane(row), f"way-{kind}", f"{name}-{kind}", alt, marks=figures.plane_marks(row))
    with last:
        show(figures.steps(rows), "steps", f"{name}-steps", text("interpolate.steps"), marks=figures.step_marks())
    latent_dim = through[0][1].config.model.latent_dim
    if latent_dim > 2:
        st.caption(text("interpolate.projected", dims=latent_dim))


def offer_files(data: DataConfig, rows: Sequence[Row], file: str) -> None:
    """Offers the walk as an animation, as a strip and as numbers, in files of this name; each is made on request."""

    def numbers(rows: Sequence[Row]) -> str:
        return files.numbers(rows, measures.measured(data, rows))

    with st.container(horizontal=True, key="walk-files"):
        for name, suffix, make in (
            ("animation", "gif", files.gif),
            ("strip", "png", files.strip),
            ("numbers", "csv", numbers),
        ):
            st.download_button(
                text(f"interpolate.files.{name}"),
                partial(make, rows),
                f"{file}.{suffix}",
                key=f"walk-{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )


def _choose_end(pair: Pair, walk: Walk, side: Side) -> None:
    """Chooses one end: its class, another image of it, or the user's own image."""
    start, end = walk.ends
    run, end, key = pair.runs[-1], start if side == "start" else end, f"walk-{side}"
    codes, names = run.codes, class_names(run.config.training.data)
    labels = sorted({int(label) for label in codes.labels})
    titles = {NONE: _end_title(pair, end), RANDOM: text("interpolate.random")} | {at: names[at] for at in labels}

    def go_to(end: End) -> None:
        address.write(walk.with_end(side, end))

    def choose_class() -> None:
        label = st.session_state[key]
        if label != NONE:
            go_to(End(choice.any_image(codes) if label == RANDOM else int(choice.in_order(codes, label)[0])))

    st.session_state[key] = NONE if end.point is None else int(codes.labels[end.point])
    st.selectbox(
        text(f"interpolate.ends.{side}"),
        [*([NONE] if end.point is None else []), RANDOM, *labels],
        format_func=titles.__getitem__,
        key=key,
        width=170,
        on_change=choose_class,
    )
    st.button(
        text(f"interpolate.another.{side}"),
        key=f"{key}-another",
        icon=":material/refresh:",
        on_click=lambda: go_to(End(choice.another(codes, end.point))),
    )
    _offer_own_image(run, side, f"{key}-own", go_to)


def _offer_own_image(run: Run, side: Side, key: str, go_to: Callable[[End], None]) -> None:
    """A button that opens the input of the user's own image, and closes it once one is made."""
    made = f"{key}-image"

    def use() -> None:
        try:
            go_to(choice.own_image(run, own_image.reported(made)))
        except ValueError:  # not from this page: it makes none of another size
            return
        st.session_state[key] = False

    popover = st.popover(text(f"interpolate.own.{side}"), icon=":material/draw:", key=key, on_change="rerun")
    if popover.open:
        with popover:
            own_image.mount(made, run, texts=table("own_image"), on_image=use)


def _end_title(pair: Pair, end: End) -> str:
    run = pair.runs[-1]
    if end.image:
        return text("interpolate.own_image")
    if end.point is None:
        return text("interpolate.place", code=code_text(end.place))
    name = class_names(run.config.training.data)[run.codes.labels[end.point]]
    return text("interpolate.image", number=end.point, name=name)
