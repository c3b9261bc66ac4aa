"""The line about the run that was just deleted or imported, with an undo for some seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from halfmoon.jobs import jobs
from halfmoon.jobs.deletions import UNDO_SECONDS
from halfmoon.parts.errors import user_errors
from halfmoon.server import owners
from halfmoon.texts import literal, text

KEY = "runs-notice"
_EVERY = 1.0  # second: the line goes when it is too late


@dataclass(frozen=True)
class Notice:
    """What has happened to the run of this name, until when it can be undone."""

    done: Literal["deleted", "imported"]
    name: str
    title: str
    until: float


def tell(done: Literal["deleted", "imported"], name: str, title: str) -> None:
    """Says so on the next run of the page."""
    st.session_state[KEY] = Notice(done, name, title, time.monotonic() + UNDO_SECONDS)


def show() -> None:
    """Draws the line while there is something to undo."""
    if KEY in st.session_state:
        _show()


@st.fragment(run_every=_EVERY)
def _show() -> None:
    notice: Notice | None = st.session_state.get(KEY)
    if notice is None or time.monotonic() > notice.until:
        st.session_state.pop(KEY, None)
        st.rerun()
    with st.container(key="runs-notice", horizontal=True, vertical_alignment="center"):
        st.markdown(text(f"runs.{notice.done}", run=literal(notice.title)))
        if st.button(text("runs.undo"), key="runs-undo", icon=":material/undo:"):
            st.session_state.pop(KEY)
            with user_errors():
                _undo(notice)
                st.rerun()


def _undo(notice: Notice) -> None:
    """Does the opposite. Raises UserError if it is too late."""
    if notice.done == "deleted":
        jobs.shared().restore(notice.name, owners.owner())
    else:
        jobs.shared().delete(notice.name, owners.owner())
