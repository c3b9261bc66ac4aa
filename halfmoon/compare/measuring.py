"""Measuring from the Compare page: a button for a run without a full card, and its progress."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from halfmoon.jobs import jobs
from halfmoon.parts.errors import show_error, user_errors
from halfmoon.server import owners
from halfmoon.server.owners import may_change
from halfmoon.texts import literal, text
from vae_core.commands.options import command_line
from vae_core.comparison import Pair
from vae_core.measures import catalogue
from vae_core.runs.run import Run

POLL_SECONDS = 1.0


def keep_drawing(draw: Callable[[Pair], None], pair: Pair) -> None:
    """Draws the pair, and redraws it while one of its runs is being measured."""
    is_on = _is_on(pair)

    def look() -> None:
        draw(pair)
        if is_on and not _is_on(pair):
            st.rerun()  # and there it is drawn once

    st.fragment(look, run_every=POLL_SECONDS if is_on else None)()


def offer(pair: Pair) -> None:
    """Shows, for each run without a full card, the progress of its measurement or a button that starts it."""
    for run in pair.runs:
        if not (missing := catalogue.missing(run)):
            continue
        if jobs.shared().measurements.is_on(run):
            done = len(catalogue.MEASURES) - len(missing)
            words = text("compare.measuring", run=literal(run.name), done=done, count=len(catalogue.MEASURES))
            st.progress(done / len(catalogue.MEASURES), words)
        else:
            _offer(run)


def _offer(run: Run) -> None:
    measurements = jobs.shared().measurements
    if failure := measurements.failure(run):
        show_error(failure)
    command = literal(command_line("evaluate", run.folder))
    st.info(text("compare.no_card", run=literal(run.name), command=command))
    if may_change(run, owners.owner()) and st.button(
        text("compare.measure", run=literal(run.name)), key=f"measure-{run.name}"
    ):
        with user_errors():
            measurements.start(run, owners.owner())
            st.rerun()


def _is_on(pair: Pair) -> bool:
    return any(jobs.shared().measurements.is_on(run) for run in pair.runs)
