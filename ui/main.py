"""The page list, and the frame around every page: name, navigation, language, style."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.controls import language_control, settle_language
from ui.texts import text

ASSETS = Path(__file__).parent / "assets"
MOON = ASSETS / "moon.svg"

settle_language()
st.set_page_config(page_title=text("app.name"), page_icon=MOON, layout="wide", initial_sidebar_state="collapsed")
st.html(ASSETS / "style.css")
st.logo(ASSETS / "halfmoon.svg", size="large")
with st.container(key="frame"):
    language_control()

plane = st.Page("../pages/plane.py", title=text("app.plane"), url_path="plane", default=True)
st.navigation([plane], position="top").run()
