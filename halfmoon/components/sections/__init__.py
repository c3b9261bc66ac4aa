"""Sections of a page that unfold, and their index: links that stay in sight, and open what they lead to."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from halfmoon.components.mounting import Component
from halfmoon.texts import text

KEY = "sections"

_component = Component("sections")


def index(titles: Mapping[str, str]) -> None:
    """Draws the index of the sections with these titles, by the names that they have in the URL, `#NAME`."""
    with st.container(key=KEY):
        links = [{"name": name, "section": _key(name), "title": title} for name, title in titles.items()]
        _component.mount(f"{KEY}-index", {"label": text("sections.label"), "links": links})


def stack(name: str) -> DeltaGenerator:
    """A place for sections one below the other."""
    return st.container(key=f"stack-{name}", gap="xsmall")


def section(name: str, title: str) -> DeltaGenerator:
    """A section of the page that unfolds."""
    return st.expander(title, key=_key(name))


def _key(name: str) -> str:
    return f"section-{name}"
