"""Controls that stand in the frame of every page."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from halfmoon.address import LANGUAGE_KEY, LANGUAGES, PAGE_KEY, browser_language
from halfmoon.texts import text


def settle_language() -> None:
    """The session's language is the URL's, else the browser's: before the first text, and after Back and Forward.

    The navigation's links name no language: on another page the one that was chosen goes on.
    """
    page, before = urlsplit(st.context.url or "").path, st.session_state.get(PAGE_KEY)
    wanted, chosen = st.query_params.get(LANGUAGE_KEY), st.session_state.get(LANGUAGE_KEY)
    if wanted is None and before not in (None, page) and chosen not in (None, browser_language()):
        st.query_params[LANGUAGE_KEY] = wanted = chosen
    st.session_state[PAGE_KEY] = page
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
