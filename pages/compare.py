"""The Compare page: two runs side by side, in measures, gap maps, images and figures.

Below stand the studies, which say what one training of each can't.
"""

from __future__ import annotations

import streamlit as st

from halfmoon.compare import choice, code_figures, drawn, measure_table, measuring, study_section
from halfmoon.parts.downloads import offer_numbers, offer_picture
from halfmoon.parts.errors import user_errors
from halfmoon.sample.sheets import png
from halfmoon.texts import literal, text
from vae_core import verdicts
from vae_core.comparison import Pair, are_twins


@user_errors()
def show_measures(pair: Pair) -> None:
    """The measures of both runs, and which of the two is better."""
    measuring.offer(pair)
    found = verdicts.by_group(pair.runs)
    if score := measure_table.score(pair, found):
        st.markdown(score)
    if caution := measure_table.other_images(pair):
        st.markdown(caution)
    for sentence in measure_table.matched_to_prior(pair):
        st.caption(sentence)
    for group, rows in found.items():
        st.html(measure_table.table(pair, group, rows))
    st.caption(text("compare.note"))
    offer_numbers(f"halfmoon-{pair.name}", measure_table.as_csv(pair, found), measure_table.as_json(pair))
    choice.offer_planes(pair)


@st.fragment
@user_errors()
def show_gaps(pair: Pair) -> None:
    """The gaps on both planes."""
    st.subheader(text("compare.gaps"), anchor=False)
    if reason := choice.why_unmapped(pair):
        st.caption(reason)
        return
    st.caption(text("compare.gaps_note"))
    choice.map_gaps(pair)


@user_errors()
def show_images(pair: Pair) -> None:
    """Both runs' reconstructions of the same images, and their images of random codes."""
    st.subheader(text("compare.reconstructions"), anchor=False)
    with st.spinner(text("compare.drawing")):
        lines = drawn.reconstructions(pair)
        sheets = drawn.sheets(pair)
    st.caption(drawn.reconstructions_note(pair, lines))
    st.html(drawn.strips(lines))
    offer_picture(text("compare.save_images"), drawn.png(lines), f"halfmoon-{pair.name}-images.png")
    st.subheader(text("compare.samples"), anchor=False)
    st.caption(drawn.samples_note(pair))
    st.html(drawn.gallery(sheets))
    with st.container(horizontal=True):
        for one in sheets:
            title = one.title if are_twins(pair) else literal(one.title)
            label = text("compare.save_sheet", title=title, drawn=one.note)
            offer_picture(label, png(one.sheet), one.file)


pair = choice.choose()
measuring.keep_drawing(show_measures, pair)
show_gaps(pair)
show_images(pair)
code_figures.show(pair)
study_section.show()
