"""The languages of the texts, and the language of a session or of a route's answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

LANGUAGES = {"en": "EN", "zh": "中文"}  # short, for a phone has little room
LANGUAGE_KEY = "lang"  # of the widget, and of the query parameter

_spoken: ContextVar[str | None] = ContextVar("_spoken", default=None)


def language() -> str:
    """The language of this session, or of the enclosing `speaking`."""
    return _spoken.get() or st.session_state.get(LANGUAGE_KEY, "en")


@contextmanager
def speaking(wanted: str | None) -> Iterator[None]:
    """Texts made within are in this language, or in English if it is unknown: a route has no session."""
    token = _spoken.set(wanted if wanted in LANGUAGES else "en")
    try:
        yield
    finally:
        _spoken.reset(token)


def settle(wanted: str | None) -> None:
    """Sets the session's language: the wanted one, else the browser's."""
    st.session_state[LANGUAGE_KEY] = wanted if wanted in LANGUAGES else browser_language()


def browser_language() -> str:
    """The browser's language if it is available, else English."""
    locale = st.context.locale or ""
    return "zh" if locale.lower().startswith("zh") else "en"
