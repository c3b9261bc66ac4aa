"""The choice of the Train page: the followed runs, `?run=a,b`, or a form, `?preset=NAME&phases=all`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from halfmoon.train.settings import PRESETS
from vae_core.configs import Phases

USUAL_PRESET = "pair"
MAX_FOLLOWED = 2


@dataclass(frozen=True)
class Choice:
    """The names of the followed runs; without any, the preset of the form.

    `phases` are those of its moons; "" are the preset's own.
    """

    runs: tuple[str, ...] = ()
    preset: str = USUAL_PRESET
    phases: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice in the URL; unknown presets and phases are ignored."""
        runs = tuple(name for name in query.get("run", "").split(",") if name)[:MAX_FOLLOWED]
        preset, phases = query.get("preset", USUAL_PRESET), query.get("phases", "")
        return cls(
            runs=runs,
            preset=preset if preset in PRESETS else USUAL_PRESET,
            phases=phases if phases in get_args(Phases) else "",
        )

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        preset = "" if self.preset == USUAL_PRESET else self.preset
        values = {"run": ",".join(self.runs), "preset": preset, "phases": self.phases}
        return {name: value for name, value in values.items() if value}
