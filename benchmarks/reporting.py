"""What a benchmark of several parts reports: figures beside their marks in a table, and in a file after every part."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.browsing import Bench


@dataclass(frozen=True)
class Figure:
    """What was measured, of how many samples, and what else is worth saying of them."""

    value: float | dict[str, float]
    n: int
    note: str = ""


Figures = dict[str, Figure]


@dataclass(frozen=True)
class Mark:
    """What a figure is to keep to: `limit`, or `limit` times the figure that `of` names."""

    limit: float
    of: str = ""
    is_minimum: bool = False

    def judge(self, value: float, values: Mapping[str, float]) -> str:
        """The limit, and whether it is kept; where the other figure was not measured, what the limit would be."""
        if self.of and self.of not in values:
            return f"{self.limit:g} x {self.of}"
        limit = self.limit * (values[self.of] if self.of else 1)
        is_kept = value >= limit if self.is_minimum else value <= limit
        sign = "≥" if self.is_minimum else "≤"
        return f"{'' if is_kept else 'MISSED: '}{sign} {limit:,.6g}"


def at_most(limit: float, of: str = "") -> Mark:
    return Mark(limit, of)


def at_least(limit: float, of: str = "") -> Mark:
    return Mark(limit, of, is_minimum=True)


def median(times: list[float]) -> Figure:
    return Figure(statistics.median(times), len(times), "each: " + ", ".join(f"{time:,.0f}" for time in times))


def percentile(times: list[float], percent: float) -> Figure:
    return Figure(float(np.percentile(times, percent)), len(times))


def report(description: str, parts: Mapping[str, Callable[[Bench], Figures]], marks: Mapping[str, Mark]) -> None:
    """The command of a benchmark: its parts, or those that --only names, one after the other, then the table."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="write the figures here, after every part")
    parser.add_argument("--only", nargs="+", choices=list(parts), default=list(parts), help="these parts")
    options = parser.parse_args()
    figures: Figures = {}
    with Bench.open() as bench:
        for name in options.only:
            begun = time.perf_counter()
            measured = parts[name](bench)
            print(f"{name}: {time.perf_counter() - begun:.0f} s", flush=True)
            if options.json:
                write(options.json, measured)
            figures |= measured
    print_table(figures, marks)


def write(file: Path, figures: Figures) -> None:
    """The figures replace those of the same names in the file, and leave the others."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known |= {name: figure.value for name, figure in figures.items()}
    file.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def print_table(figures: Figures, marks: Mapping[str, Mark]) -> None:
    """A row for each figure, or for each part of one that has several."""
    values = {name: figure.value for name, figure in figures.items() if not isinstance(figure.value, dict)}
    print("\n| figure | value | n | mark | |\n|---|---:|---:|---|---|")
    for name, figure in figures.items():
        mark = marks[name].judge(values[name], values) if name in marks else ""
        parts = figure.value.items() if isinstance(figure.value, dict) else [("", figure.value)]
        for part, value in parts:
            shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
            print(f"| {name} {part} | {shown} | {figure.n} | {mark} | {figure.note} |")
