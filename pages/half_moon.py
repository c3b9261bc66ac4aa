"""The Half moon page: a walk along one-dimensional codes of an AE and a VAE, from new to full moon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.half_moon import choice, story, walk
from halfmoon.parts.errors import user_errors
from halfmoon.texts import paragraph, text
from halfmoon.train.choice import Choice
from vae_core.comparison import Pair


@st.fragment
@user_errors()
def show_walk(pair: Pair) -> None:
    """Both walks; the position where the slider comes to rest runs only this function."""
    chosen, _ = choice.asked_for(address.query())
    with st.container(key="half-moon-stage"):  # as high as the walk, also while it is taken
        with st.spinner(text("half_moon.walking")):  # the first walk waits for torch, and for moons to be drawn
            walks = [walk.walk_of(run) for run in pair.runs]
        story.show(walks, chosen.position, lambda: address.write(replace(chosen, position=story.position())))
    st.markdown(story.middle(walks))
    st.caption(paragraph([story.units(walks), text("half_moon.note")]))


@user_errors()
def show_results(pairs: Sequence[Pair], pair: Pair) -> None:
    """Who draws a half moon: a click leads to that walk, halfway."""
    with st.spinner(text("half_moon.walking")):
        story.show_results(pairs, pair, lambda: address.write(choice.Choice(story.chosen_run())))


st.markdown(text("half_moon.intro"))
phases = "two-images"
if pairs := walk.walkable():
    pair = choice.choose(pairs)
    phases = pair.runs[-1].config.training.data.phases
    show_walk(pair)
else:
    st.info(text("half_moon.none"))
with st.container(key="next", horizontal=True, vertical_alignment="center"):
    if st.button(text("half_moon.train"), icon=":material/play_arrow:", key="train-moons"):
        address.go("train", Choice(preset="new_and_full", changes={"phases": phases}))
    if plane := walk.on_the_plane():
        address.link("interpolate", RunChoice(plane.name), text("half_moon.on_the_plane"))
if pairs:
    show_results(pairs, pair)
