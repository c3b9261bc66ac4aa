"""The choice of the pair of runs that a page shows: in the frame, in the URL, and with a line of explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from halfmoon import address
from halfmoon.address import Choice
from halfmoon.parts.pairs import alike, find_pairs, named, names_in, not_shown
from halfmoon.parts.titles import is_own, mixed_title, pair_title, pair_titles, run_titles
from halfmoon.texts import text
from vae_core.comparison import Pair
from vae_core.places import PROGRAM
from vae_core.runs.run import Run

PAIR_KEY = "pair"


def shown_of(pairs: Sequence[Pair], is_any: bool = False) -> Pair:
    """The one of these pairs that is in the URL, else the first; with `is_any` also any two runs side by side."""
    return (named if is_any else alike)(address.names(), pairs) or pairs[0]


def offer_pairs(shown: Pair, pairs: Sequence[Pair], choice_of: Callable[[str], Choice]) -> None:
    """Draws the choice of the pair in the frame of a page; the user's own come first.

    `choice_of` the run of another pair is what the page then shows. What is shown may be no pair but two runs.
    """
    mixed = {} if shown in pairs else {",".join(names_in(shown)): mixed_title(shown, run_titles(find_pairs()))}
    titles = mixed | pair_titles(sorted(pairs, key=lambda pair: not is_own(pair)))
    st.session_state[PAIR_KEY] = next(iter(mixed), shown.name)
    st.selectbox(
        text("plane.picker"),
        list(titles),
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        key=PAIR_KEY,
        on_change=lambda: address.choose(choice_of(st.session_state[PAIR_KEY])),
    )


def choose_pair(hint: Callable[[Pair], str]) -> tuple[Pair, str]:
    """The pair that the page shows and its title: the one in the URL, else the first.

    `hint` says in Markdown what can be done with it. Where there is none the page says so, and ends.
    """
    pairs = find_pairs()
    if not pairs:
        st.info(text("plane.none", program=PROGRAM))
        st.stop()
    pair = shown_of(pairs)
    with st.container(key="choice"):
        st.markdown(hint(pair))
    return pair, pair_title(pair)


def run_in(query: Mapping[str, str], pair: Pair, title: str) -> tuple[Run, str | None]:
    """The run of the pair named in the URL, else its last; and a sentence if the named one is not here.

    The sentence calls the pair by its title.
    """
    name = query.get("run", pair.name)
    run = pair.run(name)
    return (pair.runs[-1], not_shown(name, title)) if run is None else (run, None)
