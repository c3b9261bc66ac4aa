"""The registry of pages: the navigation in its order, and the pages that show runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from halfmoon import address
from halfmoon.address import Choice, RunChoice
from halfmoon.half_moon import choice as half_moon
from halfmoon.half_moon.walk import walkable
from halfmoon.interpolate import choice as interpolate
from halfmoon.parts.choosing import offer_pairs, shown_of
from halfmoon.parts.pairs import find_pairs, names_in
from halfmoon.parts.titles import pair_title
from halfmoon.sample import choice as sample
from halfmoon.texts import text, text_or
from vae_core.comparison import Pair


@dataclass(frozen=True)
class Page:
    """A page: `name` is that of its script in pages/, of its room and of its title among the texts.

    `pairs` gives those that it can show: they are chosen in the frame, and the navigation carries the present one
    there; with `is_any` so are any two runs. `choice_of` the run of another pair is what it then shows. `script` is for
    a page that lies elsewhere.
    """

    name: str
    pairs: Callable[[], Sequence[Pair]] | None = None
    script: Path | None = None
    choice_of: Callable[[str], Choice] = RunChoice
    is_any: bool = False

    @property
    def url_path(self) -> str:
        """Its path below the app's own address."""
        return self.name.replace("_", "-")


PAGES = [
    Page("plane", find_pairs),
    Page("compare", find_pairs, is_any=True),
    Page("interpolate", find_pairs, choice_of=interpolate.of_pair),
    Page("half_moon", walkable, choice_of=half_moon.of_run),
    Page("sample", find_pairs, choice_of=sample.of_run),
    Page("train"),
    Page("runs"),
]
"""All of them; the first is the one at the root."""


def paths() -> list[str]:
    """The path of each page below the app's own address; the first one's is empty."""
    return [_path(page) for page in PAGES]


def navigation() -> StreamlitPage:
    """Draws the navigation, unless the page is to stand alone, and returns the page to run."""
    shown = [
        st.Page(
            page.script or address.file(page.name),
            title=text_or(f"app.{page.name}", page.name),
            url_path=page.url_path,
            default=page is PAGES[0],
        )
        for page in PAGES
    ]
    return st.navigation(shown, position="hidden" if address.is_focused() else "top")


def offer_pairs_of(shown: StreamlitPage) -> str:
    """Draws the choice of the pair that the page shows, if it shows any; returns the title of the browser's tab."""
    page = next(page for page in PAGES if shown.url_path == _path(page))
    pairs = page.pairs() if page.pairs else ()
    if not pairs:
        return text("app.title_bare", page=shown.title, app=text("app.name"))
    pair = shown_of(pairs, page.is_any)
    with st.container(key="pair-shown"):
        if address.is_focused():
            st.text(pair_title(pair))
        else:
            offer_pairs(pair, pairs, page.choice_of)
    return text("app.title", page=shown.title, pair=pair_title(pair), app=text("app.name"))


def runs_shown() -> dict[str, list[list[str]]]:
    """The names of the runs of each pair that a page can show, by its path; pages that show none are left out."""
    found = {pairs: list(map(names_in, pairs())) for pairs in {page.pairs for page in PAGES if page.pairs}}
    return {_path(page): found[page.pairs] for page in PAGES if page.pairs}


def _path(page: Page) -> str:
    return "" if page is PAGES[0] else page.url_path
