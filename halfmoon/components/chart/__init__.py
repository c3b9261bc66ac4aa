"""A Plotly figure made in Python, with two small buttons beneath that save it as a PNG or an SVG file.

Streamlit draws the figure with a Plotly of its own, whose toolbar knows one format and speaks English. The files are
made in the browser of what is on the page, by the plotly.js that the planes use, so nothing is asked of the server.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from halfmoon.components import mounting
from halfmoon.texts import text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

STATIC = Path(__file__).parent / "static"
FORMATS = ("png", "svg")

_component = st.components.v2.component(
    "chart_files",
    html='<div class="chart-files"></div>',
    css=(STATIC / "style.css").read_text(encoding="utf-8"),
    js=mounting.start("chart-files", "chart/chart.js"),
    isolate_styles=False,
)


def show(figure: Figure, key: str, name: str, alt: str | None = None, add_legend: bool = False) -> None:
    """The figure, and its buttons; a file is called `name`, and `alt` is what is said of the figure to those who can't
    see it. `add_legend` gives the files the legend that the page shows elsewhere."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})
    data = {
        "base": mounting.base_path(),
        "chart": key,
        "name": name,
        "legend": add_legend,
        "labels": {kind: text("chart.save", format=kind.upper()) for kind in FORMATS},
    }
    _component(key=f"{key}-files", data=data)
