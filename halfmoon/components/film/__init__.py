"""Synchronised films: a strip of each, one frame of it large, a slider and an animation.

All of it happens in the browser, without asking the server for a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from halfmoon.components.mounting import Component

_component = Component("film")


@dataclass(frozen=True)
class Film:
    """One row: its title, the colour of its model, a line beneath it, its figures, and the addresses of its frames."""

    title: str
    colour: str | None
    note: str
    figures: str
    frames: list[str]


def mount(key: str, films: Sequence[Film], every: int, texts: dict[str, str]) -> None:
    """Mounts the films, all of equal length, one below the other; strips have the first frame and each `every`th after
    it.

    `texts` has `play`, `halt`, `slider`, and `frame` with blanks for `number` and `count`.
    """
    data = {"films": [asdict(film) for film in films], "every": every, "texts": texts}
    _component.mount(key, data)
