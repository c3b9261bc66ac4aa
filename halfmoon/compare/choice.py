"""Which two runs are compared: any two that the URL names, an AE and a VAE of the same networks where it names one.

The URL holds `?run=NAME` and, where that is not enough, `&with=NAME`; what the planes show as a `View` does, with
`&on=NAME` where its code is one of the second run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from halfmoon import address
from halfmoon.address import View
from halfmoon.compare.measure_table import same_images
from halfmoon.parts.pairs import find_pairs, not_shown
from halfmoon.parts.titles import pair_titles, run_titles
from halfmoon.plane import planes
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, pair_of
from vae_core.measures.gap_map import fields_of
from vae_core.runs.run import Run

KEYS = ("compare-run", "compare-with")  # of the two boxes
GAP = "density_ratio"  # the map to begin with


def choose() -> Pair:
    """The runs in the two boxes, and a sentence for each that the URL asks for and that is not here.

    The second is anyone's; see `with_first` for what becomes of it. Where there is no run the page says so, and ends.
    """
    pairs = find_pairs()
    if not pairs:
        st.info(text("plane.none"))
        st.stop()
    asked, warnings = asked_for(st.query_params, pairs)
    titles = run_titles(pairs)
    names = _names(asked)
    st.session_state.update(zip(KEYS, [*names, None], strict=False))
    with st.container(key="choice"):
        first, second, hint = st.columns([0.27, 0.27, 0.46], vertical_alignment="center")
    how = {"format_func": titles.get, "label_visibility": "collapsed"}
    first.selectbox(
        text("compare.first"),
        list(titles),
        key=KEYS[0],
        on_change=lambda: _show_in_url(with_first(_chosen(KEYS[0]), asked, pairs), pairs),
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
        return shown, [not_shown(name, shown.name)] if name else []
    if other is None:
        return usual, []
    first, second = usual.run(name), _run_of(other, pairs)
    if second is None or second == first:
        return usual, [text("compare.unknown_second", run=literal(other))]
    return Pair((first, second)), []


def query_of(names: Sequence[str], pairs: Sequence[Pair], view: View | None = None) -> dict[str, str]:
    """What the URL holds of these runs in this order, and of the view of one of them.

    Twins in their usual order are named by one of them, the one whose code the view has.
    """
    place = view.query() if view else {}
    usual = pair_of(names[0], pairs)
    if usual and list(names) == _names(usual):
        return {"run": names[0]} | place
    runs = dict(zip(("run", "with"), names, strict=False))
    return place | runs | ({"on": view.run} if view and view.run != names[0] else {})


def with_first(chosen: str, before: Pair, pairs: Sequence[Pair]) -> list[str]:
    """The names of the runs that are compared once `chosen` is the first instead of that of `before`.

    A second that was chosen stays; one that was but the twin of the first makes room for the twin of the new one. Where
    the second itself becomes the first, the two change places.
    """
    first, *second = _names(before)
    if chosen in second:
        return [chosen, first]
    if not second or pair_of(first, pairs).run(second[0]):
        second = [name for name in _names(pair_of(chosen, pairs)) if name != chosen]
    return [chosen, *second]


def why_unmapped(pair: Pair) -> str | None:
    """A sentence on why the gaps of the runs can't be shown on linked planes; None where they can."""
    if not all(map(fields_of, pair.runs)):
        return text("compare.unmapped.dims")
    if len({run.config.model.latent_dim for run in pair.runs}) > 1 or not same_images(pair):
        return text("compare.unmapped.apart")
    return None


def map_gaps(pair: Pair) -> None:
    """Linked planes with a gap map; what is done on them is in the URL, which goes on naming the same runs."""
    query, pairs = dict(st.query_params), find_pairs()
    run = query.get("run", pair.name)
    # A place of a run that is not here is nowhere; the page has said so.
    place = query | {"run": query.get("on", run)} if pair.run(run) else {}
    planes.gap_planes(pair, GAP, place, lambda view: _show_in_url(_names(pair), pairs, view))


def offer_planes(pair: Pair) -> None:
    """Links to the planes of the runs, with a gap map beneath where their codes have few enough dimensions for one."""
    pairs = find_pairs()
    shown = dict.fromkeys(pair_of(run.name, pairs) for run in pair.runs)
    titles = pair_titles(pairs, literal)
    with st.container(key="compare-planes", horizontal=True):
        for one in shown:
            run = one.runs[-1]
            is_mapped = bool(fields_of(run))
            view = address.gap_view(run, GAP) if is_mapped else address.first_view(run)
            st.page_link(
                "../pages/plane.py",
                label=text("compare.plane" if is_mapped else "compare.slice", pair=titles[one.name]),
                query_params=view.query() | address.language_query(),
            )


def _run_of(name: str, pairs: Sequence[Pair]) -> Run | None:
    pair = pair_of(name, pairs)
    return pair.run(name) if pair else None


def _chosen(key: str) -> str:
    return st.session_state[key]


def _names(pair: Pair) -> list[str]:
    return [run.name for run in pair.runs]


def _show_in_url(names: Sequence[str], pairs: Sequence[Pair], view: View | None = None) -> None:
    """The URL holds these runs in this order, and the view of one of them."""
    st.query_params.from_dict(address.language_query() | query_of(names, pairs, view))
