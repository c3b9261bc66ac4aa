"""The followed runs of a browser: their live view, and the actions on them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from contextlib import suppress
from typing import NamedTuple

import streamlit as st

from halfmoon import address
from halfmoon.components import live
from halfmoon.jobs import jobs
from halfmoon.jobs.job import Job
from halfmoon.jobs.listing import listing
from halfmoon.jobs.standing import Standing
from halfmoon.parts.errors import user_errors
from halfmoon.parts.palette import point_classes, run_colours
from halfmoon.parts.titles import kind_title
from halfmoon.server import owners
from halfmoon.server.run_cache import damage
from halfmoon.texts import literal, paragraph, table, text, text_or
from halfmoon.texts.language import language
from halfmoon.train import outcome
from halfmoon.train.choice import MAX_FOLLOWED, Choice
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.errors import NoSuchRunError, UserError
from vae_core.kinds import KINDS
from vae_core.runs.shelf import find_run
from vae_core.runs.status import Status

LIVE_KEY = "live"


class _Shown(NamedTuple):
    """A run of the live view; `is_over` once it has ended and can't be resumed."""

    name: str
    title: str
    model: ModelConfig
    training: TrainingConfig
    may_control: bool
    is_over: bool


def follow(names: Sequence[str], preset: str = "") -> None:
    """Puts these runs into the URL, so that the page shows them, with the story that they were begun with."""
    address.write(Choice(tuple(names), preset))


def followed() -> tuple[str, ...]:
    """The names of the runs to follow, from the URL."""
    return Choice.from_query(address.query()).runs


def invitation(job: Job) -> str:
    """What the button says that leads to a job's live view."""
    runs = list(map(literal, job.names))
    both = text("train.follow_both", first=runs[0], second=runs[1]) if len(runs) == 2 else runs[0]
    return text("train.follow_waiting" if job.is_waiting else "train.follow", runs=both)


def show_head(names: Sequence[str]) -> bool:
    """Shows what is to be seen of these runs or, once all have ended, what came of them, and the ways on.

    Returns whether another training is asked for.
    """
    standings = {name: standing for name in names[:MAX_FOLLOWED] if (standing := _standing(name))}
    ended = all(standing.status.has_ended for standing in standings.values())
    runs = [run for name in standings if (run := find_run(name))] if ended else []
    preset = Choice.from_query(address.query()).preset
    prediction = text("train.dots")
    if preset:
        prediction = paragraph([text("train.will_see"), text(f"train.presets.{preset}.see")])
    st.markdown(outcome.sentence(runs) if ended else prediction)
    with st.container(key="ways", horizontal=True, vertical_alignment="center"):
        if whole := [run for run in runs if run.is_trained and damage(run) is None]:
            outcome.offer_ways(whole)
        return st.button(text("train.another"), icon=":material/add:", key="another")


def _standing(name: str) -> Standing | None:
    with suppress(UserError):
        return jobs.shared().standing(name)
    return None


def show_live(names: Sequence[str]) -> None:
    """Shows the runs as they train, or as they were."""
    names, others = names[:MAX_FOLLOWED], names[MAX_FOLLOWED:]
    if others:
        st.caption(text("train.too_many", runs=", ".join(map(literal, others))))
    shared = jobs.shared()
    listed = {one.name: one for one in listing(shared, owners.owner())}
    shown = []
    for name in names:
        run = find_run(name)
        one = listed.get(name)
        if one is not None:
            is_over = one.standing.status.has_ended and not one.is_resumable
            shown.append(_Shown(name, one.title, one.model, one.training, one.may_control, is_over))
        elif run is not None:
            shown.append(_Shown(name, run.read_title(), run.config.model, run.config.training, False, True))
        else:
            st.warning(text("train.gone", run=literal(name)))
    if not shown:
        return
    colours = run_colours([one.model for one in shown])
    curves = {name for one in shown for name in KINDS[one.model.kind].curves(one.training)}
    latest = [job for name in names if (job := shared.queue.job_of(name))]
    turns = sum(worker.begun + job.is_waiting for job in latest for worker in job.workers)
    live.mount(
        LIVE_KEY,
        runs=[_live_run(one, colour, curves) for one, colour in zip(shown, colours, strict=True)],
        language=language(),
        texts=table("live")
        | {name: text(f"component.{name}") for name in ("legend", "legend_all", "legend_title")}
        | {f"status_{status}": text(f"runs.status.{status}") for status in Status},
        on_ask=_carry_out,
        turn=int(turns * 1000),
    )


def _live_run(shown: _Shown, colour: str, curves: Container[str]) -> live.LiveRun:
    model, training = shown.model, shown.training
    taken = KINDS[model.kind].taken(training)
    return live.LiveRun(
        name=shown.name,
        title=shown.title,
        kind_title=kind_title(model),
        colour=colour,
        has_posterior=model.has_posterior,
        terms={name: text_or(f"term.{name}", name) for name in taken if name in curves},
        latent_dim=model.latent_dim,
        steps=training.steps or 0,
        beta=training.beta,
        learning_rate=training.learning_rate,
        extensions=[(one.from_step, one.learning_rate) for one in training.extensions],
        seed=training.seed,
        classes=point_classes(training.data),
        may_control=shown.may_control,
        is_over=shown.is_over,
    )


def _carry_out() -> None:
    """Carries out a request of the live view: a branch, or a resumption; the training runs are followed."""
    with user_errors():
        request = live.requested(LIVE_KEY)
        if request.branch is not None:
            branch(request.branch)
        elif request.resume:
            resume(request.resume)


def branch(request: live.Branch) -> None:
    """Starts a new run from this snapshot with the settings in force there, but for the changes; it stands beside its
    source.

    Raises UserError where it can't begin.
    """
    source = find_run(request.run)
    if source is None:
        raise NoSuchRunError
    changed = request.changes.model_dump(exclude_none=True)
    job = jobs.shared().branch(source, request.step, changed, owners.owner(), address=owners.network_address())
    follow((source.name, *job.names))


def resume(names: Sequence[str]) -> None:
    """Resumes the interrupted ones of the runs, side by side. Raises UserError if they can't be."""
    runs = [run for name in names if (run := find_run(name)) and run.can_be_resumed()]
    if runs:
        jobs.shared().resume(runs, owners.owner(), owners.network_address())
