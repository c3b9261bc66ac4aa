"""The Sample page: sheets of a hundred images that an AE and a VAE decode from random codes."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from halfmoon import address
from halfmoon.components import sample_sheet
from halfmoon.parts.choosing import choose_pair, run_in
from halfmoon.parts.errors import user_errors
from halfmoon.sample import choice, controls, sheets
from halfmoon.texts import text
from vae_core.comparison import Pair

SHEETS_KEY = "sample-sheets"


@st.fragment
@user_errors()
def sample(pair: Pair) -> None:
    """The controls, the sheets beside their planes, and the downloads."""
    chosen = replace(choice.asked_for(address.query())[0], run=pair.name)
    controls.choose(pair, chosen)
    with st.container(key="sample-line"):
        line = st.empty()
    with line, st.spinner(text("sample.drawing")):  # the first sheet waits for torch
        drawn = [sheets.sheet_of(run, chosen) for run in pair.runs]
    sample_sheet.mount(
        SHEETS_KEY,
        panels=sheets.panels(drawn),
        side=sheets.SIDE,
        colours=sheets.colours(pair),
        tile=chosen.tile,
        texts={name: text(f"sample.{name}") for name in ("hint", "hint_tap", "sure", "unsure")},
        on_tile=lambda: address.write(replace(chosen, tile=sample_sheet.reported(SHEETS_KEY))),
    )
    if any(sheet.certainty is not None for sheet in drawn):
        st.caption(text("sample.judge_note"))
    for sheet, column in zip(drawn, st.columns(len(drawn)), strict=True):
        with column:
            controls.offer(sheet, chosen)


pair, title = choose_pair(lambda _: text("sample.intro"))
for warning in (choice.asked_for(address.query())[1], run_in(address.query(), pair, title)[1]):
    if warning:
        st.warning(warning)
sample(pair)
