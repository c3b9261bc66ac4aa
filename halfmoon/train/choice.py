"""The choice of the Train page: the followed runs, `?run=a,b`, or a form, `?preset=NAME&data=digits&b=4`.

A form is a preset, and what differs from it: each field has a short name in the URL.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from halfmoon.train.settings import OPTIONS, PRESETS, USUAL

USUAL_PRESET = "pair"
MAX_FOLLOWED = 2
MAX_TEXT = 200  # characters of a field that one types text into

SHORT = {
    "factors": "vary",
    "network": "net",
    "activation": "act",
    "latent_dim": "d",
    "reconstruction": "loss",
    "beta": "b",
    "prior_match": "match",
    "batch_size": "batch",
    "learning_rate": "lr",
}
"""The names of fields in the URL, where those are shorter."""


@dataclass(frozen=True)
class Choice:
    """The names of the followed runs, of which MAX_FOLLOWED are shown; without any, a form.

    That is its preset, "" for the usual one, with `changes` to its values. With runs the preset is the story that they
    were begun with.
    """

    runs: tuple[str, ...] = ()
    preset: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice in the URL; unknown presets and values are ignored."""
        runs = tuple(name for name in query.get("run", "").split(",") if name)
        preset = query.get("preset", "")
        written = {name: query[SHORT.get(name, name)] for name in USUAL if SHORT.get(name, name) in query}
        read = {name: _value(name, words) for name, words in written.items()}
        return cls(
            runs=runs,
            preset=preset if preset in PRESETS else "",
            changes={name: value for name, value in read.items() if value is not None},
        )

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        values = {"run": ",".join(self.runs), "preset": self.preset}
        written = {SHORT.get(name, name): _words(value) for name, value in self.changes.items()}
        return {name: value for name, value in values.items() if value} | written


def _words(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _value(name: str, words: str) -> Any:
    """The value of a field; None where the words are none of its."""
    usual = USUAL[name]
    if isinstance(usual, tuple):
        chosen = words.split(",")
        return tuple(one for one in usual if one in chosen)
    if isinstance(usual, float):
        return _number(words)
    return words[:MAX_TEXT] if name not in OPTIONS else words if words in OPTIONS[name] else None


def _number(words: str) -> float | None:
    try:
        value = float(words)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
