"""The choice of the pair that walks, and of the position on its walk: `?run=NAME&at=7.3`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from halfmoon import address
from halfmoon.half_moon import walk
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, pair_of
from vae_core.moons.walk import MIDDLE

SET_KEY = "half-moon-set"


@dataclass(frozen=True)
class Choice:
    """One of the pair's runs, and a position from walk.MIN_POSITION to walk.MAX_POSITION."""

    run: str = ""
    position: float = MIDDLE

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice in the URL. Raises ValueError if its position is not on the walk."""
        position = float(query.get("at", MIDDLE))
        if not walk.MIN_POSITION <= position <= walk.MAX_POSITION:
            raise ValueError(f"no position {position}")
        return cls(query.get("run", ""), round(position, 2))

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        values = {"run": self.run, "at": f"{self.position:g}" if self.position != MIDDLE else ""}
        return {name: value for name, value in values.items() if value}


def asked_for(query: Mapping[str, str]) -> tuple[Choice, str | None]:
    """The choice in the URL, and a sentence if its position is invalid."""
    try:
        return Choice.from_query(query), None
    except ValueError:
        return Choice(query.get("run", "")), text("half_moon.broken_place")


def shown(choice: Choice, pairs: Sequence[Pair]) -> tuple[Pair, str | None]:
    """The pair that walks, and a sentence if the chosen run is none of theirs: the first pair walks then."""
    pair = pair_of(choice.run, pairs)
    if pair is None:
        return pairs[0], text("half_moon.unknown_run", run=literal(choice.run)) if choice.run else None
    return pair, None


def of_run(run: str) -> Choice:
    """The choice in the URL for another run: the same position."""
    return replace(asked_for(address.query())[0], run=run)


def choose(pairs: Sequence[Pair]) -> Pair:
    """The pair with the chosen training set, from the URL, also after Back and Forward."""
    choice, broken = asked_for(address.query())
    pair, unknown = shown(choice, pairs)
    for warning in filter(None, (unknown, broken)):
        st.warning(warning)
    titles = walk.titles(pairs)
    st.session_state[SET_KEY] = pair.name
    with st.container(key="choice", horizontal=True, vertical_alignment="center"):
        st.markdown(text("half_moon.trained_on"), width="content")
        name = st.pills(
            text("half_moon.trained_on"),
            list(titles),
            format_func=titles.__getitem__,
            required=True,
            label_visibility="collapsed",
            wrap=True,
            key=SET_KEY,
            on_change=lambda: address.write(replace(choice, run=st.session_state[SET_KEY])),
        )
    return next(pair for pair in pairs if pair.name == name)
