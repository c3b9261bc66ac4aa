"""The entry script: the frame of every page, with name, navigation, language and style."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from halfmoon import address, navigation
from halfmoon.components import frame
from halfmoon.parts.html import tag
from halfmoon.parts.language import language_control
from halfmoon.texts import language, literal, text

ASSETS = Path(__file__).parent / "assets"
MOON = ASSETS / "moon.svg"

address.settle({language.LANGUAGE_KEY: language.browser_language()})
language.settle(address.carried().get(language.LANGUAGE_KEY))
st.set_page_config(page_title=text("app.name"), page_icon=MOON, layout="wide", initial_sidebar_state="collapsed")
if not address.is_focused():
    st.logo(ASSETS / "halfmoon.svg", size="large")

page = navigation.navigation()
with st.container(key="frame", horizontal=True, vertical_alignment="center"):
    st.html(tag("h1", page.title, class_="hm-page-name"))
    frame.mount(page.url_path, navigation.runs_shown())
    language_control()
st.set_page_config(page_title=navigation.offer_pairs_of(page))
if wrong_path := address.query().get(address.WRONG_KEY):
    st.warning(text("app.no_page", path=literal(wrong_path)))
page.run()
