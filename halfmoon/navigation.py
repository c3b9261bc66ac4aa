"""The registry of pages: the navigation in its order, and the pages that show runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from halfmoon import address
from halfmoon.half_moon.walk import walkable
from halfmoon.parts.pairs import find_pairs, names_in
from halfmoon.texts import text_or
from vae_core.comparison import Pair


@dataclass(frozen=True)
class Page:
    """A page: `name` is that of its script in pages/, of its room and of its title among the texts.

    `pairs` gives those that it can show: there the navigation carries the run that was seen last. `script` is for one
    that lies elsewhere.
    """

    name: str
    pairs: Callable[[], Sequence[Pair]] | None = None
    script: Path | None = None

    @property
    def url_path(self) -> str:
        """Its path below the app's own address."""
        return self.name.replace("_", "-")


PAGES = [
    Page("plane", find_pairs),
    Page("compare", find_pairs),
    Page("interpolate", find_pairs),
    Page("half_moon", walkable),
    Page("sample", find_pairs),
    Page("train"),
    Page("runs"),
]
"""All of them; the first is the one at the root."""


def paths() -> list[str]:
    """The path of each page below the app's own address; the first one's is empty."""
    return ["" if page is PAGES[0] else page.url_path for page in PAGES]


def navigation() -> StreamlitPage:
    """Draws the navigation, and returns the page to run."""
    shown = [
        st.Page(
            page.script or address.file(page.name),
            title=text_or(f"app.{page.name}", page.name),
            url_path=page.url_path,
            default=page is PAGES[0],
        )
        for page in PAGES
    ]
    return st.navigation(shown, position="top")


def runs_shown() -> dict[str, list[str]]:
    """The names of the runs that each page can show, by its path; pages that show none are left out."""
    return {path: names_in(page.pairs()) for path, page in zip(paths(), PAGES, strict=True) if page.pairs is not None}
