"""What is said where something fails: to the user one sentence, after a few words in the page's language.

A traceback goes to the server's log alone, and no sentence says where on the machine a folder lies: who reads it may be
anybody whom the server is open to.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from halfmoon.address import language
from halfmoon.texts import literal, text
from halfmoon.texts.sentences import translated
from vae_core.data.datasets import data_folder
from vae_core.errors import UserError
from vae_core.runs.run import SHIPPED, runs_folder

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


def told(said: UserError | str) -> str:
    """What is said, in the page's language, with files called as they are seen from the folder of runs, of data sets or
    of the app."""
    sentence = str(said)
    folders = {runs_folder(): "", SHIPPED: "", data_folder(): "VAE_DATA_DIR", SHIPPED.parent: ""}
    folders |= {Path(tempfile.gettempdir()): "", Path("~").expanduser(): "~"}
    for folder, name in folders.items():
        for path in {str(folder.resolve()), str(folder.absolute())} - {folder.absolute().anchor}:
            sentence = sentence.replace(path + os.sep, name and f"{name}/").replace(path, name or folder.name)
    return translated(sentence, language())
