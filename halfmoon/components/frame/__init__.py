"""The frame: the navigation's links, steps of the history, the link to what is shown, and the view for a room.

Streamlit's own navigation opens each page bare, and tells of it only when that is done: what the server then wrote into
the address would be another step of the browser's history. So the browser itself opens the page as it was left in this
tab with the present pair, or with that pair alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from halfmoon import address
from halfmoon.components import mounting
from halfmoon.components.mounting import Component, base_path
from halfmoon.texts import table
from halfmoon.texts.language import language

KEY = "frame-navigation"

_component = Component("frame", isolate_styles=False)


def mount(page: str, shows: Mapping[str, Sequence[Sequence[str]]]) -> None:
    """Lets the navigation lead away from `page`, shown now, to others as they were left; each is named by its path.

    `shows` has the pairs of each page that shows some, the page's usual one first: a pair is carried only there, and
    one that has gone is forgotten.
    """
    base = base_path()
    data = {
        "language": language(),
        "page": _whole(base, page),
        "shows": {_whole(base, path): list(map(list, pairs)) for path, pairs in shows.items()},
        "carried": list(address.CARRIED),
        "wrong": address.WRONG_KEY,
        "present": address.is_presenting(),
        "texts": table("frame"),
        "terms": table("glossary"),
    }
    _component.mount(KEY, data, _present)


def _present() -> None:
    address.carry({address.PRESENT_KEY: "1" if mounting.reported(KEY) else ""})


def _whole(base: str, path: str) -> str:
    return f"{base}/{path}".rstrip("/")
