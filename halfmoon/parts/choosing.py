"""The head of a page that shows a pair of runs: the choice of the pair, and a line of explanation beside it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from halfmoon import address
from halfmoon.parts.pairs import find_pairs
from halfmoon.parts.titles import pair_titles
from halfmoon.texts import text
from vae_core.comparison import Pair, pair_of


def choose_pair(show_in_url: Callable[[str], None], hint: Callable[[Pair], str]) -> tuple[Pair, str]:
    """The pair in the selection box and its title: the one that the URL asks for, also after Back, else the first.

    Another choice calls `show_in_url` with the name of its run; `hint` says in Markdown what can be done with a pair.
    Where there is none the page says so, and ends.
    """
    pairs = find_pairs()
    if not pairs:
        st.info(text("plane.none"))
        st.stop()
    by_name, titles = {pair.name: pair for pair in pairs}, pair_titles(pairs)
    st.session_state[address.PAIR_KEY] = (pair_of(st.query_params.get("run"), pairs) or pairs[0]).name
    with st.container(key="choice"):
        pair_column, hint_column = st.columns([0.27, 0.73], vertical_alignment="center")
    name = pair_column.selectbox(
        text("plane.picker"),
        list(by_name),
        format_func=titles.get,
        label_visibility="collapsed",
        key=address.PAIR_KEY,
        on_change=lambda: show_in_url(st.session_state[address.PAIR_KEY]),
    )
    hint_column.markdown(hint(by_name[name]))
    return by_name[name], titles[name]
