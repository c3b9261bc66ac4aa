"""The Runs page: all runs, shipped and the user's own, with their actions, and the import of a zip."""

from __future__ import annotations

import streamlit as st

from halfmoon.parts.errors import user_errors
from halfmoon.runs import shelf
from halfmoon.texts import text

st.markdown(text("runs.intro"))
shelf.say_what_came()
with user_errors():
    runs, broken = shelf.mine()
    for one in runs:
        shelf.show_run(one)
    for at, damaged in enumerate(broken):
        shelf.show_broken(damaged, at)
    if not runs and not broken:
        st.info(text("runs.none"))
    shelf.keep_up(runs)
shelf.upload()
with st.expander(text("runs.shipped")):
    for run in shelf.shipped():
        shelf.show_shipped(run)
