"""The card of a run, `card.json`: its measures, and the checksum of the weights they were taken of."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self


@dataclass(frozen=True)
class Measure:
    """One figure of a card. `value` is a number, a list with one for each latent dimension, or None with a `reason`.

    `n` counts images, codes or paths of `split`; `seed` is there where they were drawn; `interval` is the 95 % one;
    `floor` is the minimum of the value on these images, where that isn't 0; `beside` holds figures to read the value
    by; `note` says what of the definition depends on the model.
    """

    value: float | list[float] | None
    split: str = "test"
    n: int = 0
    unit: str = ""
    seed: int | None = None
    interval: tuple[float, float] | None = None
    floor: float | None = None
    beside: dict[str, float] | None = None
    note: str | None = None
    reason: str | None = None

    @property
    def values(self) -> list[float]:
        """The numbers of the value: one, one for each latent dimension, or none."""
        if self.value is None:
            return []
        return self.value if isinstance(self.value, list) else [self.value]

    @property
    def number(self) -> float:
        """The value, where it is one number. Raises ValueError where it is several, or None."""
        (number,) = self.values
        return number

    @classmethod
    def from_json(cls, entry: Any) -> Self:
        """The measure in a card's JSON. Raises ValueError if it is invalid; unknown keys are ignored."""
        if not _is_measure(entry):
            raise ValueError("not a measure")
        known = {one.name: entry[one.name] for one in fields(cls) if one.name in entry}
        if interval := known.get("interval"):
            known["interval"] = tuple(interval)
        return cls(**known)

    def to_json(self) -> dict[str, Any]:
        """The JSON of a card: `value` always, other fields if they are set."""
        entries = asdict(self) | {"interval": self.interval and list(self.interval)}
        return {name: entry for name, entry in entries.items() if entry is not None or name == "value"}


@dataclass(frozen=True)
class Card:
    """Measures by name, the checksum of the weights they were taken of, and the software versions."""

    measures: dict[str, Measure] = field(default_factory=dict)
    weights: str | None = None
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, entry: Any) -> Self:
        """The card in the JSON of `card.json`. Raises ValueError if it, or one of its measures, is invalid."""
        measures = entry.get("measures") if isinstance(entry, dict) else None
        if not isinstance(measures, dict):
            raise ValueError("not a card of measures")
        weights, versions = entry.get("weights"), entry.get("versions")
        return cls(
            {name: Measure.from_json(measure) for name, measure in measures.items()},
            weights if isinstance(weights, str) else None,
            versions if isinstance(versions, dict) else {},
        )

    def to_json(self) -> dict[str, Any]:
        """The JSON of `card.json`: `measures` always, other fields if they are set."""
        measures = {name: measure.to_json() for name, measure in self.measures.items()}
        rest = {"versions": self.versions, "weights": self.weights}
        return {"measures": measures} | {name: entry for name, entry in rest.items() if entry}

    def to_text(self) -> str:
        return json.dumps(self.to_json(), indent=2) + "\n"


def is_number(value: Any) -> bool:
    """Whether it is a finite number and not a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_measure(entry: Any) -> bool:
    """Whether it has a unit, a split, and a value, one or several, or a reason for none; and valid further fields."""
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in ("unit", "split")):
        return False
    value, beside = entry.get("value"), entry.get("beside", {})
    values = value if isinstance(value, list) else [value]
    has_value = bool(values) and all(map(is_number, values))
    return (
        is_number(entry.get("n"))
        and (has_value or (value is None and isinstance(entry.get("reason"), str)))
        and ("interval" not in entry or _is_interval(entry["interval"]))
        and ("floor" not in entry or is_number(entry["floor"]))
        and isinstance(beside, dict)
        and all(map(is_number, beside.values()))
    )


def _is_interval(ends: Any) -> bool:
    return isinstance(ends, list) and len(ends) == 2 and all(map(is_number, ends)) and ends[0] <= ends[1]
