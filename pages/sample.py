"""Sheets of a hundred images that an AE and a VAE draw of the same random codes, each linked to its place."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from halfmoon.components import sample_sheet
from halfmoon.parts.choosing import choose_pair
from halfmoon.parts.errors import user_errors
from halfmoon.parts.fields import number_field
from halfmoon.parts.pairs import not_shown
from halfmoon.sample import sheets as sampling
from halfmoon.sample.sheets import Choice
from halfmoon.texts import text
from vae_core.comparison import Pair

SHEETS_KEY, SEED_KEY = "sample-sheets", "sample-seed"


def controls(pair: Pair, choice: Choice) -> None:
    """What codes are drawn; what is changed is in the URL before the page runs again."""

    def put(name: str, value: object) -> dict[str, object]:
        key = f"sample-{name}"
        st.session_state[key] = value
        return {
            "key": key,
            "on_change": lambda: sampling.remember(
                pair.name, replace(choice, tile=None, **{name: st.session_state[key]})
            ),
        }

    with st.container(key="sample-controls", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            text("sample.source"),
            list(sampling.SOURCES),
            format_func=lambda name: text(f"sample.sources.{name}"),
            required=True,
            **put("source", choice.source),
        )
        st.slider(
            text("sample.temperature"),
            0.0,
            sampling.MOST_TEMPERATURE,
            step=0.05,
            width=260,
            help=text("sample.temperature_help"),
            **put("temperature", choice.temperature),
        )
        seed_field(pair, choice)
        if sampling.has_raw(pair) and choice.source == "prior":
            st.toggle(text("sample.raw"), help=text("sample.raw_help"), **put("raw", choice.raw))


def seed_field(pair: Pair, choice: Choice) -> None:
    """The seed; one that can't be used stays in the field, and the sheets are those of the one before."""

    def use() -> None:
        if sampling.SEEDS.allow(seed := st.session_state[SEED_KEY]):
            sampling.remember(pair.name, replace(choice, tile=None, seed=int(seed)))

    if sampling.SEEDS.allow(st.session_state.get(SEED_KEY, choice.seed)):
        st.session_state[SEED_KEY] = float(choice.seed)
    with st.container(width=180, gap=None):
        number_field(text("sample.seed"), SEED_KEY, sampling.SEEDS, on_change=use)


@st.fragment
@user_errors()
def sample(pair: Pair) -> None:
    """The controls, the sheets beside their planes, and what can be taken along."""
    choice, _ = sampling.choice_in(st.query_params)
    controls(pair, choice)
    with st.container(key="sample-line"):
        line = st.empty()
    with line, st.spinner(text("sample.drawing")):  # the first sheet waits for torch
        sheets = [sampling.sheet_of(run, choice) for run in pair.runs]
    sample_sheet.mount(
        SHEETS_KEY,
        panels=sampling.panels(sheets),
        side=sampling.SIDE,
        colours=sampling.colours(pair),
        tile=choice.tile,
        hint=text("sample.hint"),
        on_tile=lambda: sampling.remember(pair.name, replace(choice, tile=sample_sheet.reported(SHEETS_KEY))),
    )
    if certainties := sampling.certainties(sheets):
        st.caption(certainties)
    for sheet, column in zip(sheets, st.columns(len(sheets)), strict=True):
        with column:
            take_along(sheet, choice)


def take_along(sheet: sampling.Sheet, choice: Choice) -> None:
    """The sheet as a picture, its codes as numbers, and the way to a pinned place on the plane."""
    name, kind = sheet.run.name, sheet.run.config.model.kind
    with st.container(key=f"take-{kind}", horizontal=True, vertical_alignment="center"):
        for label, content, file in (
            (text("sample.download_sheet", kind=sheet.kind), sampling.png(sheet), f"{name}-sheet.png"),
            (text("sample.download_codes", kind=sheet.kind), sampling.npz(sheet), f"{name}-codes.npz"),
        ):
            st.download_button(label, content, file, on_click="ignore", key=f"{file[-3:]}-{kind}")
        if choice.tile is not None:
            query = sampling.place_query(sheet, choice.tile)
            st.page_link("../pages/plane.py", label=text("sample.look", kind=sheet.kind), query_params=query)


pair, title = choose_pair(sampling.remember_run, lambda _: text("sample.intro"))
_, warning = sampling.choice_in(st.query_params)
if warning:
    st.warning(warning)
if pair.run(st.query_params.get("run", pair.name)) is None:
    st.warning(not_shown(st.query_params["run"], title))
sample(pair)
