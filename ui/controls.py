"""Controls that stand in the frame of every page."""

from __future__ import annotations

import streamlit as st

from ui.state import LANGUAGE_KEY, LANGUAGES, browser_language
from ui.texts import text


def settle_language() -> None:
    """The session's language is the URL's, else the browser's: before the first text, and after Back and Forward."""
    wanted = st.query_params.get(LANGUAGE_KEY)
    st.session_state[LANGUAGE_KEY] = wanted if wanted in LANGUAGES else browser_language()


def language_control() -> None:
    """The choice of language, which the URL keeps."""
    st.segmented_control(
        text("app.language"),
        list(LANGUAGES),
        format_func=LANGUAGES.get,
        required=True,
        label_visibility="collapsed",
        key=LANGUAGE_KEY,
        on_change=lambda: st.query_params.update({LANGUAGE_KEY: st.session_state[LANGUAGE_KEY]}),
    )
