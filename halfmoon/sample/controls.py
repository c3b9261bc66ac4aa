"""The controls of the Sample page: choice of the codes, downloads, and links of a sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from halfmoon import address
from halfmoon.parts.fields import number_field
from halfmoon.sample import sheets
from halfmoon.sample.choice import MAX_TEMPERATURE, SEEDS, SOURCES, Choice
from halfmoon.sample.sheets import Sheet
from halfmoon.texts import text
from vae_core.comparison import Pair

SEED_KEY = "sample-seed"


def choose(pair: Pair, choice: Choice) -> None:
    """Draws the choice of the codes; changes are in the URL before the page runs again."""
    with st.container(key="sample-controls", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            text("sample.source"),
            list(SOURCES),
            format_func=lambda name: text(f"sample.sources.{name}"),
            required=True,
            help=text("sample.source_help"),
            **_of(choice, "source"),
        )
        st.slider(
            text("sample.temperature"),
            0.0,
            MAX_TEMPERATURE,
            step=0.05,
            width=260,
            help=text("sample.temperature_help"),
            **_of(choice, "temperature"),
        )
        _seed_field(choice)
        if sheets.has_raw(pair) and choice.source == "prior":
            st.toggle(text("sample.raw"), help=text("sample.raw_help"), **_of(choice, "raw"))


def offer(sheet: Sheet, choice: Choice) -> None:
    """Offers the sheet as a picture, its codes as numbers, and the link to a pinned place on the plane."""
    kind = sheet.run.config.model.kind
    name = sheets.name_of(sheet, kind, *choice.details)
    with st.container(key=f"take-{kind}", horizontal=True, vertical_alignment="center"):
        for label, content, file in (
            (text("sample.download_sheet", kind=sheet.kind), sheets.png(sheet), f"{name}.png"),
            (text("sample.download_codes", kind=sheet.kind), sheets.npz(sheet), f"{name}.npz"),
        ):
            st.download_button(label, content, file, on_click="ignore", key=f"{file[-3:]}-{kind}")
        if choice.tile is not None:
            address.link("plane", sheets.place_of(sheet, choice.tile), text("sample.look", kind=sheet.kind))


def _of(choice: Choice, name: str) -> dict[str, Any]:
    """The arguments that bind a widget to one part of the choice."""
    key = f"sample-{name}"
    st.session_state[key] = getattr(choice, name)
    return {
        "key": key,
        "on_change": lambda: address.write(replace(choice, tile=None, **{name: st.session_state[key]})),
    }


def _seed_field(choice: Choice) -> None:
    """Draws the seed; an invalid one stays in the field, and the sheets keep the previous one."""

    def use() -> None:
        if SEEDS.allow(seed := st.session_state[SEED_KEY]):
            address.write(replace(choice, tile=None, seed=int(seed)))

    if SEEDS.allow(st.session_state.get(SEED_KEY, choice.seed)):
        st.session_state[SEED_KEY] = float(choice.seed)
    with st.container(width=180, gap=None):
        number_field(text("sample.seed"), SEED_KEY, SEEDS, on_change=use)
