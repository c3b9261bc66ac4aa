"""A Plotly figure made in Python, with two buttons that save it as a PNG or an SVG file.

Streamlit draws the figure with a Plotly of its own, whose toolbar knows one format and speaks English. The files are
made in the browser of what is on the page, by the plotly.js that the planes use, so nothing is asked of the server.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from halfmoon.components.mounting import Component
from halfmoon.texts import text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Marks:
    """Where a frame of the films is in the figure: at `x[frame]`, `y[frame]`, or anywhere upwards without `y`."""

    x: list[float]
    y: list[float] | None = None


FORMATS = ("png", "svg")

_component = Component("chart")


def show(
    figure: Figure,
    key: str,
    name: str,
    alt: str | None = None,
    *,
    title: str = "",
    marks: Marks | None = None,
    stretch: bool = False,
) -> None:
    """Draws the figure, and its buttons; `name` names the files, `alt` is the figure's alternative text.

    `title` stands over the figure in its files, where it has none; without one `alt` does. With `marks` the frame that
    the films show is marked, while they move. With `stretch` the figure is as high as the page's styles make its place.
    """
    height: Literal["stretch", "content"] = "stretch" if stretch else "content"
    st.plotly_chart(figure, key=key, alt=alt, height=height, config={"displayModeBar": False})
    data = {
        "chart": key,
        "name": name,
        "title": title or alt or "",
        "marks": marks and asdict(marks),
        "labels": {kind: text("chart.save", format=kind.upper()) for kind in FORMATS},
    }
    _component.mount(f"{key}-files", data)
