"""The Train page: a form, and the live view of trainings with steering and snapshots."""

from __future__ import annotations

import streamlit as st

from halfmoon.jobs import jobs
from halfmoon.parts.errors import user_errors
from halfmoon.server import owners
from halfmoon.texts import literal, text
from halfmoon.train import following, form

names = following.followed()
if names:
    with st.container(key="followed", horizontal=True):
        if st.button(text("train.another"), icon=":material/add:", key="another"):
            following.follow(())
            st.rerun()
    with user_errors():
        following.show_live(names)
    st.stop()

st.markdown(text("train.intro"))
running = [job for job in jobs.shared().queue.jobs_of(owners.owner()) if owners.owner()]
for job in running:
    if st.button(
        text("train.follow", runs=", ".join(map(literal, job.names))), key=f"follow-{job.names[0]}", type="primary"
    ):
        following.follow(job.names)
        st.rerun()
with user_errors():
    wanted = form.show_form()
    form.offer_data(wanted)
    if st.button(text("train.start"), type="primary", icon=":material/play_arrow:", key="start"):
        form.start(wanted)
