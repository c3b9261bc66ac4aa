"""What can be done with each run on the Runs page."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.components import mounting
from halfmoon.jobs import jobs, worker
from halfmoon.jobs.listing import Broken, Listed, delete_broken
from halfmoon.parts.errors import user_errors
from halfmoon.parts.fields import Limits, number_field
from halfmoon.runs import notice
from halfmoon.server import owners
from halfmoon.server.owners import may_change
from halfmoon.texts import text
from halfmoon.train.choice import Choice
from halfmoon.train.routes import archive_path
from vae_core.errors import NotAllowedError, needed
from vae_core.runs.run import Run
from vae_core.runs.status import Status

USUAL_STEPS, STEPS = 1000.0, Limits(1, 1_000_000, is_whole=True)  # to train further at once


def offer(one: Listed) -> None:
    """Draws the actions on one of the users' runs: to open its plane, and a menu of the others."""
    is_whole = one.run is not None and one.run.is_trained
    may_look = one.is_viewable and (is_whole or one.may_control)  # to make it ready is to write into it
    if may_look:
        look(needed(one.run))
    elif st.button(text("runs.follow"), key=f"follow-{one.name}"):
        address.go("train", Choice((one.name,)))
    if one.may_control and one.is_resumable and st.button(text("runs.resume"), key=f"resume-{one.name}"):
        with user_errors():
            jobs.shared().resume([needed(one.run)], owners.owner(), owners.network_address())
            address.go("train", Choice((one.name,)))
    if not (is_whole or may_look or one.may_control):
        return
    with _menu(one.name):
        if may_look and st.button(text("runs.follow"), key=f"follow-{one.name}"):
            address.go("train", Choice((one.name,)))
        if is_whole:
            download(one.name)
        elif may_look and st.button(text("runs.ready_download"), key=f"ready-{one.name}"):
            with user_errors():
                _make_ready(needed(one.run))
                st.rerun()
        if one.may_control:
            _offer_changes(one)


def offer_shipped(run: Run) -> None:
    """Draws the actions on a shipped run."""
    look(run)
    with _menu(run.name):
        download(run.name)


def offer_deletion(one: Broken, at: int) -> None:
    """Draws the deletion of a run that can't be read."""
    if not one.may_delete:
        st.caption(text("runs.nobodys"))
    elif st.button(text("runs.delete"), key=f"do-delete-broken-{at}"):
        with user_errors():
            delete_broken(jobs.shared(), one, owners.owner())
            notice.tell("deleted", one.name, one.name)
            st.rerun()


def look(run: Run) -> None:
    """Draws the button that opens the run's plane."""
    if st.button(text("runs.look"), key=f"look-{run.name}"):
        with user_errors():
            _make_ready(run)
            address.go("plane", RunChoice(run.name))


def download(name: str) -> None:
    """Draws the link to the run as a zip."""
    st.link_button(text("runs.download"), f"{mounting.base_path()}/{archive_path(name)}")


def _menu(name: str) -> DeltaGenerator:
    return st.popover(text("runs.more"), key=f"more-{name}")


def _offer_changes(one: Listed) -> None:
    if one.standing.status is Status.FINISHED and one.run is not None and one.run.state_file.exists():
        steps = number_field(text("runs.steps"), f"steps-{one.name}", STEPS, step=100.0, value=USUAL_STEPS)
        if st.button(text("runs.further"), key=f"do-further-{one.name}") and steps is not None:
            with user_errors():
                jobs.shared().extend(one.run, int(steps), owners.owner(), owners.network_address())
                address.go("train", Choice((one.name,)))
    if one.run is not None:
        title = st.text_input(text("runs.title"), one.title, max_chars=120, key=f"title-{one.name}")
        if st.button(text("runs.rename"), key=f"do-rename-{one.name}"):
            with user_errors():
                jobs.shared().rename(one.name, title, owners.owner())
                st.rerun()
    # There is nothing to delete while somebody writes it.
    if not one.standing.status.is_live and st.button(text("runs.delete"), key=f"do-delete-{one.name}"):
        with user_errors():
            jobs.shared().delete(one.name, owners.owner())
            if one.run is not None:  # one that waited has nothing that could come back
                notice.tell("deleted", one.name, one.title)
            st.rerun()


def _make_ready(run: Run) -> None:
    """Completes a run of this browser's owner, or of nobody. Raises UserError if it is another's, or can't be."""
    if not run.is_trained and not may_change(run, owners.owner()):
        raise NotAllowedError(run.name)
    with st.spinner(text("runs.readying")):
        worker.make_ready(run)
