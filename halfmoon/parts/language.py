"""The language control in the frame of every page."""

from __future__ import annotations

import streamlit as st

from halfmoon import address
from halfmoon.texts import text
from halfmoon.texts.language import LANGUAGE_KEY, LANGUAGES


def language_control() -> None:
    """Draws the choice of language, which the URL keeps."""
    st.segmented_control(
        text("app.language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=LANGUAGE_KEY,
        on_change=lambda: address.carry({LANGUAGE_KEY: st.session_state[LANGUAGE_KEY]}),
    )
