"""Figures of the distribution of two runs' codes along each standard coordinate, with the prior."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from halfmoon.compare.choice import file_stem
from halfmoon.components import chart
from halfmoon.parts import html
from halfmoon.parts.errors import user_errors
from halfmoon.parts.html import Html, tag
from halfmoon.parts.palette import run_colours
from halfmoon.parts.titles import titles_beside
from halfmoon.texts import paragraph, text
from vae_core.comparison import Pair
from vae_core.runs.run import Run

if TYPE_CHECKING:
    import plotly.graph_objects as go

RANGE, BINS = 4.0, 64  # in standard deviations of the prior
MAX_DIMS = 4
HEIGHT = 190  # pixels of one dimension's figure
PRIOR_COLOUR = "rgba(128, 128, 128, 0.9)"


@user_errors()
def show(pair: Pair) -> None:
    """Draws a figure for each coordinate, under one legend."""
    st.caption(note(pair))
    st.html(legend(pair))
    dims = dims_of(pair)
    for dim, column in enumerate(st.columns(max(2, dims))[:dims]):
        with column:
            title = text("compare.dimension", number=dim + 1)
            st.markdown(title)
            name = f"{file_stem(pair)}-codes-{dim + 1}"
            chart.show(figure(pair, dim), f"codes-{dim}", name, title)


def dims_of(pair: Pair) -> int:
    """The number of coordinates with a figure: those of the code with the most, up to MAX_DIMS."""
    return min(max(run.config.model.latent_dim for run in pair.runs), MAX_DIMS)


def colours_of(pair: Pair) -> list[str]:
    """The colour of each run."""
    return run_colours([run.config.model for run in pair.runs])


def note(pair: Pair) -> str:
    """A sentence on the figures, and on the number of coordinates if not all are shown."""
    shown, dims = dims_of(pair), max(run.config.model.latent_dim for run in pair.runs)
    said = text("compare.codes_note")
    return said if shown == dims else paragraph([said, text("compare.codes_some", shown=shown, dims=dims)])


def figure(pair: Pair, dim: int) -> go.Figure:
    """The densities of the test codes along one standard coordinate, with the prior N(0, 1).

    On a page one legend stands above all figures; a file has its own.
    """
    import plotly.graph_objects as go

    edges = np.linspace(-RANGE, RANGE, BINS + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    drawn = go.Figure()
    prior = np.exp(-0.5 * centres**2) / math.sqrt(2 * math.pi)
    drawn.add_scatter(x=centres, y=prior, name="N(0, 1)", line={"color": PRIOR_COLOUR, "dash": "dot"})
    for run, title, colour in zip(pair.runs, titles_beside(pair), colours_of(pair), strict=True):
        if dim < run.config.model.latent_dim:
            density = marginal_density(run, dim, edges)
            drawn.add_scatter(
                x=centres, y=density, name=escape(title), line={"color": colour, "width": 2.5, "shape": "hvh"}
            )
    drawn.update_layout(
        height=HEIGHT,
        margin={"l": 36, "r": 8, "t": 8, "b": 30},
        showlegend=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x unified",
        xaxis={"range": [-RANGE, RANGE], "fixedrange": True, "hoverformat": ".1f"},
        yaxis={"rangemode": "tozero", "fixedrange": True, "hoverformat": ".2f"},
    )
    return drawn


def marginal_density(run: Run, dim: int, edges: np.ndarray) -> np.ndarray:
    """The density of test codes along a standard coordinate in each bin, (bins,); for a VAE, one draw of each.

    What lies beyond the outer edges is missing from it.
    """
    codes = run.codes
    drawn = codes.mu
    if codes.log_var is not None:
        noise = np.random.default_rng(0).standard_normal(codes.mu.shape)
        drawn = codes.mu + np.exp(0.5 * codes.log_var) * noise
    counts, _ = np.histogram(codes.standardise(drawn)[:, dim], edges)
    density: np.ndarray = counts / (len(drawn) * np.diff(edges))
    return density


def legend(pair: Pair) -> Html:
    """The legend of the figures of codes."""
    marks = [*html.kind_marks(pair), html.kind_mark(PRIOR_COLOUR, text("compare.prior"))]
    return tag("div", *marks, class_="hm-legend")
