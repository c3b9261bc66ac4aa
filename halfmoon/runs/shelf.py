"""The shelf of runs: a table that is searched, sorted and compared from, and the import of further runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.jobs import jobs
from halfmoon.jobs.listing import Broken, Listed, Listing, everything
from halfmoon.jobs.standing import Standing
from halfmoon.parts.errors import user_errors
from halfmoon.runs import actions, facts, notice, table
from halfmoon.runs.choice import ORDERS, Choice
from halfmoon.runs.facts import Facts
from halfmoon.server import owners
from halfmoon.texts import literal, text
from halfmoon.texts.sentences import told
from vae_core.places import SHIPPED
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs
from vae_core.runs.status import Status

UPLOAD_KEY = "upload"
FIND_KEY, SORT_KEY = "runs-find", "runs-sort"
MAX_UPLOAD_MEGABYTES = 200
POLL_SECONDS = 2.0
WIDTHS = [0.03, 0.77, 0.2]  # of the tick, the facts and the actions


def own_runs() -> Listing:
    """The users' runs, the newest first, and the broken ones."""
    return everything(jobs.shared(), owners.owner())


def keep_up(shown: list[Listed]) -> None:
    """Redraws the page when one of these runs changes its status, or another one appears."""
    if not all(one.standing.status.has_ended for one in shown):
        _look_again(_standings(shown))


def shipped() -> list[Run]:
    """The shipped runs."""
    return list(list_runs(SHIPPED))


def choose() -> tuple[Choice, DeltaGenerator]:
    """Draws what is searched for, and the order, both in the URL; gives them, and the room beside them."""
    asked = Choice.from_query(address.query())
    st.session_state[FIND_KEY], st.session_state[SORT_KEY] = asked.find, asked.sort

    def write() -> None:
        address.write(Choice(st.session_state[FIND_KEY].strip(), st.session_state[SORT_KEY]))

    find, sort, beside = st.columns([0.3, 0.2, 0.5], vertical_alignment="bottom")
    find.text_input(text("runs.find"), key=FIND_KEY, on_change=write, placeholder=text("runs.find_hint"))
    sort.selectbox(
        text("runs.sort"), list(ORDERS), key=SORT_KEY, on_change=write, format_func=lambda name: text(f"runs.by.{name}")
    )
    return asked, beside


def offer_comparison(names: list[str]) -> None:
    """Draws the button that compares the two runs that are ticked among these."""
    ticked = [name for name in names if st.session_state.get(_tick(name))]
    with st.container(key="runs-compare", horizontal=True, vertical_alignment="center"):
        if st.button(text("runs.compare"), key="compare-ticked", disabled=len(ticked) != 2):
            address.go("compare", RunChoice(*ticked))
        st.caption(text("runs.tick", count=len(ticked)))


def show_own(runs: list[Listed], choice: Choice) -> list[str]:
    """Draws the users' runs that are searched for; the names of those that can be compared."""
    rows = {one.name: (facts.of_listed(one), one) for one in runs}
    found = sorted((row for row, _ in rows.values() if choice.shows(row)), key=choice.key)
    _show_head(bool(found))
    for row in found:
        one = rows[row.name][1]
        status = None if one.standing.status is Status.FINISHED else _standing(one)
        with st.container(key=f"run-{one.name}"):
            _show_row(row, status, one.is_viewable, partial(actions.offer, one))
            for reason in _reasons(one):
                st.caption(reason)
    return [row.name for row in found if rows[row.name][1].is_viewable and rows[row.name][1].run is not None]


def show_shipped(runs: list[Run], choice: Choice) -> list[str]:
    """Draws the shipped runs that are searched for; their names."""
    by_name = {run.name: run for run in runs}
    found = sorted(filter(choice.shows, map(facts.of_shipped, runs)), key=choice.key)
    _show_head(bool(found))
    for row in found:
        run = by_name[row.name]
        with st.container(key=f"run-{row.name}"):
            _show_row(row, None, True, partial(actions.offer_shipped, run))
    return [row.name for row in found]


def show_broken(one: Broken, at: int) -> None:
    """Draws a run that can't be read: the reason, and its deletion for its owner."""
    with st.container(key=f"run-broken-{at}"):
        _, words, buttons = st.columns(WIDTHS, vertical_alignment="center")
        with words:
            st.markdown(f"**{literal(one.name)}** · {text('runs.broken')}")
            st.caption(f"{text('runs.damage')} {literal(one.reason)}")
        with buttons:
            actions.offer_deletion(one, at)


def upload() -> None:
    """Imports a run from a zip."""
    with st.container(key="runs-import"):
        st.html(f"<style>:root {{ --hm-choose-file: '{text('runs.choose_file')}'; }}</style>")
        given = st.file_uploader(
            text("runs.upload", megabytes=MAX_UPLOAD_MEGABYTES),
            type="zip",
            key=f"{UPLOAD_KEY}-{st.session_state.get(UPLOAD_KEY, 0)}",
            max_upload_size=MAX_UPLOAD_MEGABYTES,
        )
    if given is None or st.session_state.get("uploaded") == given.file_id:
        return
    with user_errors(), st.spinner(text("runs.unpacking")):
        st.session_state["uploaded"] = given.file_id  # a rerun of the page is no second upload
        run = jobs.shared().bring_in(given.getvalue(), owners.owner())
        st.session_state[UPLOAD_KEY] = st.session_state.get(UPLOAD_KEY, 0) + 1  # the box is empty again
        notice.tell("imported", run.name, run.read_title())
        st.rerun()


@st.fragment(run_every=POLL_SECONDS)
def _look_again(before: dict[str, Standing]) -> None:
    if _standings(own_runs().runs) != before:
        st.rerun()


def _show_head(is_needed: bool) -> None:
    if is_needed:
        _, words, _ = st.columns(WIDTHS)
        words.html(table.head())


def _show_row(row: Facts, status: str | None, is_viewable: bool, offer: Callable[[], None]) -> None:
    tick, words, buttons = st.columns(WIDTHS, vertical_alignment="center")
    label = text("runs.tick_one", run=literal(row.title))
    tick.checkbox(label, key=_tick(row.name), label_visibility="collapsed", disabled=not is_viewable or row.run is None)
    words.html(table.row(row, status, is_viewable))
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        offer()


def _tick(name: str) -> str:
    return f"tick-{name}"


def _standings(runs: list[Listed]) -> dict[str, Standing]:
    return {one.name: one.standing for one in runs}


def _standing(one: Listed) -> str:
    words, place = text(f"runs.status.{one.standing.status}"), one.standing.place
    return f"{words} ({text('runs.place', place=place)})" if place else words


def _reasons(one: Listed) -> list[str]:
    """The reasons for the run's status, and what of it is damaged, if anything."""
    standing, said = one.standing, []
    if standing.waits_for is not None:
        key = "waits_for_paused" if standing.waits_for.is_paused else "waits_for"
        said.append(text(f"runs.{key}", run=literal(standing.waits_for.name)))
    elif standing.message is not None:
        key = "failed_reason" if standing.status is Status.FAILED else "reason"
        said.append(f"{text(f'runs.{key}')} {literal(told(standing.message))}")
    if one.damage:
        said.append(f"{text('runs.damage')} {literal(one.damage)}")
    return said
