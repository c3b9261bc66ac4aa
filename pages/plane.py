"""The Plane page: the latent planes of an AE and a VAE, in which every place shows its image."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from halfmoon import address
from halfmoon.parts.choosing import choose_pair
from halfmoon.parts.errors import user_errors
from halfmoon.plane import planes, slices
from halfmoon.server import loaded
from halfmoon.texts import text
from vae_core.comparison import Pair


@st.fragment
@user_errors()
def explore(pair: Pair, title: str) -> None:
    """The planes, and the actions on the code and the places on them; a click runs only this function."""
    run, view, warning = planes.shown(pair, title, address.query())
    notice = st.empty()  # always there: what follows keeps its place, and the planes are not drawn anew
    if warning:
        notice.warning(warning)
    shown, said = rooms(pair)
    with shown:
        planes.planes(pair, view, is_answered=True)
        if len(view.code) > 2:
            slices.controls(run, view)
    with said:
        planes.answer(pair)
        data = run.config.training.data
        if reason := loaded.why_missing(data):  # the last, for it may have to wait for torch and for the data set
            planes.offer_originals(data, reason)


def rooms(pair: Pair) -> tuple[AbstractContextManager[object], AbstractContextManager[object]]:
    """Where the planes stand, and what is said of a code: beside a plane that is alone, else below."""
    if len(pair.runs) > 1:
        return nullcontext(), nullcontext()
    shown, said = st.container(key="alone").columns([0.63, 0.37], gap="medium")
    return shown, said


def hint(pair: Pair) -> str:
    """The instructions for a plane, or for a line."""
    return text("plane.hint_line" if pair.runs[0].config.model.latent_dim == 1 else "plane.hint")


explore(*choose_pair(hint))
