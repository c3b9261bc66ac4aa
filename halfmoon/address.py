"""The URL: the one reader and writer of its query, and the maker of links between pages.

What a user has chosen on a page is a frozen dataclass of that page's room, with `query()` and a class method
`from_query`: a reload, or the link sent to somebody else, shows the same. Besides a page's choice the URL holds what
is carried from page to page, which no page has to know of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import streamlit as st

from halfmoon.texts.language import LANGUAGE_KEY
from vae_core.places import PAGES

PRESENT_KEY, FOCUS_KEY = "present", "focus"
CARRIED = (LANGUAGE_KEY, PRESENT_KEY, FOCUS_KEY, "embed", "embed_options")
"""Query parameters that go along with every link. Streamlit hides its own two from Python, and carries them itself."""

WRONG_KEY = "missing"
"""The query parameter with a path at which there is no page, on the page that is shown instead."""

PAIR = ("run", "with", "on")
"""Those that name what is shown: a run with its twin, or with another one beside it; then `on` is the run that the
choice is about, if that is not the first."""

_PAGE_KEY = "page"  # the path that this session showed last
_CARRIED_KEY = "carried"  # and what it carried there


class Choice(Protocol):
    """What the user has chosen on a page."""

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""


@dataclass(frozen=True)
class RunChoice:
    """The choice of a run, and of another beside it where a page compares; the page's defaults for the rest."""

    run: str
    beside: str = ""

    def query(self) -> dict[str, str]:
        return {"run": self.run} | ({"with": self.beside} if self.beside else {})


def query() -> dict[str, str]:
    """The page's own part of the URL's query; `run` in it is the one of the pair that the choice is about."""
    own = {name: value for name, value in st.query_params.items() if name not in CARRIED}
    about = {"run": own["on"]} if "with" in own and "on" in own else {}
    return {name: value for name, value in own.items() if name not in PAIR[1:]} | about


def names() -> tuple[str, ...]:
    """The names of the runs that are shown: none, one that stands for its pair, or two."""
    return tuple(st.query_params[name] for name in PAIR[:2] if st.query_params.get(name))


def write(choice: Choice) -> None:
    """Puts this choice, and what is carried, into the URL; two runs that are shown beside each other remain so."""
    query, held = choice.query(), st.query_params
    if len(names()) == 2 and query.get("run") in names():
        on = {"on": query["run"]} if query["run"] != held["run"] else {}
        query = query | {"run": held["run"], "with": held["with"]} | on
    _put(query)


def choose(choice: Choice) -> None:
    """Puts this choice into the URL in place of what is shown, and what is carried with it."""
    _put(choice.query())


def carried() -> dict[str, str]:
    """The part of the URL's query that goes along with every link."""
    return {name: value for name, value in st.query_params.items() if name in CARRIED}


def carry(values: Mapping[str, str]) -> None:
    """Adds these to the URL, here and on every later page; what is empty is taken out."""
    kept = {name: value for name, value in st.query_params.items() if values.get(name) != ""}
    st.query_params.from_dict(kept | {name: value for name, value in values.items() if value})


def is_presenting() -> bool:
    """Whether type and pictures are enlarged, for a room."""
    return st.query_params.get(PRESENT_KEY) == "1"


def is_focused() -> bool:
    """Whether the page stands alone, without the ways to other pages and other runs."""
    return st.query_params.get(FOCUS_KEY) == "1" or bool(st.context.is_embedded)


def settle(usual: Mapping[str, str]) -> None:
    """Restores what is carried, before a page is shown: a page opened without it gets the session's.

    What is as `usual` needs not be held.
    """
    page, before = urlsplit(st.context.url or "").path, st.session_state.get(_PAGE_KEY)
    if before not in (None, page):
        held, last = carried(), st.session_state[_CARRIED_KEY]
        if missing := {name: last[name] for name in last if name not in held and last[name] != usual.get(name)}:
            carry(missing)
    st.session_state[_PAGE_KEY] = page
    st.session_state[_CARRIED_KEY] = carried()


def link(page: str, choice: Choice, label: str, is_enabled: bool = True) -> None:
    """Draws a link to another page that shows this choice."""
    st.page_link(file(page), label=label, disabled=not is_enabled, query_params=_query_of(choice))


def of(page: str, choice: Choice) -> str:
    """The address, below the base path, of a page that shows this choice: for a link that the browser draws."""
    return f"{page.replace('_', '-')}?{urlencode(_query_of(choice))}"


def go(page: str, choice: Choice) -> None:
    """Switches to another page, with this choice; the rest of the present one does not run."""
    st.switch_page(file(page), query_params=_query_of(choice))


def _query_of(choice: Choice) -> dict[str, Any]:
    return carried() | choice.query()


def _put(query: Mapping[str, str]) -> None:
    st.query_params.from_dict(carried() | dict(query))  # in one go: each change is written anew


def file(page: str) -> str:
    """The path of the page's script."""
    return str(PAGES / f"{page}.py")
