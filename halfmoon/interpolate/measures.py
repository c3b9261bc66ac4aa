"""The measures of a walk's strips: perceived evenness, and the distance from real images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from halfmoon.interpolate.walks import EVERY, Row
from halfmoon.parts.html import Html, tag
from halfmoon.parts.numbers import fixed
from halfmoon.parts.titles import data_title
from halfmoon.server import interpolation, loaded
from halfmoon.texts import paragraph, text
from vae_core.configs import DataConfig

if TYPE_CHECKING:
    from vae_core.measures.walks import WalkMeasures

NOTHING = "–"  # in place of a number


def measured(data: DataConfig, rows: Sequence[Row]) -> list[WalkMeasures] | None:
    """The measures of each row's strip; None if this data has no measure of similarity but pixels."""
    found = [interpolation.measured(data, row.images[::EVERY]) for row in rows]
    return [one for one in found if one is not None] or None


def table(rows: Sequence[Row], measures: Sequence[WalkMeasures] | None) -> Html:
    """The measures of each row; dashes for missing ones."""
    heads = (text("interpolate.row"), text("interpolate.step_evenness"), text("interpolate.path_distance"))
    head = tag("tr", *(tag("th", cell, scope="col") for cell in heads))
    known: Sequence[WalkMeasures | None] = measures or [None] * len(rows)
    body = [_line(row, one) for row, one in zip(rows, known, strict=True)]
    return tag("table", tag("thead", head), tag("tbody", *body), class_="hm-walk-measures")


def note(data: DataConfig) -> str:
    """A note on the measures of this data, and on why some are missing, as Markdown."""
    if data.moons is not None:
        return text("interpolate.ruler_moons")
    if loaded.judge_of(data.name) is None:
        return text("interpolate.no_ruler", data=data_title(data))
    lacking = [] if loaded.why_missing(data) is None else [text("interpolate.no_level", data=data_title(data))]
    return paragraph([text("interpolate.ruler_judge"), *lacking])


def _line(row: Row, measures: WalkMeasures | None) -> Html:
    cells = [tag("td", _shown(value)) for value in measures or (None, None)]
    return tag("tr", tag("th", row.title, scope="row"), *cells)


def _shown(value: float | None) -> str:
    return NOTHING if value is None or np.isnan(value) else fixed(value, 2)
