"""The half moon: a walk along the codes of an AE and a VAE from new to full, and whether a half moon lies half way."""

from __future__ import annotations

import streamlit as st

from halfmoon.components import chart
from halfmoon.half_moon import walk as half_moon
from halfmoon.parts.errors import user_errors
from halfmoon.texts import text
from vae_core.comparison import Pair

SET_KEY = "half-moon-set"
POSITION_KEY = "half-moon-position"


def choose(pairs: list[Pair], chosen: Pair) -> Pair:
    """The pair whose training set is chosen: the URL's, also after Back and Forward."""
    titles = half_moon.titles(pairs)
    st.session_state[SET_KEY] = chosen.name
    with st.container(key="choice", horizontal=True, vertical_alignment="center"):
        st.markdown(text("half_moon.trained_on"), width="content")
        name = st.pills(
            text("half_moon.trained_on"),
            list(titles),
            format_func=titles.get,
            required=True,
            label_visibility="collapsed",
            wrap=True,
            key=SET_KEY,
            on_change=lambda: half_moon.remember(run=st.session_state[SET_KEY]),
        )
    return next(pair for pair in pairs if pair.name == name)


@st.fragment
@user_errors()
def walk(pair: Pair) -> None:
    """The slider, and what both models draw there; moving it runs no more than this."""
    _, position, _ = half_moon.shown([pair], st.query_params)
    st.session_state[POSITION_KEY] = position
    st.slider(
        text("half_moon.slider"),
        half_moon.LOWEST,
        half_moon.HIGHEST,
        step=half_moon.STEP,
        format="%.1f",
        key=POSITION_KEY,
        on_change=lambda: half_moon.remember(at=f"{st.session_state[POSITION_KEY]:g}"),
    )
    with st.container(key="walk-line"):  # as high as what is said in it while the walk is taken
        line = st.empty()
    with line, st.spinner(text("half_moon.walking")):  # the first walk waits for torch, and for moons to be drawn
        walks = [half_moon.walk_of(run) for run in pair.runs]
    line.caption(half_moon.units(walks))
    for one, column in zip(walks, st.columns(len(walks)), strict=True):
        with column:
            st.html(half_moon.card(one, position))
            key, name = f"walk-{one.run.config.model.kind}", f"half-moon-{one.run.name}"
            chart.show(half_moon.figure(one, position), key, name, add_legend=True)
    st.html(half_moon.legend(pair.runs[-1].config.training.data))
    st.markdown(half_moon.middle(walks))


st.html(half_moon.STYLE)
st.markdown(text("half_moon.intro"))
pairs = half_moon.walkable()
phases = "two-images"
if pairs:
    chosen, _, warnings = half_moon.shown(pairs, st.query_params)
    for warning in warnings:
        st.warning(warning)
    pair = choose(pairs, chosen)
    phases = pair.runs[-1].config.training.data.phases
    walk(pair)
    st.caption(text("half_moon.note"))
else:
    st.info(text("half_moon.none"))
with st.container(key="next", horizontal=True, vertical_alignment="center"):
    if st.button(text("half_moon.train"), icon=":material/play_arrow:", key="train-moons"):
        half_moon.prepare_training(phases)
        st.switch_page("../pages/train.py", query_params=half_moon.training_query(phases))
    if plane := half_moon.on_the_plane():
        query = half_moon.plane_query(plane)
        st.page_link("../pages/interpolate.py", label=text("half_moon.on_the_plane"), query_params=query)
