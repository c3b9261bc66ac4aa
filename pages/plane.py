"""The Plane page: the latent planes of an AE and a VAE, in which every place shows its image."""

from __future__ import annotations

import streamlit as st

from halfmoon import address
from halfmoon.address import RunChoice
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
    planes.planes(pair, view, is_answered=True)
    if len(view.code) > 2:
        slices.controls(run, view)

    planes.answer(pair)
    data = run.config.training.data
    if reason := loaded.why_missing(data):  # the last, for it may have to wait for torch and for the data set
        planes.offer_originals(data, reason)


def hint(pair: Pair) -> str:
    """The instructions for a plane, or for a line."""
    return text("plane.hint_line" if pair.runs[0].config.model.latent_dim == 1 else "plane.hint")


explore(*choose_pair(RunChoice, hint))
