"""Downloads: numbers and pictures that a page shows, as files."""

from __future__ import annotations

import streamlit as st


def offer_numbers(name: str, csv: str, json: str) -> None:
    """Offers the same numbers as two files."""
    with st.container(horizontal=True):
        for label, content, kind in (("CSV", csv, "text/csv"), ("JSON", json, "application/json")):
            file = f"{name}.{label.lower()}"
            st.download_button(label, content, file, kind, key=file, on_click="ignore")


def offer_picture(label: str, picture: bytes, file: str) -> None:
    """Offers the picture above as a PNG, pixel for pixel."""
    st.download_button(label, picture, file, "image/png", key=file, on_click="ignore")
