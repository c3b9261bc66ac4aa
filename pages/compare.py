"""Two runs beside each other, an AE and a VAE of the same networks to begin with: in numbers, images and figures."""

from __future__ import annotations

import streamlit as st

from ui import code_figures, comparing, exploring, measure_table, side_by_side
from ui.errors import user_errors
from ui.gallery import Pair
from ui.texts import text


@user_errors()
def show_measures(pair: Pair) -> None:
    """What their cards say, and which of the two is better."""
    for sentence in measure_table.without_card(pair):
        st.info(sentence)
    with st.spinner(text("compare.loading")):  # the first waits for torch
        found = measure_table.rows(pair)
    if verdict := measure_table.verdict(pair, found):
        st.markdown(verdict)
    if caution := measure_table.other_images(pair):
        st.markdown(caution)
    for group, rows in found.items():
        st.html(measure_table.table(pair, group, rows))
    st.caption(text("compare.note"))
    with st.container(horizontal=True):
        for label, content, kind in (
            ("CSV", measure_table.as_csv(pair, found), "text/csv"),
            ("JSON", measure_table.as_json(pair), "application/json"),
        ):
            name = f"halfmoon-{pair.name}.{label.lower()}"
            st.download_button(label, content, name, kind, on_click="ignore")


@st.fragment
@user_errors()
def show_gaps(pair: Pair) -> None:
    """Where on their planes the gaps are."""
    if not comparing.is_mapped(pair, st.query_params):
        return
    st.subheader(text("compare.gaps"), anchor=False)
    st.caption(text("compare.gaps_note"))
    exploring.gap_planes(pair, comparing.GAP)


@user_errors()
def show_images(pair: Pair) -> None:
    """What both make of the same images, and of codes that are nobody's."""
    st.subheader(text("compare.reconstructions"), anchor=False)
    with st.spinner(text("compare.drawing")):
        lines = side_by_side.reconstructions(pair)
        sheets = side_by_side.sheets(pair)
    st.caption(side_by_side.reconstructions_note(pair, lines))
    st.html(side_by_side.strips(lines))
    st.subheader(text("compare.samples"), anchor=False)
    st.caption(side_by_side.samples_note(pair))
    st.html(side_by_side.gallery(sheets))


@user_errors()
def show_codes(pair: Pair) -> None:
    """Where their codes lie."""
    st.subheader(text("compare.codes"), anchor=False)
    st.caption(text("compare.codes_note"))
    st.html(code_figures.legend(pair))
    dims = code_figures.dims_of(pair)
    for dim, column in enumerate(st.columns(max(2, dims))[:dims]):
        column.markdown(text("compare.dimension", number=dim + 1))
        column.plotly_chart(code_figures.figure(pair, dim), key=f"codes-{dim}", config={"displaylogo": False})


st.html(measure_table.STYLE)
pair = comparing.choose()
show_measures(pair)
show_gaps(pair)
show_images(pair)
show_codes(pair)
