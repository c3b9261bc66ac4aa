"""The end of trainings that were followed: their outcome in a sentence, and the ways on from them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import streamlit as st

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.parts.numbers import NEAR_ZERO, fixed, significant
from halfmoon.parts.titles import kind_title
from halfmoon.texts import paragraph, text
from vae_core.configs import RunConfig
from vae_core.errors import UserError
from vae_core.places import SHIPPED
from vae_core.runs.records import Record
from vae_core.runs.run import Run
from vae_core.runs.shelf import list_runs

COLLAPSED_KL = 0.05  # nats per image, of the whole code
ALIKE = 0.5  # nats per image, by which two reconstructions are not told apart
NO_NATS = 0.005  # per image: less is next to none
HOLES = "prior_hole_share"


class Ended(NamedTuple):
    """A run that has ended, as it is called beside the others, with the last record of its loss."""

    run: Run
    title: str
    loss: Record

    @property
    def reconstruction(self) -> float:
        return float(self.loss["reconstruction" if "reconstruction" in self.loss else "total"])

    @property
    def kl(self) -> float | None:
        """The KL in nats; None for codes that are points."""
        return self.loss.get("kl") if self.run.config.model.has_posterior else None


def sentence(runs: Sequence[Run]) -> str:
    """What came of the runs, from their records and, where they were measured, their cards; "" if nothing is known."""
    ended = [
        Ended(run, title, loss) for run, title in zip(runs, _titles(runs), strict=True) if (loss := _last_loss(run))
    ]
    if not ended:
        return ""
    losses = text("train.outcome.and").join(map(_loss, ended))
    said = [text("train.outcome.loss", time=_time(max(one.loss["seconds"] for one in ended)), losses=losses)]
    if len(ended) == 2 and len({one.run.config.training.data for one in ended}) == 1:
        said.append(_comparison(*ended))
    collapsed = [one for one in ended if one.kl is not None and one.kl < COLLAPSED_KL]
    said += [text("train.outcome.collapsed", title=one.title) for one in collapsed]
    said += [text("train.outcome.empty", title=one.title, share=share) for one in ended if (share := _holes(one.run))]
    return paragraph(said)


def offer_ways(runs: Sequence[Run]) -> None:
    """Draws the ways on from runs that have ended, the chief one to their planes."""
    last = runs[-1]
    label = text("train.outcome.planes" if len(runs) > 1 else "train.outcome.plane")
    if st.button(label, type="primary", key="look", icon=":material/scatter_plot:"):
        address.go("plane", RunChoice(last.name))
    if len(runs) > 1:
        address.link("compare", RunChoice(runs[0].name, runs[1].name), text("train.outcome.compare"))
    if (shipped := _shipped_like(last)) is not None:
        label = text("train.outcome.compare_shipped", kind=kind_title(last.config.model))
        address.link("compare", RunChoice(last.name, shipped.name), label)


def _titles(runs: Sequence[Run]) -> list[str]:
    """The kind of each run, or its title where the kinds are the same."""
    kinds = [kind_title(run.config.model) for run in runs]
    return kinds if len({*kinds}) == len(kinds) else [run.read_title() for run in runs]


def _loss(one: Ended) -> str:
    total = _nats(one.loss["total"])
    if one.kl is None:
        return text("train.outcome.run", title=one.title, total=total)
    return text("train.outcome.run_with_kl", title=one.title, total=total, kl=_nats(one.kl))


def _comparison(one: Ended, other: Ended) -> str:
    better, worse = sorted((one, other), key=lambda ended: ended.reconstruction)
    difference = worse.reconstruction - better.reconstruction
    if difference < ALIKE:
        return text("train.outcome.alike")
    return text("train.outcome.better", title=better.title, difference=_nats(difference))


def _last_loss(run: Run) -> Record | None:
    """The last losses in the run's records; None without any, and where they can't be read."""
    with suppress(UserError):
        return run.records.last_losses()
    return None


def _holes(run: Run) -> str | None:
    """How many of 100 cells of the prior are all but empty, if that was measured."""
    with suppress(UserError):
        card = run.read_card()
        if card is not None and (measure := card.measures.get(HOLES)) is not None and measure.value is not None:
            return fixed(100 * measure.number, 0)
    return None


def _shipped_like(run: Run) -> Run | None:
    """The shipped run of the same kind on the same images with as many dimensions, unless it is this very one."""
    for shipped in list_runs(SHIPPED):
        if shipped.name != run.name and _alike(shipped.config) == _alike(run.config):
            return shipped
    return None


def _alike(config: RunConfig) -> tuple[Any, ...]:
    """What two runs have in common that are compared: the kind, the dimensions and the images."""
    model, data = config.model, config.training.data
    return model.kind, model.latent_dim, data.name, data.phases


def _nats(value: float) -> str:
    return NEAR_ZERO if abs(value) < NO_NATS else significant(value)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
