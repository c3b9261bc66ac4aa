"""The runs that a browser follows: what the URL names, how they are shown, and what can be asked of them there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from halfmoon import address
from halfmoon.components import live
from halfmoon.jobs import jobs
from halfmoon.jobs.listing import listing
from halfmoon.parts.errors import user_errors
from halfmoon.parts.palette import point_classes, run_colours
from halfmoon.parts.titles import data_title, kind_title
from halfmoon.server import owners
from halfmoon.texts import literal, table, text, text_or
from halfmoon.texts.language import language
from halfmoon.train.choice import Choice
from vae_core.configs import ModelConfig, TrainingConfig
from vae_core.errors import NoSuchRunError, UserError
from vae_core.kinds import KINDS
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run
from vae_core.runs.status import Status
from vae_core.training.in_force import changes

LIVE_KEY = "live"


def follow(names: Sequence[str]) -> None:
    """The URL names these runs, and the page shows them."""
    address.write(Choice(tuple(names)))


def followed() -> tuple[str, ...]:
    """The names of the runs that the URL asks to follow."""
    return Choice.from_query(address.query()).runs


def show_live(names: Sequence[str]) -> None:
    """The runs as they train, or as they were."""
    shared = jobs.shared()
    listed = {one.name: one for one in listing(shared, owners.owner())}
    shown = []
    for name in names:
        run = find_run(name)
        one = listed.get(name)
        if one is not None:
            shown.append((name, one.title, one.model, one.training, one.may_control))
        elif run is not None:
            shown.append((name, run.read_title(), run.config.model, run.config.training, False))
        else:
            st.warning(text("train.gone", run=literal(name)))
    if not shown:
        return
    colours = run_colours([model for _, _, model, *_ in shown])
    latest = [job for name in names if (job := shared.queue.job_of(name))]
    turns = sum(worker.begun + job.is_waiting for job in latest for worker in job.workers)
    live.mount(
        LIVE_KEY,
        runs=[_live_run(*one, colour) for one, colour in zip(shown, colours, strict=True)],
        language=language(),
        texts=table("live") | {f"status_{status}": text(f"runs.status.{status}") for status in Status},
        on_ask=_do_what_was_asked,
        turn=int(turns * 1000),
    )


def _live_run(
    name: str, title: str, model: ModelConfig, training: TrainingConfig, may_control: bool, colour: str
) -> live.LiveRun:
    return live.LiveRun(
        name=name,
        title=title,
        kind_title=kind_title(model),
        colour=colour,
        has_posterior=model.has_posterior,
        terms={name: text_or(f"term.{name}", name) for name in KINDS[model.kind].curves(training)},
        latent_dim=model.latent_dim,
        steps=training.steps or 0,
        beta=training.beta,
        learning_rate=training.learning_rate,
        extensions=[(one.from_step, one.learning_rate) for one in training.extensions],
        seed=training.seed,
        classes=point_classes(training.data),
        may_control=may_control,
    )


def _do_what_was_asked() -> None:
    """A new run from a kept moment, or the followed runs once more; what trains then is followed."""
    with user_errors():
        wish = live.asked(LIVE_KEY)
        if wish.branch is not None:
            branch(wish.branch)
        elif wish.resume:
            resume(followed())


def branch(wish: live.Branch) -> None:
    """A new run, which is followed, begins with this kept moment and what was in force there but for the changes.

    Raises UserError where it can't begin.
    """
    source = find_run(wish.run)
    if source is None:
        raise NoSuchRunError
    changed = wish.changes.model_dump(exclude_none=True)
    follow(jobs.shared().branch(source, wish.step, changed, owners.owner(), address=owners.network_address()).names)


def resume(names: Sequence[str]) -> None:
    """Those of the runs that were ended early go on, side by side. Raises UserError where they can't."""
    runs = [run for name in names if (run := find_run(name)) and run.can_be_resumed()]
    if runs:
        jobs.shared().resume(runs, owners.owner(), owners.network_address())


def run_line(model: ModelConfig, training: TrainingConfig, run: Run | None = None) -> str:
    """What a run is, in a line; of a `run` that has begun also which β it ended with, or has now."""
    betas = [training.beta, *([] if run is None else _later_betas(run))]
    return text(
        "runs.line" if "beta" in KINDS[model.kind].weights else "runs.line_without_kl",
        kind=kind_title(model),
        data=data_title(training.data),
        dims=model.latent_dim,
        network=text(f"train.networks.{model.decoder.network}"),
        beta=" → ".join(f"{beta:g}" for beta in dict.fromkeys((betas[0], betas[-1]))),
    )


def _later_betas(run: Run) -> list[float]:
    """What β became while the run was trained; where its records are broken, nobody knows."""
    with suppress(UserError):
        return [change.values["beta"] for change in changes(run) if "beta" in change.values]
    return []
