"""The latent planes of an AE and a VAE side by side: a click anywhere decodes what lies there."""

from __future__ import annotations

import streamlit as st

from ui import exploring, state
from ui.errors import user_errors
from ui.gallery import Pair, find_pairs, pair_of
from ui.texts import text


def choose(pairs: list[Pair]) -> Pair:
    """The pair in the selection box, at first the one that the URL asks for."""
    by_name = {pair.name: pair for pair in pairs}
    wanted = st.query_params.get("run")
    found = pair_of(wanted, pairs)
    if st.session_state.get(state.PAIR_KEY) not in by_name:
        st.session_state[state.PAIR_KEY] = (found or pairs[0]).name
    name = st.selectbox(
        text("plane.picker"),
        list(by_name),
        format_func=lambda name: by_name[name].title,
        label_visibility="collapsed",
        key=state.PAIR_KEY,
        persist_state="session",
        on_change=lambda: state.show_in_url(st.session_state[state.PAIR_KEY]),
    )
    if wanted and not found:
        st.warning(text("plane.unknown_run", run=wanted, instead=by_name[name].title))
    return by_name[name]


@st.fragment
@user_errors()
def explore(pair: Pair) -> None:
    """The planes, the image of the pinned code, and its neighbours; a click runs no more than this."""
    run, pin, is_broken = exploring.pinned(pair, st.query_params)
    if is_broken:
        st.warning(text("plane.broken_place"))
    with st.container(key="explore"):
        *plane_columns, picture_column = st.columns([*(1 for _ in pair.runs), 0.7])
    for column, shown in zip(plane_columns, pair.runs, strict=True):
        with column:
            exploring.plane(shown, pin if shown is run else None)

    view = exploring.look_at(run, pin)  # after the planes: it may have to wait for torch
    picture_column.html(exploring.picture(view))
    st.html(exploring.neighbours(view))


pairs = find_pairs()
if not pairs:
    st.info(text("plane.none"))
    st.stop()
with st.container(key="choice"):
    pair_column, hint_column = st.columns([0.27, 0.73], vertical_alignment="center")
with pair_column:
    pair = choose(pairs)
with hint_column:
    latent_dim = pair.runs[0].config.model.latent_dim
    st.markdown(text("plane.hint_line" if latent_dim == 1 else "plane.hint"))
    if latent_dim > 2:
        st.caption(text("plane.slice", dims=latent_dim))
explore(pair)
