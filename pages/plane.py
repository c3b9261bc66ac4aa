"""The latent planes of an AE and a VAE side by side: every place shows its image, a click tells more of it."""

from __future__ import annotations

import streamlit as st

from ui import exploring, slices, state
from ui.errors import user_errors
from ui.gallery import Pair, find_pairs, pair_of, pair_titles
from ui.texts import text


def choose(pairs: list[Pair], titles: dict[str, str]) -> Pair:
    """The pair in the selection box: the one that the URL asks for, also after Back and Forward, else the first."""
    by_name = {pair.name: pair for pair in pairs}
    st.session_state[state.PAIR_KEY] = (pair_of(st.query_params.get("run"), pairs) or pairs[0]).name
    name = st.selectbox(
        text("plane.picker"),
        list(by_name),
        format_func=titles.get,
        label_visibility="collapsed",
        key=state.PAIR_KEY,
        on_change=lambda: state.show_in_url(run=st.session_state[state.PAIR_KEY]),
    )
    return by_name[name]


@st.fragment
@user_errors()
def explore(pair: Pair, title: str) -> None:
    """The planes, and what the server knows of the pinned code; a click runs no more than this."""
    run, view, warning = exploring.shown(pair, title, st.query_params)
    notice = st.empty()  # always there: what follows keeps its place, and the planes are not drawn anew
    if warning:
        notice.warning(warning)
    exploring.planes(pair, view)
    if len(view.code) > 2:
        slices.controls(run, view)

    with st.container(key="answer"):
        code_column, neighbour_column = st.columns([0.42, 0.58])
    about, near = code_column, neighbour_column
    for answer in exploring.look_at(run, view):  # after the planes: it may have to wait for torch
        # Written where the one before stands: an emptied place would make the page jump.
        about, near = about.html(exploring.about_the_code(answer)), near.html(exploring.neighbours(answer))
    if answer.no_originals:
        exploring.offer_originals(answer)


pairs = find_pairs()
if not pairs:
    st.info(text("plane.none"))
    st.stop()
titles = pair_titles(pairs)
with st.container(key="choice"):
    pair_column, hint_column = st.columns([0.27, 0.73], vertical_alignment="center")
with pair_column:
    pair = choose(pairs, titles)
with hint_column:
    latent_dim = pair.runs[0].config.model.latent_dim
    st.markdown(text("plane.hint_line" if latent_dim == 1 else "plane.hint"))
explore(pair, titles[pair.name])
