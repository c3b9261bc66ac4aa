"""The studies on the Compare page: results over several seeds, data set sizes and values of β."""

from __future__ import annotations

import streamlit as st

from halfmoon.compare import study_figures, study_tables
from halfmoon.compare.study_tables import Studies
from halfmoon.components import chart
from halfmoon.parts.downloads import file_name, offer_numbers
from halfmoon.parts.errors import user_errors
from halfmoon.texts import text
from vae_core.measures.catalogue import MEASURES
from vae_core.studies import EPOCHS

SMOOTHNESS = [name for name, definition in MEASURES.items() if definition.of_smoothness]
"""What may be called smooth. The first falls with β all the way to a collapse, the others need not: the ratio of the
decoder's speeds looks only where the prior is, and without a KL hardly any code lies there."""


@st.fragment
@user_errors()
def show() -> None:
    """Shows the shipped studies of AEs and VAEs with the same networks, whatever runs are compared above."""
    with st.container(key="studies"):
        st.caption(text("studies.note", epochs=EPOCHS))
        known = study_tables.read()
        if missing := study_tables.missing_note(known):
            st.caption(missing)
        _show_figures(known)
        if runs := known.runs():
            offer_numbers(file_name("studies", "runs"), study_tables.runs_csv(runs), study_tables.runs_json(runs))
        if known.differences:
            _show_seeds(known)


def _show_figures(known: Studies) -> None:
    left, right = st.columns(2)
    if known.sizes:
        with left:
            title = text("studies.sizes")
            st.markdown(f"**{title}**")
            chart.show(study_figures.gaps(known.sizes), "study-sizes", file_name("mnist", "study", "sizes"), title)
            st.caption(text("studies.sizes_note", epochs=study_tables.longer()))
    if known.betas:
        with right:
            title = text("studies.betas")
            st.markdown(f"**{title}**")
            smoothness = st.selectbox(
                text("studies.choose"),
                SMOOTHNESS,
                format_func=lambda name: text(f"compare.measures.{name}.title"),
                label_visibility="collapsed",
                key="smoothness",
                persist_state="session",
            )
            chart.show(
                study_figures.price(known.betas, smoothness),
                "study-betas",
                file_name("mnist", "study", "beta", smoothness),
                title,
            )
            st.caption(text("studies.betas_note"))


def _show_seeds(known: Studies) -> None:
    differences = known.differences
    st.markdown(f"**{text('studies.seeds')}**")
    st.caption(text("studies.seeds_note"))
    for data, tab in zip(differences, st.tabs(study_tables.titles(known)), strict=True):
        tab.html(study_tables.table(differences[data]))
    offer_numbers(
        file_name("studies", "seeds"),
        study_tables.differences_csv(differences),
        study_tables.differences_json(differences),
    )
