"""Which two runs are compared: any two that the URL names, an AE and a VAE of the same networks where it names one.

The URL holds `?run=NAME` and, where that is not enough, `&with=NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ui import state
from ui.gallery import Pair, find_pairs, pair_of, pair_titles, run_titles
from ui.texts import literal, text
from vae_core.gap_map import fields_of
from vae_core.runs import Run

KEYS = ("compare-run", "compare-with")  # of the two boxes
GAP = "density_ratio"  # the map to begin with


def choose() -> Pair:
    """The runs in the two boxes, and a sentence for each that the URL asks for and that is not here.

    Another first run brings its twin with it, the second is anyone's. Where there is no run the page says so, and ends.
    """
    pairs = find_pairs()
    if not pairs:
        st.info(text("plane.none"))
        st.stop()
    asked, warnings = asked_for(st.query_params, pairs)
    titles = run_titles(pairs)
    names: list[str | None] = [run.name for run in asked.runs]
    st.session_state.update(zip(KEYS, [*names, None], strict=False))
    with st.container(key="choice"):
        first, second, hint = st.columns([0.27, 0.27, 0.46], vertical_alignment="center")
    how = {"format_func": titles.get, "label_visibility": "collapsed"}
    first.selectbox(
        text("compare.first"),
        list(titles),
        key=KEYS[0],
        on_change=lambda: _show_in_url([_chosen(KEYS[0])], pairs),
        **how,
    )
    second.selectbox(
        text("compare.second"),
        [name for name in titles if name != names[0]],
        key=KEYS[1],
        placeholder=text("compare.second"),
        on_change=lambda: _show_in_url([names[0], _chosen(KEYS[1])], pairs),
        **how,
    )
    hint.markdown(text("compare.hint"))
    for warning in warnings:
        st.warning(warning)
    return asked


def asked_for(query: Mapping[str, str], pairs: Sequence[Pair]) -> tuple[Pair, list[str]]:
    """The two runs that the URL asks for, and a sentence for each that is not here: its twin, or the first, is shown.

    One run is shown beside its twin, the AE first; a run that has none stands alone.
    """
    name, other = query.get("run"), query.get("with")
    usual = pair_of(name, pairs)
    if usual is None:
        shown = pairs[0]
        missing = text("plane.unknown_run", run=literal(name), instead=literal(shown.name)) if name else None
        return shown, [missing] if missing else []
    if other is None:
        return usual, []
    first, second = usual.run(name), _run_of(other, pairs)
    if second is None or second == first:
        return usual, [text("compare.unknown_second", run=literal(other))]
    return Pair((first, second)), []


def is_mapped(pair: Pair, query: Mapping[str, str]) -> bool:
    """Whether the gaps of both can be shown on linked planes: of twins, whose codes have few dimensions."""
    return "with" not in query and bool(fields_of(pair.runs[0]))


def offer_planes(pair: Pair) -> None:
    """Links to the planes of the runs, with a gap map beneath where their codes have few enough dimensions for one."""
    pairs = find_pairs()
    shown = dict.fromkeys(pair_of(run.name, pairs) for run in pair.runs)
    titles = pair_titles(pairs)
    with st.container(key="compare-planes", horizontal=True):
        for one in shown:
            run = one.runs[-1]
            view = state.gap_view(run, GAP) if fields_of(run) else state.first_view(run)
            st.page_link(
                "../pages/plane.py",
                label=text("compare.plane", pair=titles[one.name]),
                query_params=view.query() | state.language_query(),
            )


def _run_of(name: str, pairs: Sequence[Pair]) -> Run | None:
    pair = pair_of(name, pairs)
    return pair.run(name) if pair else None


def _chosen(key: str) -> str:
    return st.session_state[key]


def _show_in_url(names: Sequence[str], pairs: Sequence[Pair]) -> None:
    """The URL holds these runs in this order, twins by the first alone."""
    if len(names) == 2 and pair_of(names[0], pairs).run(names[1]):
        names = names[:1]
    st.query_params.from_dict(state.language_query() | dict(zip(("run", "with"), names, strict=False)))
