"""What is said where something fails: to the user one sentence, after a few words in the page's language.

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
    """What is done within ends with a sentence, and the rest of the page goes on, where the user can mend the error."""
    try:
        yield
    except UserError as error:
        show_user_error(error)


def show_user_error(error: UserError) -> None:
    """The sentence of the error is on the page."""
    st.error(f"{text('error.lead')} {literal(told(error))}")


def show_error(error: Exception) -> bool:
    """What the page shows of an error that has ended its run: its sentence, or that nobody had expected it."""
    if isinstance(error, UserError):
        show_user_error(error)
    else:
        with st.container(key=UNEXPECTED_KEY):
            st.error(text("error.unexpected"))
    return True  # Streamlit has logged the traceback, and shows nothing more
