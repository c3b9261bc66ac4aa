"""Sheets of sampled images: each tile is linked to its dot on the plane beside it, and back.

It knows nothing of models: it is given pictures, places and captions. Pointing at a tile or a dot marks both, on every
sheet at once, without asking the server; a click pins them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from halfmoon.components import mounting
from halfmoon.components.mounting import Component

_component = Component("sample_sheet", isolate_styles=True)


@dataclass(frozen=True)
class Panel:
    """One sheet and its plane, under a title in its colour.

    `sheet` is the address of a square picture of all tiles, row by row. `cloud` are the places of other codes,
    `classes` theirs, `dots` the places of the tiles' codes: [x, y] from 0 to 100, y down. `certainty` is how sure a
    judge is of each tile, from 0 to 1, and `note` says how sure on average. `labels` are spoken: `sheet`, `plane`.
    """

    title: str
    colour: str
    sheet: str
    cloud: list[list[float]]
    classes: list[int]
    dots: list[list[float]]
    captions: list[str]
    certainty: list[float] | None
    note: str | None
    labels: dict[str, str]


def mount(
    key: str,
    *,
    panels: Sequence[Panel],
    side: int,
    colours: Sequence[str],
    tile: int | None,
    texts: dict[str, str],
    on_tile: Callable[[], None],
) -> None:
    """Mounts sheets of `side` by `side` tiles with their planes; `tile` is pinned.

    `texts` has a `hint` for as long as none is, and `sure` and `unsure` for the ends of the scale of certainty.

    A click calls `on_tile`, with `reported(key)` then saying which tile is pinned, or None for none.
    """
    data = {
        "panels": [asdict(panel) for panel in panels],
        "side": side,
        "colours": list(colours),
        "tile": tile,
        "texts": texts,
    }
    _component.mount(key, data, on_tile)


def reported(key: str) -> int | None:
    """The tile that was just pinned; None if it was released."""
    report: dict[str, Any] | None = mounting.reported(key)
    return None if report is None else report["at"]
