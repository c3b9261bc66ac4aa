"""The page list, and the frame around every page: name, navigation, language, style."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from halfmoon import address
from halfmoon.components import frame
from halfmoon.half_moon.walk import walkable
from halfmoon.parts.language import language_control
from halfmoon.parts.pairs import find_pairs, names_in
from halfmoon.texts import language, text

ASSETS = Path(__file__).parent / "assets"
MOON = ASSETS / "moon.svg"

address.settle({language.LANGUAGE_KEY: language.browser_language()})
language.settle(address.carried().get(language.LANGUAGE_KEY))
st.set_page_config(page_title=text("app.name"), page_icon=MOON, layout="wide", initial_sidebar_state="collapsed")
st.html(ASSETS / "style.css")
st.logo(ASSETS / "halfmoon.svg", size="large")

plane = st.Page(address.file("plane"), title=text("app.plane"), url_path="plane", default=True)
compare = st.Page(address.file("compare"), title=text("app.compare"), url_path="compare")
interpolate = st.Page(address.file("interpolate"), title=text("app.interpolate"), url_path="interpolate")
walk = st.Page(address.file("half_moon"), title=text("app.half_moon"), url_path="half-moon")
sample = st.Page(address.file("sample"), title=text("app.sample"), url_path="sample")
train = st.Page(address.file("train"), title=text("app.train"), url_path="train")
runs = st.Page(address.file("runs"), title=text("app.runs"), url_path="runs")
page = st.navigation([plane, compare, interpolate, walk, sample, train, runs], position="top")

with st.container(key="frame"):
    language_control()
    every = names_in(find_pairs())
    shows = {shown.url_path: every for shown in (plane, compare, interpolate, sample)}
    frame.mount(page.url_path, shows | {walk.url_path: names_in(walkable())})
page.run()
