"""Figures of walks: the path over the plane of codes, and the sizes of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from halfmoon.components.chart import Marks
from halfmoon.interpolate.choice import FRAMES
from halfmoon.interpolate.walks import EVERY, Row
from halfmoon.parts.palette import DISSOLVE_COLOUR, class_colour, run_colours
from halfmoon.parts.titles import class_names
from halfmoon.plane import slices
from halfmoon.plane.view import first_view
from halfmoon.texts import text
from vae_core.errors import needed
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MAX_DOTS = 1500
OUTLIERS, MARGIN = 0.01, 0.12  # of the dots, on either side, that may lie outside; and of what is shown, around it
LANE = 0.06  # of the way: how far apart the classes lie beneath the way on a line
OUTSIDE = 19  # pixels from an end of the way to its name
DISSOLVE = {"color": DISSOLVE_COLOUR, "dash": "dash"}  # the line of what has no model
_LABEL = {
    "showarrow": False,
    "font": {"size": 13, "color": "#10131f"},
    "bgcolor": "#ffffff",
    "bordercolor": "#10131f",
    "borderpad": 2,
}
_MARGIN = {"l": 10, "r": 10, "t": 34, "b": 10}


def plane(row: Row) -> Figure:
    """The path over some of the run's test codes, with a mark for each frame of the strip, from A to B.

    Of codes with more than two dimensions it is the projection onto the two widest principal components. On a line the
    way rises, and a lane for each class lies beneath it.
    """
    from plotly import graph_objects as go

    run = needed(row.run)
    chosen = np.linspace(0, len(run.codes.mu) - 1, min(MAX_DOTS, len(run.codes.mu))).astype(int)
    labels = run.codes.labels[chosen]
    dots = on_the_plane(run, run.codes.mu[chosen], -LANE * (1.0 + labels))
    way = way_of(row)
    line = {"mode": "lines", "hoverinfo": "skip"}
    figure = go.Figure()
    for label in np.unique(labels):
        own, name = dots[labels == label], class_names(run.config.training.data)[label]
        marker = {"size": 4, "color": class_colour(label), "opacity": 0.6}
        figure.add_scatter(x=own[:, 0], y=own[:, 1], mode="markers", name=name, marker=marker, hoverinfo="skip")
    # White beneath and dark above: seen on light ground, on dark ground, and over dots of any colour.
    figure.add_scatter(x=way[:, 0], y=way[:, 1], line={"color": "#ffffff", "width": 6}, **line)
    figure.add_scatter(x=way[:, 0], y=way[:, 1], line={"color": "#10131f", "width": 3}, **line)
    stops = way[::EVERY]
    figure.add_scatter(
        x=stops[:, 0],
        y=stops[:, 1],
        mode="markers",
        marker={"size": 8, "color": "#ffffff", "line": {"color": "#10131f", "width": 2}},
        customdata=np.arange(0, FRAMES, EVERY) + 1,
        hovertemplate=text("interpolate.film.frame", number="%{customdata}", count=FRAMES) + "<extra></extra>",
    )
    for name, place, before in (("A", way[0], stops[1]), ("B", way[-1], stops[-2])):
        across, up = OUTSIDE * (place - before) / max(np.linalg.norm(place - before), 1e-9)  # off the way itself
        figure.add_annotation(x=place[0], y=place[1], xshift=across, yshift=up, text=name, **_LABEL)
    is_line = needed(row.codes).shape[1] == 1
    low, high = _bulk(dots, way)
    figure.update_layout(title={"text": row.title, "font": {"size": 15}}, showlegend=False, **_frame())
    # Equal scales shrink the axes: left to itself Plotly widens the ranges, and more so each time the window changes.
    square = {} if is_line else {"constrain": "domain"}
    figure.update_xaxes(range=[low[0], high[0]], **square)
    figure.update_yaxes(
        range=[low[1], high[1]], visible=not is_line, **square, **({} if is_line else {"scaleanchor": "x"})
    )
    return figure


def _bulk(dots: np.ndarray, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lower and the upper ends of what is shown: nearly all dots (N, 2), and the whole way, with a margin."""
    ends = np.vstack([np.quantile(dots, [OUTLIERS, 1 - OUTLIERS], axis=0), way])
    low, high = ends.min(axis=0), ends.max(axis=0)
    return low - MARGIN * (high - low), high + MARGIN * (high - low)


def way_of(row: Row) -> np.ndarray:
    """Where each frame lies in the figure of the plane, (FRAMES, 2)."""
    return on_the_plane(needed(row.run), needed(row.codes), np.linspace(0, 1, FRAMES))


def plane_marks(row: Row) -> Marks:
    """The same for the mark that follows the films."""
    x, y = np.round(way_of(row).T.astype(np.float64), 4).tolist()
    return Marks(x, y)


def step_marks() -> Marks:
    """Where each frame is among the steps: after the one that led there."""
    return Marks([float(frame) for frame in range(FRAMES)])


def on_the_plane(run: Run, codes: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """The positions (N, 2) of codes (N, latent_dim) in the figure; `heights` (N,) count for codes on a line."""
    places = slices.slice_of(run, first_view(run)).places(codes)
    return np.column_stack([places, heights]) if places.shape[1] == 1 else places


def steps(rows: Sequence[Row]) -> Figure:
    """The change of the image at each step, a line for each row."""
    from plotly import graph_objects as go

    figure = go.Figure()
    for row, colour in zip(rows, row_colours(rows), strict=True):
        line = {"color": colour} if colour else DISSOLVE
        numbers = np.arange(1, FRAMES)
        figure.add_scatter(x=numbers, y=row.steps, name=row.title, mode="lines", line=line)
    figure.update_layout(
        title={"text": text("interpolate.steps"), "font": {"size": 15}},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        hovermode="x unified",
        **_frame(),
    )
    figure.update_xaxes(title=text("interpolate.step"))
    figure.update_yaxes(rangemode="tozero")
    return figure


def row_colours(rows: Sequence[Row]) -> list[str | None]:
    """The colour of each row's model; None for a cross-dissolve."""
    colours = iter(run_colours([row.run.config.model for row in rows if row.run]))
    return [next(colours) if row.run else None for row in rows]


def _frame() -> dict[str, Any]:
    return {"margin": _MARGIN, "dragmode": False}
