"""The Half moon page: a walk along one-dimensional codes of an AE and a VAE, from new to full moon."""

from __future__ import annotations

import streamlit as st

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.components import chart
from halfmoon.half_moon import choice, walk
from halfmoon.parts.errors import user_errors
from halfmoon.texts import text
from halfmoon.train.choice import Choice
from vae_core.comparison import Pair


@st.fragment
@user_errors()
def show_walk(pair: Pair) -> None:
    """The slider, and both models' images there; moving it runs only this function."""
    position = choice.choose_position()
    with st.container(key="walk-line"):  # as high as what is said in it while the walk is taken
        line = st.empty()
    with line, st.spinner(text("half_moon.walking")):  # the first walk waits for torch, and for moons to be drawn
        walks = [walk.walk_of(run) for run in pair.runs]
    line.caption(walk.units(walks))
    for one, column in zip(walks, st.columns(len(walks)), strict=True):
        with column:
            st.html(walk.card(one, position))
            key, name = f"walk-{one.run.config.model.kind}", f"half-moon-{one.run.name}"
            chart.show(walk.figure(one, position), key, name, add_legend=True)
    st.html(walk.legend(pair.runs[-1].config.training.data))
    st.markdown(walk.middle(walks))


st.markdown(text("half_moon.intro"))
phases = "two-images"
if pairs := walk.walkable():
    pair = choice.choose(pairs)
    phases = pair.runs[-1].config.training.data.phases
    show_walk(pair)
    st.caption(text("half_moon.note"))
else:
    st.info(text("half_moon.none"))
with st.container(key="next", horizontal=True, vertical_alignment="center"):
    if st.button(text("half_moon.train"), icon=":material/play_arrow:", key="train-moons"):
        address.go("train", Choice(preset="new_and_full", changes={"phases": phases}))
    if plane := walk.on_the_plane():
        address.link("interpolate", RunChoice(plane.name), text("half_moon.on_the_plane"))
