"""What is measured on the strips of a walk: how even they are, and how far from real images what lies on them is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from halfmoon.interpolate.walks import EVERY, Row
from halfmoon.parts.html import number
from halfmoon.parts.titles import data_title
from halfmoon.server import interpolation, loaded
from halfmoon.texts import text
from vae_core.configs import DataConfig

if TYPE_CHECKING:
    from vae_core.measures.walks import WalkMeasures

NOTHING = "–"  # in place of a number


def measured(data: DataConfig, rows: Sequence[Row]) -> list[WalkMeasures] | None:
    """The measures of each row's strip; None where nothing tells how alike two images of this data are."""
    found = [interpolation.measured(data, row.images[::EVERY]) for row in rows]
    return [one for one in found if one is not None] or None


def table(rows: Sequence[Row], measures: Sequence[WalkMeasures] | None) -> str:
    """The measures of each row as HTML; dashes where there are none, or none as yet."""
    heads = (text("interpolate.row"), text("interpolate.step_evenness"), text("interpolate.path_distance"))
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heads)
    body = "".join(_line(row, one) for row, one in zip(rows, measures or [None] * len(rows), strict=True))
    return f'<table class="hm-walk-measures"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def note(data: DataConfig) -> str:
    """What the measures are of this data, and why there are none where there are none, as Markdown."""
    if data.moons is not None:
        return text("interpolate.ruler_moons")
    if loaded.judge_of(data.name) is None:
        return text("interpolate.no_ruler", data=data_title(data))
    lacking = "" if loaded.why_missing(data) is None else " " + text("interpolate.no_level", data=data_title(data))
    return text("interpolate.ruler_judge") + lacking


def _line(row: Row, measures: WalkMeasures | None) -> str:
    cells = "".join(f"<td>{_shown(value)}</td>" for value in measures or (None, None))
    return f'<tr><th scope="row">{escape(row.title)}</th>{cells}</tr>'


def _shown(value: float | None) -> str:
    return NOTHING if value is None or np.isnan(value) else number(value, ".2f")
