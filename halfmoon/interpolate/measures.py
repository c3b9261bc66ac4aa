"""What is measured on the strips of a walk: how even they are, and how far from real images what lies on them is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from halfmoon.interpolate.walks import EVERY, Row
from halfmoon.parts.html import number
from halfmoon.parts.titles import data_title
from halfmoon.server import loaded, warmup
from halfmoon.texts import text
from vae_core.configs import DataConfig
from vae_core.errors import DataError

if TYPE_CHECKING:
    from vae_core.measures.rulers import Ruler
    from vae_core.measures.walks import WalkMeasures

NOTHING = "–"  # in place of a number


class _Gauge(NamedTuple):
    """What measures walks through a data set; `level` is None without its images, `ruler` where there is none."""

    ruler: Ruler | None
    level: float | None


def measured(data: DataConfig, rows: Sequence[Row]) -> list[WalkMeasures] | None:
    """The measures of each row's strip; None where nothing tells how alike two images of this data are."""
    warmup.ensure()
    at_hand = is_at_hand(data)
    if _gauge(data, at_hand).ruler is None:
        return None
    strips = [row.images[::EVERY].astype(np.float32) for row in rows]
    return [_of_strip(data, at_hand, strip.shape, strip.tobytes()) for strip in strips]


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
    lacking = "" if is_at_hand(data) else " " + text("interpolate.no_level", data=data_title(data))
    return text("interpolate.ruler_judge") + lacking


def is_at_hand(data: DataConfig) -> bool:
    """Whether the images of the data set can be read."""
    return missing(data) is None


def missing(data: DataConfig) -> str | None:
    """Why the images of the data set can't be read; None where they can."""
    try:
        loaded.image_set(data)
    except DataError as error:
        return str(error)
    return None


def _line(row: Row, measures: WalkMeasures | None) -> str:
    cells = "".join(f"<td>{_shown(value)}</td>" for value in measures or (None, None))
    return f'<tr><th scope="row">{escape(row.title)}</th>{cells}</tr>'


def _shown(value: float | None) -> str:
    return NOTHING if value is None or np.isnan(value) else number(value, ".2f")


@lru_cache(maxsize=4)
def _gauge(data: DataConfig, at_hand: bool) -> _Gauge:
    """Shared by all sessions, so never to be changed."""
    import torch

    from vae_core.measures.rulers import ruler_of
    from vae_core.measures.walks import real_level

    if not at_hand:
        return _Gauge(ruler_of(data, loaded.judge_of(data.name), torch.empty(0)), None)
    images = loaded.image_set(data)
    ruler = ruler_of(data, loaded.judge_of(data.name), images.split("training")[0])
    return _Gauge(ruler, None if ruler is None else real_level(ruler, images))


@lru_cache(maxsize=256)
def _of_strip(data: DataConfig, at_hand: bool, shape: tuple[int, ...], strip: bytes) -> WalkMeasures:
    """Of images as bytes of float32: the page runs anew more often than its walk changes."""
    import torch

    from vae_core.measures.walks import measure_walk

    gauge = _gauge(data, at_hand)
    images = torch.from_numpy(np.frombuffer(strip, np.float32).reshape(shape).copy())
    return measure_walk(gauge.ruler, images, gauge.level)
