"""The choice of what is sampled: `?run=NAME&seed=7&temperature=0.5&source=posterior&raw=1&tile=42`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from halfmoon import address
from halfmoon.parts.fields import Limits
from halfmoon.texts import text

COUNT = 100  # tiles of a sheet
SOURCES = ("prior", "posterior")
MAX_TEMPERATURE = 2.0
SEEDS = Limits(0, 2**31 - 1, is_whole=True)


@dataclass(frozen=True)
class Choice:
    """The settings of the sample, and the run; `tile` is the pinned one."""

    run: str = ""
    seed: int = 0
    temperature: float = 1.0
    source: str = "prior"
    raw: bool = False
    tile: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice in the URL. Raises ValueError if it can't be read."""
        tile = int(query["tile"]) if "tile" in query else None
        choice = cls(
            run=query.get("run", ""),
            seed=int(query.get("seed", 0)),
            temperature=float(query.get("temperature", 1)),
            source=query.get("source", "prior"),
            raw=query.get("raw", "0") == "1",
            tile=tile,
        )
        in_range = SEEDS.allow(choice.seed) and 0 <= choice.temperature <= MAX_TEMPERATURE
        if not in_range or choice.source not in SOURCES or tile not in (None, *range(COUNT)):
            raise ValueError("no such sample")
        return choice

    @property
    def details(self) -> list[str]:
        """What is sampled, in the name of a file."""
        raw = ["raw"] if self.raw and self.source == "prior" else []
        warm = [f"temperature-{self.temperature:g}"] if self.temperature != 1 else []
        return [self.source, *raw, *warm, f"seed-{self.seed}"]

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        values = {
            "run": self.run,
            "seed": str(self.seed) if self.seed else "",
            "temperature": f"{self.temperature:g}" if self.temperature != 1 else "",
            "source": self.source if self.source != "prior" else "",
            "raw": "1" if self.raw else "",
            "tile": "" if self.tile is None else str(self.tile),
        }
        return {name: value for name, value in values.items() if value}


def asked_for(query: Mapping[str, str]) -> tuple[Choice, str | None]:
    """The choice in the URL, and a sentence if it can't be read."""
    try:
        return Choice.from_query(query), None
    except ValueError:
        return Choice(query.get("run", "")), text("sample.broken_link")


def of_run(run: str) -> Choice:
    """The choice in the URL for another run: all of it but the tile."""
    return replace(asked_for(address.query())[0], run=run, tile=None)
