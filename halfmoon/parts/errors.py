"""Errors on a page: one sentence for the user, after a few words in the page's language.

A traceback goes to the server's log alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from halfmoon.texts import literal, text
from halfmoon.texts.sentences import told
from vae_core.errors import UserError

UNEXPECTED_KEY = "unexpected-error"


@contextmanager
def user_errors() -> Iterator[None]:
    """Shows an error that the user can mend as a sentence; the rest of the page goes on."""
    try:
        yield
    except UserError as error:
        show_user_error(error)


def show_user_error(error: UserError) -> None:
    """Shows the sentence of the error on the page."""
    st.error(f"{text('error.lead')} {literal(told(error))}")


def show_error(error: Exception) -> bool:
    """Shows an error that ended the page's run: its sentence, or a general one if it was unexpected."""
    if isinstance(error, UserError):
        show_user_error(error)
    else:
        with st.container(key=UNEXPECTED_KEY):
            st.error(text("error.unexpected"))
    return True  # Streamlit has logged the traceback, and shows nothing more
