"""Fields for numbers: what is typed is what counts, and where it can't be used that is said beneath.

Streamlit's own limits turn a field red and go on with the number before, which nobody sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st

from halfmoon.texts import text
from vae_core.configs import Config


@dataclass(frozen=True)
class Limits:
    """Which numbers can be used: from `low` to `high`, both included."""

    low: float
    high: float
    is_whole: bool = False

    @classmethod
    def of(cls, config: type[Config], name: str) -> Limits:
        """Those of a setting."""
        low, high = config.limits(name)
        return cls(low, high, is_whole=config.model_fields[name].annotation is int)

    def allow(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.is_whole and value % 1)

    def sentence(self) -> str:
        """What can be used, in words."""
        low, high = (f"{Decimal(str(limit)):,f}" for limit in (self.low, self.high))
        return text("field.whole" if self.is_whole else "field.number", low=low, high=high)


def number_field(label: str, key: str, limits: Limits, step: float = 1.0, **how: Any) -> float | None:
    """A field for a number, whose value is `key`'s in the session: the number, or None where it can't be used."""
    value: float = st.number_input(label, key=key, step=step, format="%.15g", **how)
    if how.get("disabled") or limits.allow(value):
        return value
    say_problem(limits.sentence())
    return None


def say_problem(sentence: str) -> None:
    """Beneath a field: why what it holds can't be used."""
    st.markdown(f":red[:small[{sentence}]]")
