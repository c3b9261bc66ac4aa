"""The choice of the two runs that are compared: by default an AE and a VAE with the same networks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.parts.choosing import run_in
from halfmoon.parts.downloads import data_slug, file_name, run_slugs
from halfmoon.parts.pairs import find_pairs, named, names_in
from halfmoon.parts.titles import run_titles
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, pair_of
from vae_core.errors import needed
from vae_core.places import PROGRAM

KEYS = ("compare-run", "compare-with")  # of the two boxes


def choose() -> Pair:
    """The runs chosen in the two boxes, and a sentence for each run in the URL that is not here.

    The second is anyone's; see `with_first` for what becomes of it. Where there is no run the page says so, and ends.
    """
    pairs = find_pairs()
    if not pairs:
        st.info(text("plane.none", program=PROGRAM))
        st.stop()
    asked, warning = asked_for(address.names(), pairs)
    titles = run_titles(pairs)
    names = names_in(asked)
    st.session_state.update(zip(KEYS, [*names, None], strict=False))
    with st.container(key="choice"):
        first, second, hint = st.columns([0.27, 0.27, 0.46], vertical_alignment="center")
    first.selectbox(
        text("compare.first"),
        list(titles),
        key=KEYS[0],
        on_change=lambda: address.choose(choice_of(with_first(_chosen(KEYS[0]), asked, pairs), pairs)),
        format_func=titles.__getitem__,
        label_visibility="collapsed",
    )
    second.selectbox(
        text("compare.second"),
        [name for name in titles if name != names[0]],
        key=KEYS[1],
        placeholder=text("compare.second"),
        on_change=lambda: address.choose(choice_of([names[0], _chosen(KEYS[1])], pairs)),
        format_func=titles.__getitem__,
        label_visibility="collapsed",
    )
    hint.markdown(text("compare.hint"))
    if warning:
        st.warning(warning)
    return asked


def asked_for(names: Sequence[str], pairs: Sequence[Pair]) -> tuple[Pair, str | None]:
    """The two runs of these names, and a sentence for one that is not here: a twin, or the first pair, is shown.

    One run is shown beside its twin, the AE first; a run that has none stands alone.
    """
    pair = named(names, pairs)
    if pair is None:
        return pairs[0], run_in({"run": names[0]}, pairs[0], pairs[0].name)[1] if names else None
    is_broken = len(names) == 2 and names_in(pair) != list(names)
    return pair, text("compare.unknown_second", run=literal(names[1])) if is_broken else None


def choice_of(names: Sequence[str], pairs: Sequence[Pair]) -> RunChoice:
    """The choice of these runs in this order; twins in their usual order are named by one of them."""
    usual = pair_of(names[0], pairs)
    return RunChoice(names[0]) if usual and list(names) == names_in(usual) else RunChoice(*names)


def with_first(chosen: str, before: Pair, pairs: Sequence[Pair]) -> list[str]:
    """The names of the compared runs once `chosen` replaces the first of those in `before`.

    A second that was chosen stays; one that was but the twin of the first makes room for the twin of the new one. Where
    the second itself becomes the first, the two change places.
    """
    first, *second = names_in(before)
    if chosen in second:
        return [chosen, first]
    if not second or needed(pair_of(first, pairs)).run(second[0]):
        second = [name for name in names_in(needed(pair_of(chosen, pairs))) if name != chosen]
    return [chosen, *second]


def file_stem(pair: Pair) -> str:
    """The beginning of the names of files about the runs."""
    return file_name(data_slug(pair), "-vs-".join(run_slugs(pair)))


def _chosen(key: str) -> str:
    name: str = st.session_state[key]
    return name
