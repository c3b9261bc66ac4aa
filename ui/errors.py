"""Errors that a user can mend are one sentence on the page, after a few words in the page's language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ui.texts import literal, text
from vae_core.errors import UserError


@contextmanager
def user_errors() -> Iterator[None]:
    """What is done within ends with a sentence, and the rest of the page goes on, where the user can mend the error."""
    try:
        yield
    except UserError as error:
        show_user_error(error)


def show_user_error(error: Exception) -> bool:
    """Whether `error` was one for the user and has been shown; any other is Streamlit's to show."""
    if isinstance(error, UserError):
        st.error(f"{text('error.lead')} {literal(str(error))}")
        return True
    return False
