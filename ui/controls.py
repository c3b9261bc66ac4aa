"""Controls that stand in the frame of every page."""

from __future__ import annotations

import streamlit as st

from ui.state import LANGUAGE_KEY, LANGUAGES, browser_language
from ui.texts import text


def language_control() -> None:
    """The choice of language: at first the URL's, else the browser's; once it is another, it stays in the URL."""
    if LANGUAGE_KEY not in st.session_state:
        wanted = st.query_params.get(LANGUAGE_KEY)
        st.session_state[LANGUAGE_KEY] = wanted if wanted in LANGUAGES else browser_language()
    chosen = st.segmented_control(
        text("app.language"),
        list(LANGUAGES),
        format_func=LANGUAGES.get,
        required=True,
        label_visibility="collapsed",
        key=LANGUAGE_KEY,
        persist_state="session",
    )
    if LANGUAGE_KEY in st.query_params or chosen != browser_language():
        st.query_params[LANGUAGE_KEY] = chosen
