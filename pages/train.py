"""The Train page: stories to start, a form, and the live view of trainings with steering and snapshots."""

from __future__ import annotations

import streamlit as st

from halfmoon.jobs import jobs
from halfmoon.parts.errors import user_errors
from halfmoon.server import owners
from halfmoon.texts import text
from halfmoon.train import following, form, stories

names = following.followed()
if names:
    with st.container(key="followed"):
        if following.show_head(names):
            form.show_again()
            st.rerun()
    with user_errors():
        following.show_live(names)
    st.stop()

settings = form.settled()
st.markdown(text("train.intro"))
for job in jobs.shared().queue.jobs_of(owners.owner()) if owners.owner() else []:
    if st.button(following.invitation(job), key=f"follow-{job.names[0]}", type="primary"):
        following.follow(job.names)
        st.rerun()
if stories.show_cards(settings):
    form.start(form.settled())
form.offer_data(settings)
with st.expander(text("train.own"), key=form.OPEN_KEY, on_change="rerun"):
    form.show_form(settings)
    is_story = form.chosen_preset(settings) is not None  # whose start is the chief one
    if st.button(
        text("train.start"), type="secondary" if is_story else "primary", icon=":material/play_arrow:", key="start"
    ):
        form.start(form.settled())
form.write(form.settled())
