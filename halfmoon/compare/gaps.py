"""The gaps of two runs on their planes, as the Plane page shows them, and the way there."""

from __future__ import annotations

import streamlit as st

from halfmoon import address
from halfmoon.parts.errors import user_errors
from halfmoon.parts.pairs import are_alike, find_pairs
from halfmoon.parts.titles import pair_titles
from halfmoon.plane import planes
from halfmoon.plane.view import first_view, gap_view
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, pair_of
from vae_core.errors import needed
from vae_core.measures.gap_map import fields_of

GAP = "density_ratio"  # the map to begin with


@st.fragment
@user_errors()
def show(pair: Pair) -> None:
    """Draws the gaps on both planes, and links to these."""
    st.subheader(text("compare.gaps"), anchor=False)
    if reason := _why_unmapped(pair):
        st.caption(reason)
    else:
        st.caption(text("compare.gaps_note"))
        _map(pair)
    _offer_planes(pair)


def _why_unmapped(pair: Pair) -> str | None:
    """Why the gaps of the runs can't be shown on linked planes, in a sentence; None if they can."""
    if not all(map(fields_of, pair.runs)):
        return text("compare.unmapped.dims")
    if not are_alike(pair):
        return text("compare.unmapped.apart")
    return None


def _map(pair: Pair) -> None:
    """Draws linked planes with a gap map; actions on them are kept in the URL, which keeps naming the same runs."""
    query = address.query()
    planes.gap_planes(pair, GAP, query if pair.run(query.get("run", pair.name)) else {})


def _offer_planes(pair: Pair) -> None:
    """Links to the planes of the runs, with a gap map if their codes have few enough dimensions for one."""
    pairs = find_pairs()
    shown = dict.fromkeys(needed(pair_of(run.name, pairs)) for run in pair.runs)
    titles = pair_titles(pairs, literal)
    with st.container(key="compare-planes", horizontal=True):
        for one in shown:
            run = one.runs[-1]
            is_mapped = bool(fields_of(run))
            view = gap_view(run, GAP) if is_mapped else first_view(run)
            label = text("compare.plane" if is_mapped else "compare.slice", pair=titles[one.name])
            address.link("plane", view, label)
