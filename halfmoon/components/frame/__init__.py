"""The navigation's links, as an invisible component: each page opens as it was left.

Streamlit's own navigation opens each page bare, and tells of it only when that is done: what the server then wrote into
the address would be another step of the browser's history. So the browser itself opens the page as it was left in this
tab, or with the run that was seen last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from halfmoon import address
from halfmoon.components.mounting import Component, base_path
from halfmoon.texts import table
from halfmoon.texts.language import language

_component = Component("frame")


def mount(page: str, shows: Mapping[str, Sequence[str]]) -> None:
    """Lets the navigation lead away from `page`, shown now, to pages as they were left; each is named by its path.

    `shows` has for each page that shows runs which ones it can show: a run is carried only there, and one
    that has gone is forgotten.
    """
    base = base_path()
    names = {_whole(base, path): list(names) for path, names in shows.items()}
    data = {"language": language(), "page": _whole(base, page), "shows": names, "carried": list(address.CARRIED)}
    _component.mount("frame-navigation", data | {"terms": table("glossary")})


def _whole(base: str, path: str) -> str:
    return f"{base}/{path}".rstrip("/")
