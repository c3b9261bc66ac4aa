"""Two runs beside each other, an AE and a VAE of the same networks to begin with: in numbers, images and figures.

Below stand the studies, which say what one training of each can't.
"""

from __future__ import annotations

import streamlit as st

from ui import (
    chart,
    code_figures,
    comparing,
    measure_table,
    measuring,
    sampling,
    side_by_side,
    study_figures,
    studying,
)
from ui.errors import user_errors
from ui.gallery import Pair
from ui.texts import text
from vae_core.studies import EPOCHS


def offer_numbers(name: str, csv: str, json: str) -> None:
    """The same numbers as two files."""
    with st.container(horizontal=True):
        for label, content, kind in (("CSV", csv, "text/csv"), ("JSON", json, "application/json")):
            file = f"{name}.{label.lower()}"
            st.download_button(label, content, file, kind, key=file, on_click="ignore")


def offer_picture(label: str, picture: bytes, file: str) -> None:
    """What is drawn above as a PNG, pixel for pixel."""
    st.download_button(label, picture, file, "image/png", key=file, on_click="ignore")


@user_errors()
def show_measures(pair: Pair) -> None:
    """What their cards say, and which of the two is better."""
    with st.spinner(text("compare.loading")):  # the first waits for torch
        measuring.offer(pair)
        found = measure_table.rows(pair)
    if verdict := measure_table.verdict(pair, found):
        st.markdown(verdict)
    if caution := measure_table.other_images(pair):
        st.markdown(caution)
    for sentence in measure_table.matched_to_prior(pair):
        st.caption(sentence)
    for group, rows in found.items():
        st.html(measure_table.table(pair, group, rows))
    st.caption(text("compare.note"))
    offer_numbers(f"halfmoon-{pair.name}", measure_table.as_csv(pair, found), measure_table.as_json(pair))
    comparing.offer_planes(pair)


@st.fragment
@user_errors()
def show_gaps(pair: Pair) -> None:
    """Where on their planes the gaps are."""
    st.subheader(text("compare.gaps"), anchor=False)
    if reason := comparing.why_unmapped(pair):
        st.caption(reason)
        return
    st.caption(text("compare.gaps_note"))
    comparing.map_gaps(pair)


@user_errors()
def show_images(pair: Pair) -> None:
    """What both make of the same images, and of codes that are nobody's."""
    st.subheader(text("compare.reconstructions"), anchor=False)
    with st.spinner(text("compare.drawing")):
        lines = side_by_side.reconstructions(pair)
        sheets = side_by_side.sheets(pair)
    st.caption(side_by_side.reconstructions_note(pair, lines))
    st.html(side_by_side.strips(lines))
    offer_picture(text("compare.save_images"), side_by_side.png(lines), f"halfmoon-{pair.name}-images.png")
    st.subheader(text("compare.samples"), anchor=False)
    st.caption(side_by_side.samples_note(pair))
    st.html(side_by_side.gallery(sheets))
    with st.container(horizontal=True):
        for drawn in sheets:
            label = text("compare.save_sheet", title=drawn.title, drawn=drawn.note)
            offer_picture(label, sampling.png(drawn.sheet), drawn.file)


@user_errors()
def show_codes(pair: Pair) -> None:
    """Where their codes lie."""
    st.subheader(text("compare.codes"), anchor=False)
    st.caption(code_figures.note(pair))
    st.html(code_figures.legend(pair))
    dims = code_figures.dims_of(pair)
    for dim, column in enumerate(st.columns(max(2, dims))[:dims]):
        with column:
            title = text("compare.dimension", number=dim + 1)
            st.markdown(title)
            figure, name = code_figures.figure(pair, dim), f"halfmoon-{pair.name}-codes-{dim + 1}"
            chart.show(figure, f"codes-{dim}", name, title, add_legend=True)


@st.fragment
@user_errors()
def show_studies() -> None:
    """What the shipped studies say of AE and VAE of the same networks, whatever runs are compared above."""
    st.subheader(text("studies.heading"), anchor=False)
    st.caption(text("studies.note", epochs=EPOCHS))
    known = studying.read()
    if missing := studying.missing_note(known):
        st.caption(missing)
    left, right = st.columns(2)
    if known.sizes:
        with left:
            title = text("studies.sizes")
            st.markdown(f"**{title}**")
            chart.show(study_figures.gaps(known.sizes), "study-sizes", "halfmoon-study-sizes", title)
            st.caption(text("studies.sizes_note", epochs=studying.longer()))
    if known.betas:
        with right:
            title = text("studies.betas")
            st.markdown(f"**{title}**")
            figure = study_figures.price(known.betas, studying.choose_smoothness())
            chart.show(figure, "study-betas", "halfmoon-study-betas", title)
            st.caption(text("studies.betas_note"))
    if runs := known.runs():
        offer_numbers("halfmoon-studies", studying.runs_csv(runs), studying.runs_json(runs))
    if known.differences:
        st.markdown(f"**{text('studies.seeds')}**")
        st.caption(text("studies.seeds_note"))
        for data, tab in zip(known.differences, st.tabs(studying.titles(known)), strict=True):
            tab.html(studying.table(known.differences[data]))
        differences = known.differences
        offer_numbers("halfmoon-seeds", studying.differences_csv(differences), studying.differences_json(differences))


st.html(measure_table.STYLE)
pair = comparing.choose()
measuring.keep_drawing(show_measures, pair)
show_gaps(pair)
show_images(pair)
show_codes(pair)
with st.container(key="studies"):
    show_studies()
