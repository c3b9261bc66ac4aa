"""The choice of the two runs that are compared: by default an AE and a VAE with the same networks.

The URL holds `?run=NAME` and, where that is not enough, `&with=NAME`; what the planes show as a `View` does, with
`&on=NAME` where its code is one of the second run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from halfmoon import address
from halfmoon.parts.choosing import run_in
from halfmoon.parts.pairs import find_pairs
from halfmoon.parts.titles import pair_titles, run_titles
from halfmoon.plane import planes
from halfmoon.plane.view import View, first_view, gap_view
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, pair_of
from vae_core.errors import needed
from vae_core.measures.gap_map import fields_of
from vae_core.places import PROGRAM
from vae_core.runs.run import Run
from vae_core.verdicts import same_images

KEYS = ("compare-run", "compare-with")  # of the two boxes
GAP = "density_ratio"  # the map to begin with


@dataclass(frozen=True)
class Choice:
    """The names of the runs that are compared, and what their planes show: the query of a `View` without its run.

    Without `second` the twin of the first run is meant; `on` names the run of the place where that is not the first.
    """

    first: str = ""
    second: str = ""
    on: str = ""
    place: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice in the URL."""
        place = {name: value for name, value in query.items() if name not in ("run", "with", "on")}
        return cls(query.get("run", ""), query.get("with", ""), query.get("on", ""), place)

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        names = {"run": self.first, "with": self.second, "on": self.on}
        return {name: value for name, value in names.items() if value} | self.place

    def place_in(self, pair: Pair) -> dict[str, str]:
        """The query of the view of one of the pair; empty for a run that is not here."""
        first = self.first or pair.name
        return {"run": self.on or first} | self.place if pair.run(first) else {}


def choose() -> Pair:
    """The runs chosen in the two boxes, and a sentence for each run in the URL that is not here.

    The second is anyone's; see `with_first` for what becomes of it. Where there is no run the page says so, and ends.
    """
    pairs = find_pairs()
    if not pairs:
        st.info(text("plane.none", program=PROGRAM))
        st.stop()
    asked, warnings = asked_for(Choice.from_query(address.query()), pairs)
    titles = run_titles(pairs)
    names = _names(asked)
    st.session_state.update(zip(KEYS, [*names, None], strict=False))
    with st.container(key="choice"):
        first, second, hint = st.columns([0.27, 0.27, 0.46], vertical_alignment="center")
    first.selectbox(
        text("compare.first"),
        list(titles),
        key=KEYS[0],
        on_change=lambda: address.write(choice_of(with_first(_chosen(KEYS[0]), asked, pairs), pairs)),
        format_func=titles.__getitem__,
        label_visibility="collapsed",
    )
    second.selectbox(
        text("compare.second"),
        [name for name in titles if name != names[0]],
        key=KEYS[1],
        placeholder=text("compare.second"),
        on_change=lambda: address.write(choice_of([names[0], _chosen(KEYS[1])], pairs)),
        format_func=titles.__getitem__,
        label_visibility="collapsed",
    )
    hint.markdown(text("compare.hint"))
    for warning in warnings:
        st.warning(warning)
    return asked


def asked_for(choice: Choice, pairs: Sequence[Pair]) -> tuple[Pair, list[str]]:
    """The two chosen runs, and a sentence for each missing one: its twin, or the first run, takes its place.

    One run is shown beside its twin, the AE first; a run that has none stands alone.
    """
    usual = pair_of(choice.first, pairs)
    if usual is None:
        _, warning = run_in(choice.query(), pairs[0], pairs[0].name)
        return pairs[0], [warning] if warning else []
    if not choice.second:
        return usual, []
    first, second = usual.run(choice.first), _run_of(choice.second, pairs)
    if first is None or second is None or second == first:
        return usual, [text("compare.unknown_second", run=literal(choice.second))]
    return Pair((first, second)), []


def choice_of(names: Sequence[str], pairs: Sequence[Pair], view: View | None = None) -> Choice:
    """The choice of these runs in this order, with the view of one of them.

    Twins in their usual order are named by one of them, the one whose code the view has.
    """
    place = view.query() if view else {}
    run = place.pop("run", names[0])
    usual = pair_of(names[0], pairs)
    if usual and list(names) == _names(usual):
        return Choice(run, place=place)
    first, second = [*names, ""][:2]
    return Choice(first, second, run if run != first else "", place)


def with_first(chosen: str, before: Pair, pairs: Sequence[Pair]) -> list[str]:
    """The names of the compared runs once `chosen` replaces the first of those in `before`.

    A second that was chosen stays; one that was but the twin of the first makes room for the twin of the new one. Where
    the second itself becomes the first, the two change places.
    """
    first, *second = _names(before)
    if chosen in second:
        return [chosen, first]
    if not second or needed(pair_of(first, pairs)).run(second[0]):
        second = [name for name in _names(needed(pair_of(chosen, pairs))) if name != chosen]
    return [chosen, *second]


def why_unmapped(pair: Pair) -> str | None:
    """Why the gaps of the runs can't be shown on linked planes, in a sentence; None if they can."""
    if not all(map(fields_of, pair.runs)):
        return text("compare.unmapped.dims")
    if len({run.config.model.latent_dim for run in pair.runs}) > 1 or not same_images(pair.runs):
        return text("compare.unmapped.apart")
    return None


def map_gaps(pair: Pair) -> None:
    """Draws linked planes with a gap map; actions on them are kept in the URL, which keeps naming the same runs."""
    pairs, place = find_pairs(), Choice.from_query(address.query()).place_in(pair)
    planes.gap_planes(pair, GAP, place, lambda view: address.write(choice_of(_names(pair), pairs, view)))


def offer_planes(pair: Pair) -> None:
    """Links to the planes of the runs, with a gap map if their codes have few enough dimensions for one."""
    pairs = find_pairs()
    shown = dict.fromkeys(needed(pair_of(run.name, pairs)) for run in pair.runs)
    titles = pair_titles(pairs, literal)
    with st.container(key="compare-planes", horizontal=True):
        for one in shown:
            run = one.runs[-1]
            is_mapped = bool(fields_of(run))
            view = gap_view(run, GAP) if is_mapped else first_view(run)
            label = text("compare.plane" if is_mapped else "compare.slice", pair=titles[one.name])
            address.link("plane", view, label)


def file_stem(pair: Pair) -> str:
    """The beginning of the names of files about the runs."""
    return "-".join(["halfmoon", *_names(pair)])


def _run_of(name: str, pairs: Sequence[Pair]) -> Run | None:
    pair = pair_of(name, pairs)
    return pair.run(name) if pair else None


def _chosen(key: str) -> str:
    name: str = st.session_state[key]
    return name


def _names(pair: Pair) -> list[str]:
    return [run.name for run in pair.runs]
