"""The Runs page: all runs, shipped and the user's own, with their actions, and the import of a zip."""

from __future__ import annotations

import streamlit as st

from halfmoon.parts.errors import user_errors
from halfmoon.runs import notice, shelf
from halfmoon.texts import text

st.markdown(text("runs.intro"))
notice.show()
choice, beside = shelf.choose()
names: list[str] = []
with user_errors():
    runs, broken = shelf.own_runs()
    st.header(text("runs.own"), anchor=False)
    names += shelf.show_own(runs, choice)
    for at, damaged in enumerate(broken):
        shelf.show_broken(damaged, at)
    if not runs and not broken:
        st.caption(text("runs.none"))
    shelf.keep_up(runs)
shelf.upload()
st.header(text("runs.shipped"), anchor=False)
names += shelf.show_shipped(shelf.shipped(), choice)
with beside:
    shelf.offer_comparison(names)
