"""An AE and a VAE of the same networks in numbers: every measure beside the other's, and which of the two is better."""

from __future__ import annotations

import streamlit as st

from ui import comparing, state
from ui.choosing import choose_pair
from ui.errors import user_errors
from ui.gallery import Pair
from ui.texts import text


@user_errors()
def show(pair: Pair) -> None:
    """What is known of the pair."""
    for sentence in comparing.without_card(pair):
        st.info(sentence)
    with st.spinner(text("compare.loading")):  # the first waits for torch
        found = comparing.rows(pair)
    if verdict := comparing.verdict(pair, found):
        st.markdown(verdict)
    st.html(comparing.STYLE)
    for group, rows in found.items():
        st.html(comparing.table(pair, group, rows))
    st.caption(text("compare.note"))
    with st.container(horizontal=True):
        for label, content, kind in (
            ("CSV", comparing.as_csv(pair, found), "text/csv"),
            ("JSON", comparing.as_json(pair), "application/json"),
        ):
            name = f"halfmoon-{pair.name}.{label.lower()}"
            st.download_button(label, content, name, kind, on_click="ignore")
    st.subheader(text("compare.codes"), anchor=False)
    st.caption(text("compare.codes_note"))
    st.html(comparing.legend(pair))
    dims = min(pair.runs[0].config.model.latent_dim, comparing.MOST_DIMS)
    for dim, column in enumerate(st.columns(max(2, dims))[:dims]):
        column.markdown(text("compare.dimension", number=dim + 1))
        column.plotly_chart(comparing.codes_figure(pair, dim), key=f"codes-{dim}", config={"displaylogo": False})


pair, _ = choose_pair(lambda run: state.show_in_url(run=run), lambda _: text("compare.hint"))
show(pair)
