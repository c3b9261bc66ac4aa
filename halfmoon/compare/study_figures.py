"""Figures of the studies: the generalisation gap over the training images, and the price of smoothness."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from halfmoon.compare.study_tables import Sizes
from halfmoon.parts.numbers import plain
from halfmoon.parts.palette import KIND_COLOURS
from halfmoon.texts import text
from vae_core.measures.catalogue import MEASURES
from vae_core.runs.cards import Measure
from vae_core.studies import KINDS, Studied

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 340  # pixels
TICKS = [figure * 10**power for power in (-3, -2, -1, 0, 1) for figure in (1, 2, 5)]  # where there are decades
LABELS = ("top left", "bottom right")  # of the points in turn, beside the curve on which they lie
ROOM = 0.2  # of the reach of the points, for the labels at both ends
_MARGIN = {"l": 10, "r": 10, "t": 10, "b": 10}


def gaps(sizes: Sizes) -> Figure:
    """The generalisation gap of the AE and the VAE over the number of training images, with 95 % intervals."""
    from plotly import graph_objects as go

    counts = [count for count, _ in sizes]
    figure = go.Figure()
    for at, (kind, colour) in enumerate(zip(KINDS, KIND_COLOURS, strict=False)):
        measures = [pair[at].measures["generalisation_gap"] for _, pair in sizes]
        figure.add_scatter(
            x=counts,
            y=[measure.value for measure in measures],
            error_y=_bars(measures),
            name=text(f"kind.{kind}"),
            mode="lines+markers",
            line={"color": colour},
            hovertemplate="%{y:.3g}",
        )
    figure.update_layout(height=HEIGHT, margin=_MARGIN, hovermode="x unified", legend=_legend(), dragmode=False)
    ticks = {"tickvals": counts, "ticktext": [f"{count:,}" for count in counts]}
    figure.update_xaxes(title=text("studies.training_images"), type="log", **ticks)
    figure.update_yaxes(title=text("studies.gap"), zeroline=True)
    return figure


def price(betas: Sequence[Studied], smoothness: str) -> Figure:
    """Reconstruction against a measure of smoothness, a point for each β of the sweep.

    To the right is smoother, below is closer. A β at which no dimension of the code is active any more says so.
    """
    from plotly import graph_objects as go

    definition = MEASURES[smoothness]
    across, up = ([run.measures[name] for run in betas] for name in (smoothness, "reconstruction_at_mean"))
    figure = go.Figure()
    figure.add_scatter(
        x=[measure.value for measure in across],
        y=[measure.value for measure in up],
        error_x=_bars(across),
        error_y=_bars(up),
        text=[_beta_label(run) for run in betas],
        mode="lines+markers+text",
        textposition=[LABELS[at % 2] for at in range(len(betas))],
        line={"color": KIND_COLOURS[1]},
        hovertemplate="%{text}: %{x:.3g}, %{y:.4g}<extra></extra>",
    )
    figure.update_layout(height=HEIGHT, margin=_MARGIN, showlegend=False, dragmode=False)
    title = text("studies.smoothness", measure=text(f"compare.measures.{smoothness}.title"))
    reach = _reach([measure.number for measure in across], definition.over_decades)
    figure.update_xaxes(title=title, range=reach if definition.better == "high" else reach[::-1])
    if definition.over_decades:
        figure.update_xaxes(type="log", tickvals=TICKS, ticktext=[plain(tick) for tick in TICKS])
    figure.update_yaxes(title=text("studies.reconstruction"))
    return figure


def _reach(values: Sequence[float], over_decades: bool) -> list[float]:
    """The range from the lowest to the highest value, as Plotly takes it, with room for labels at both ends."""
    low, high = (math.log10(edge(values)) if over_decades else edge(values) for edge in (min, max))
    room = ROOM * (high - low) or ROOM
    return [low - room, high + room]


def _beta_label(run: Studied) -> str:
    beta = f"β = {plain(run.config.training.beta)}"
    collapsed = run.measures["active_units"].value == 0
    return text("studies.collapsed", beta=beta) if collapsed else beta


def _bars(measures: Sequence[Measure]) -> dict[str, Any]:
    """The 95 % intervals of measures as Plotly's error bars; none for a measure without one."""
    values = [measure.number for measure in measures]
    intervals = [measure.interval or (value, value) for measure, value in zip(measures, values, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for (_, high), value in zip(intervals, values, strict=True)],
        "arrayminus": [value - low for (low, _), value in zip(intervals, values, strict=True)],
        "thickness": 1,
        "width": 3,
    }


def _legend() -> dict[str, Any]:
    return {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
