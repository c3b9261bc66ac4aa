"""The head of a page that shows a pair of runs: the choice of the pair, and a line of explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from halfmoon import address
from halfmoon.address import Choice
from halfmoon.parts.pairs import find_pairs, not_shown
from halfmoon.parts.titles import pair_titles
from halfmoon.texts import text
from vae_core.comparison import Pair, pair_of
from vae_core.places import PROGRAM
from vae_core.runs.run import Run

PAIR_KEY = "pair"


def choose_pair(choice_of: Callable[[str], Choice], hint: Callable[[Pair], str]) -> tuple[Pair, str]:
    """The pair in the selection box and its title: the one in the URL, also after Back, else the first.

    `choice_of` the run of another pair is what the page then shows; `hint` says in Markdown what can be done with one.
    Where there is none the page says so, and ends.
    """
    pairs = find_pairs()
    if not pairs:
        st.info(text("plane.none", program=PROGRAM))
        st.stop()
    by_name, titles = {pair.name: pair for pair in pairs}, pair_titles(pairs)
    st.session_state[PAIR_KEY] = (pair_of(address.query().get("run"), pairs) or pairs[0]).name
    with st.container(key="choice"):
        pair_column, hint_column = st.columns([0.27, 0.73], vertical_alignment="center")
    name = pair_column.selectbox(
        text("plane.picker"),
        list(by_name),
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        key=PAIR_KEY,
        on_change=lambda: address.write(choice_of(st.session_state[PAIR_KEY])),
    )
    hint_column.markdown(hint(by_name[name]))
    return by_name[name], titles[name]


def run_in(query: Mapping[str, str], pair: Pair, title: str) -> tuple[Run, str | None]:
    """The run of the pair named in the URL, else its last; and a sentence if the named one is not here.

    The sentence calls the pair by its title.
    """
    name = query.get("run", pair.name)
    run = pair.run(name)
    return (pair.runs[-1], not_shown(name, title)) if run is None else (run, None)
