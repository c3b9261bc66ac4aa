"""Downloads: numbers and pictures that a page shows, as files, and the names of all files."""

from __future__ import annotations

import re
import unicodedata

import streamlit as st

from vae_core.comparison import Pair


def file_name(*parts: str) -> str:
    """The name of a file, which tells what is in it: halfmoon-DATA-WHAT-DETAILS, in ASCII.

    Its twin is `fileName` in components/shared/files.js.
    """
    plain = (unicodedata.normalize("NFKD", part).lower() for part in parts)
    bare = ("".join(letter for letter in part if not unicodedata.combining(letter)) for part in plain)
    slugs = (re.sub("[^a-z0-9]+", "-", part).strip("-") for part in bare)
    return "-".join(["halfmoon", *filter(None, slugs)])


def data_slug(pair: Pair) -> str:
    """The data sets of the pair, in the name of a file."""
    return "-vs-".join(dict.fromkeys(run.config.training.data.name for run in pair.runs))


def run_slugs(pair: Pair) -> list[str]:
    """What tells its runs apart in the name of a file: their kinds, or their names if they are of one kind."""
    kinds = [run.config.model.kind for run in pair.runs]
    return kinds if len(set(kinds)) == len(kinds) else [run.name for run in pair.runs]


def offer_numbers(name: str, csv: str, json: str) -> None:
    """Offers the same numbers as two files."""
    with st.container(horizontal=True):
        for label, content, kind in (("CSV", csv, "text/csv"), ("JSON", json, "application/json")):
            file = f"{name}.{label.lower()}"
            st.download_button(label, content, file, kind, key=file, on_click="ignore")


def offer_picture(label: str, picture: bytes, file: str) -> None:
    """Offers the picture above as a PNG, pixel for pixel."""
    st.download_button(label, picture, file, "image/png", key=file, on_click="ignore")
