"""Measuring from the Compare page: a button for a run without a full card, and its progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    """Shows the progress of what is being measured, and a button that measures what else lacks a full card."""
    lacking = {run.name: missing for run in pair.runs if (missing := catalogue.missing(run))}
    waiting = []
    for run in pair.runs:
        if run.name in lacking and jobs.shared().measurements.is_on(run):
            done = len(catalogue.MEASURES) - len(lacking[run.name])
            words = text("compare.measuring", run=_title(run), done=done, count=len(catalogue.MEASURES))
            st.progress(done / len(catalogue.MEASURES), words)
        elif run.name in lacking:
            waiting.append(run)
    if waiting:
        _offer(waiting)


def _offer(runs: Sequence[Run]) -> None:
    """One sentence on all runs without a full card, with one button; the commands where they aren't the user's."""
    measurements = jobs.shared().measurements
    for failure in filter(None, map(measurements.failure, runs)):
        show_error(failure)
    titles = text("compare.list").join(map(_title, runs))
    own = [run for run in runs if may_change(run, owners.owner())]
    if not own:
        commands = text("compare.list").join(literal(command_line("evaluate", run.folder)) for run in runs)
        st.info(text("compare.no_card_command", runs=titles, commands=commands))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="measuring"):
        st.info(text("compare.no_card", runs=titles))
        if st.button(text("compare.measure"), key="measure"):
            with user_errors():
                for run in own:
                    measurements.start(run, owners.owner())
                st.rerun()


def _title(run: Run) -> str:
    return literal(run.read_title())


def _is_on(pair: Pair) -> bool:
    return any(jobs.shared().measurements.is_on(run) for run in pair.runs)
