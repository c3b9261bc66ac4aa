"""Number fields whose typed value counts as it stands, with a message below if it is invalid.

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
    """The valid numbers: from `low` to `high`, both included."""

    low: float
    high: float
    is_whole: bool = False

    @classmethod
    def of(cls, config: type[Config], name: str) -> Limits:
        """The limits of a setting."""
        low, high = config.limits(name)
        return cls(low, high, is_whole=config.model_fields[name].annotation is int)

    def allow(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.is_whole and value % 1)

    def sentence(self) -> str:
        """The limits in words."""
        low, high = (f"{Decimal(str(limit)):,f}" for limit in (self.low, self.high))
        return text("field.whole" if self.is_whole else "field.number", low=low, high=high)


def number_field(label: str, key: str, limits: Limits, step: float = 1.0, **how: Any) -> float | None:
    """Draws a number field bound to `key` in the session: its value is the number, or None if it is invalid."""
    value: float = st.number_input(label, key=key, step=step, format="%.15g", **how)
    if how.get("disabled") or limits.allow(value):
        return value
    say_problem(limits.sentence())
    return None


def say_problem(sentence: str) -> None:
    """Shows below a field why its value is invalid."""
    st.markdown(f":red[:small[{sentence}]]")
