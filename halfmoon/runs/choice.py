"""The choice on the Runs page: which runs are listed, and in which order, `?find=digits&sort=loss`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from halfmoon.runs.facts import Facts

# By what runs are sorted; a missing figure comes last.
ORDERS: dict[str, Callable[[Facts], Any]] = {
    "newest": lambda one: 0,  # as they come
    "title": lambda one: one.title.lower(),
    "data": lambda one: (one.data, one.kind, one.title.lower()),
    "loss": lambda one: math.inf if one.loss is None else one.loss,
    "length": lambda one: -(one.epochs or 0),
    "size": lambda one: -one.size,
}
USUAL = "newest"


@dataclass(frozen=True)
class Choice:
    """What is searched for, and the order."""

    find: str = ""
    sort: str = USUAL

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice in the URL."""
        sort = query.get("sort", USUAL)
        return cls(query.get("find", "")[:120], sort if sort in ORDERS else USUAL)

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        given = {"find": self.find, "sort": self.sort}
        return {name: value for name, value in given.items() if value and value != USUAL}

    def shows(self, one: Facts) -> bool:
        """Whether the run is one that is searched for."""
        return one.matches(self.find)

    def key(self, one: Facts) -> Any:
        """The key by which the runs are sorted."""
        return ORDERS[self.sort](one)
