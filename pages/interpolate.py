"""The Interpolate page: a walk from image to image, through the codes of an AE and a VAE."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from halfmoon import address
from halfmoon.interpolate import choice, controls, files, measures, walks
from halfmoon.interpolate.walks import Row
from halfmoon.parts.choosing import choose_pair
from halfmoon.parts.errors import user_errors
from halfmoon.plane import planes
from halfmoon.server import loaded
from halfmoon.texts import text
from vae_core.comparison import Pair


@st.fragment
@user_errors()
def show_films(pair: Pair, title: str, rows: Sequence[Row]) -> None:
    """The films at the frame in the URL; another frame runs only this function."""
    controls.show_films(rows, choice.asked_for(pair, title, address.query())[0])


@st.fragment
@user_errors()
def show_walk(pair: Pair, title: str) -> None:
    """The walk in the URL; a change of its ends or its path runs only this function."""
    walk, warnings = choice.asked_for(pair, title, address.query())
    notice = st.empty()  # always there, so that what follows keeps its place
    if warnings:
        notice.warning("\n\n".join(warnings))
    controls.choose(pair, walk)
    with st.container(key="walk-line"):  # as high as what is said in it while the walk is looked for
        line = st.empty()
    with line, st.spinner(text("interpolate.finding")):  # the first walk waits for torch, a geodesic for itself
        rows = walks.rows(pair, walk)
    line.caption(controls.ends_line(pair, walk))
    show_films(pair, title, rows)
    file = files.name_of(pair, walk)
    controls.show_figures(rows, file)
    data = pair.runs[-1].config.training.data
    left, right = st.columns([0.4, 0.6], gap="large")
    with left:
        table = st.html(measures.table(rows, None))
        controls.offer_files(data, rows, file)
    with right:
        st.caption(text("interpolate.measures"))
        st.caption(measures.note(data))
        st.caption(text("interpolate.geodesic_note"))
    table.html(measures.table(rows, measures.measured(data, rows)))  # the first of them take a few seconds
    if reason := loaded.why_missing(data):
        planes.offer_originals(data, reason)


show_walk(*choose_pair(lambda _: text("interpolate.hint")))
