"""Synchronised films: a strip of each, one frame of it large, a slider and an animation.

All of it happens in the browser, without asking the server for a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from halfmoon.components.mounting import Component, reported

_component = Component("film")


@dataclass(frozen=True)
class Film:
    """One row: its title, the colour of its model, a line beneath it, its figures, and the addresses of its frames."""

    title: str
    colour: str | None
    note: str
    figures: str
    frames: list[str]


def mount(
    key: str,
    films: Sequence[Film],
    every: int,
    frame: int,
    texts: dict[str, str],
    on_frame: Callable[[], None],
) -> None:
    """Mounts the films, all of equal length, one below the other, at this frame; strips have the first one and each
    `every`th after it.

    Charts that are mounted with marks follow. Where it comes to rest `on_frame` is called, and `reported(key)` says
    at which frame. `texts` has `play`, `halt`, `slider`, and `frame` with blanks for `number` and `count`.
    """
    data = {"films": [asdict(film) for film in films], "every": every, "frame": frame, "texts": texts}
    _component.mount(key, data, on_frame)


__all__ = ["Film", "mount", "reported"]
