"""The shelf of runs: the actions on each run, and the import of further ones."""

from __future__ import annotations

import streamlit as st

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.components import mounting
from halfmoon.jobs import jobs, worker
from halfmoon.jobs.jobs import Standing
from halfmoon.jobs.listing import Broken, Listed, Listing, delete_broken, everything
from halfmoon.parts.errors import user_errors
from halfmoon.parts.fields import Limits, number_field
from halfmoon.server import owners
from halfmoon.server.owners import may_change
from halfmoon.texts import literal, text
from halfmoon.texts.sentences import told
from halfmoon.train import following
from halfmoon.train.choice import Choice
from halfmoon.train.routes import archive_path
from vae_core.errors import NotAllowedError, needed
from vae_core.places import SHIPPED
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs
from vae_core.runs.status import Status

UPLOAD_KEY = "upload"
MAX_UPLOAD_MEGABYTES = 200
POLL_SECONDS = 2.0
USUAL_STEPS, STEPS = 1000.0, Limits(1, 1_000_000, is_whole=True)  # to train further at once


def mine() -> Listing:
    """The users' runs, the newest first, and the broken ones."""
    return everything(jobs.shared(), owners.owner())


def keep_up(shown: list[Listed]) -> None:
    """Redraws the page when one of these runs changes its status, or another one appears."""
    if not all(one.standing.status.has_ended for one in shown):
        _look_again(_standings(shown))


def shipped() -> list[Run]:
    """The shipped runs."""
    return list(list_runs(SHIPPED))


def show_run(one: Listed) -> None:
    """Draws one run of the users with all its actions."""
    with st.container(border=True, key=f"run-{one.name}"):
        words, actions = st.columns([0.45, 0.55], vertical_alignment="center")
        with words:
            st.markdown(f"**{literal(one.title)}** · {_standing(one)}")
            st.caption(following.run_line(one.model, one.training, one.run))
            for reason in _reasons(one.standing):
                st.caption(reason)
            if one.damage:
                st.caption(f"{text('runs.damage')} {literal(one.damage)}")
        with actions, st.container(horizontal=True):
            _actions(one)


def show_broken(one: Broken, at: int) -> None:
    """Draws a run that can't be read, in its place of the list: the reason, and its deletion for its owner."""
    with st.container(border=True, key=f"broken-{at}"):
        words, actions = st.columns([0.45, 0.55], vertical_alignment="center")
        with words:
            st.markdown(f"**{literal(one.name)}** · {text('runs.broken')}")
            st.caption(f"{text('runs.damage')} {literal(one.reason)}")
        with actions:
            if not one.may_delete:
                st.caption(text("runs.nobodys"))
                return
            with st.popover(text("runs.delete"), key=f"delete-broken-{at}"):  # asked twice
                st.markdown(text("runs.delete_sure", run=literal(one.name)))
                if st.button(text("runs.delete_yes"), type="primary", key=f"do-delete-broken-{at}"):
                    with user_errors():
                        delete_broken(one, owners.owner())
                        st.rerun()


def show_shipped(run: Run) -> None:
    """Draws one shipped run: a link to its plane, and a download."""
    with st.container(border=True, key=f"run-{run.name}"):
        words, actions = st.columns([0.45, 0.55], vertical_alignment="center")
        with words:
            st.markdown(f"**{literal(run.name)}**")
            st.caption(following.run_line(run.config.model, run.config.training, run))
        with actions, st.container(horizontal=True):
            _look(run)
            _download(run.name)


def _actions(one: Listed) -> None:
    is_whole = one.run is not None and one.run.is_trained
    may_look = one.is_viewable and (is_whole or one.may_control)  # to make it ready is to write into it
    if may_look:
        _look(needed(one.run))
    if st.button(text("runs.follow"), key=f"follow-{one.name}"):
        address.go("train", Choice((one.name,)))
    if is_whole:
        _download(one.name)
    elif may_look and st.button(text("runs.ready_download"), key=f"ready-{one.name}"):
        with user_errors():
            _make_ready(needed(one.run))
            st.rerun()
    if not one.may_control:
        return
    if one.is_resumable and st.button(text("runs.resume"), key=f"resume-{one.name}"):
        with user_errors():
            jobs.shared().resume([needed(one.run)], owners.owner(), owners.network_address())
            address.go("train", Choice((one.name,)))
    if _can_go_further(one):
        with st.popover(text("runs.further"), key=f"further-{one.name}"):
            steps = number_field(text("runs.steps"), f"steps-{one.name}", STEPS, step=100.0, value=USUAL_STEPS)
            if st.button(text("runs.further"), key=f"do-further-{one.name}") and steps is not None:
                with user_errors():
                    jobs.shared().extend(needed(one.run), int(steps), owners.owner(), owners.network_address())
                    address.go("train", Choice((one.name,)))
    if one.run is not None:
        _rename(one)
    if one.standing.status.is_live:  # nothing to delete while somebody writes it
        return
    with st.popover(text("runs.delete"), key=f"delete-{one.name}"):  # asked twice
        st.markdown(text("runs.delete_sure", run=literal(one.title)))
        if st.button(text("runs.delete_yes"), type="primary", key=f"do-delete-{one.name}"):
            with user_errors():
                jobs.shared().delete(one.name, owners.owner())
                st.rerun()


def _rename(one: Listed) -> None:
    with st.popover(text("runs.rename"), key=f"rename-{one.name}"):
        title = st.text_input(text("runs.title"), one.title, max_chars=120, key=f"title-{one.name}")
        if st.button(text("runs.rename"), key=f"do-rename-{one.name}"):
            with user_errors():
                jobs.shared().rename(one.name, title, owners.owner())
                st.rerun()


def upload() -> None:
    """Imports a run from a zip."""
    given = st.file_uploader(
        text("runs.upload", megabytes=MAX_UPLOAD_MEGABYTES),
        type="zip",
        key=UPLOAD_KEY,
        max_upload_size=MAX_UPLOAD_MEGABYTES,
    )
    if given is None or st.session_state.get("uploaded") == given.file_id:
        return
    with user_errors(), st.spinner(text("runs.unpacking")):
        st.session_state["uploaded"] = given.file_id  # a rerun of the page is no second upload
        run = jobs.shared().bring_in(given.getvalue(), owners.owner())
        st.session_state["unpacked"] = run.name
        st.rerun()


def say_what_came() -> None:
    """A line about the run that was just imported."""
    if (name := st.session_state.pop("unpacked", None)) is not None:
        st.success(text("runs.unpacked", run=literal(name)))


@st.fragment(run_every=POLL_SECONDS)
def _look_again(before: dict[str, Standing]) -> None:
    if _standings(mine().runs) != before:
        st.rerun()


def _standings(runs: list[Listed]) -> dict[str, Standing]:
    return {one.name: one.standing for one in runs}


def _can_go_further(one: Listed) -> bool:
    return one.standing.status is Status.FINISHED and one.run is not None and one.run.state_file.exists()


def _standing(one: Listed) -> str:
    words, place = text(f"runs.status.{one.standing.status}"), one.standing.place
    return f"{words} ({text('runs.place', place=place)})" if place else words


def _reasons(standing: Standing) -> list[str]:
    """The reasons for the run's status, if there are any."""
    if standing.waits_for is not None:
        key = "waits_for_paused" if standing.waits_for.is_paused else "waits_for"
        return [text(f"runs.{key}", run=literal(standing.waits_for.name))]
    if standing.message is not None:
        key = "failed_reason" if standing.status is Status.FAILED else "reason"
        return [f"{text(f'runs.{key}')} {literal(told(standing.message))}"]
    return []


def _look(run: Run) -> None:
    if st.button(text("runs.look"), key=f"look-{run.name}"):
        with user_errors():
            _make_ready(run)
            address.go("plane", RunChoice(run.name))


def _make_ready(run: Run) -> None:
    """Completes a run of this browser's owner, or of nobody. Raises UserError if it is another's, or can't be."""
    if not run.is_trained and not may_change(run, owners.owner()):
        raise NotAllowedError(run.name)
    with st.spinner(text("runs.readying")):
        worker.make_ready(run)


def _download(name: str) -> None:
    st.link_button(text("runs.download"), f"{mounting.base_path()}/{archive_path(name)}")
