"""Measures of two runs as lanes: a dot with its 95 % interval for each, over one axis whose better end is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from halfmoon.parts.html import Html, kind_marks, marked_up, tag
from halfmoon.parts.numbers import Rounded, significant, to_interval
from halfmoon.parts.palette import run_colours
from halfmoon.texts import text
from vae_core.comparison import Pair
from vae_core.measures.catalogue import CONTEXT
from vae_core.runs.cards import Measure
from vae_core.verdicts import Verdict

MARGIN = 0.06  # of the axis, at both ends
NONE = "–"
WHOLE = 4  # digits before the decimal point for which there is room


def table(pair: Pair, rows: Sequence[Verdict], about: Callable[[Verdict], Html], class_: str) -> Html:
    """A table of the rows: what `about` tells of a measure, and below or beside it a lane for each run."""
    heads = (tag("th", text("compare.run"), scope="col"), tag("th", text("compare.right"), scope="col"))
    head = tag("thead", tag("tr", *heads, tag("th", text("compare.value"), scope="col")))
    return tag("table", head, *(_measure(pair, row, about(row)) for row in rows), class_=f"hm-lanes {class_}")


def unit_and_better(row: Verdict) -> Html:
    """The unit of a measure, and its better end."""
    words: list[str] = [marked_up(f"compare.measures.{row.name}.unit")]
    if better := row.definition.better:
        words += [" · ", text(f"compare.better.{better}")]
    return tag("small", *words)


def aligned(number: str) -> Html:
    """A number that begins as far to the right as its column's decimal points, one below the other, demand."""
    whole = number.partition(".")[0].replace("\u00a0", "")
    return tag("span", number, class_="hm-number", style=f"padding-left:{max(0, WHOLE - len(whole))}ch")


def shown(measure: Measure) -> Rounded:
    """The value with its interval; of several values all, without any."""
    if measure.interval is None or len(measure.values) > 1:
        return Rounded(", ".join(map(significant, measure.values)))
    return to_interval(measure.number, *measure.interval)


def _measure(pair: Pair, row: Verdict, about: Html) -> Html:
    place = _axis(row)
    colours = run_colours([run.config.model for run in pair.runs])
    lanes = [
        tag("tr", tag("th", mark, scope="row"), *_lane(measure, place, colour, at == row.winner))
        for at, (mark, colour, measure) in enumerate(zip(kind_marks(pair), colours, row.measures, strict=True))
    ]
    return tag("tbody", tag("tr", tag("th", about, colspan="3", scope="rowgroup")), *lanes)


def _lane(measure: Measure | None, place: Callable[[float], float], colour: str, is_better: bool) -> tuple[Html, Html]:
    """The cells of one run: its lane, and its value."""
    if measure is None or not measure.values:
        return tag("td"), tag("td", aligned(NONE), class_="none")
    drawn = tag("span", *_marks(measure, place), class_="hm-lane", aria_hidden="true", style=f"color:{colour}")
    return tag("td", drawn), _value(measure, is_better)


def _axis(row: Verdict) -> Callable[[float], float]:
    """Where a value of this measure lies, in percent of the lane: to the right is better."""
    known = [measure for measure in row.measures if measure is not None and measure.values]
    ends = [end for measure in known for end in (*measure.values, *(measure.interval or ()))] or [0.0]
    low, width = min(ends), max(ends) - min(ends)
    is_low_better = row.definition.better == "low"

    def place(value: float) -> float:
        share = MARGIN + (1 - 2 * MARGIN) * ((value - low) / width if width else 0.5)
        return 100 * (1 - share if is_low_better else share)

    return place


def _marks(measure: Measure, place: Callable[[float], float]) -> list[Html]:
    """The interval as a bar, and a dot for each value."""
    marks = []
    if measure.interval:
        left, right = sorted(map(place, measure.interval))
        marks.append(tag("i", class_="hm-bar", style=f"left:{left:.2f}%;width:{right - left:.2f}%"))
    return marks + [tag("i", class_="hm-point", style=f"left:{place(value):.2f}%") for value in measure.values]


def _value(measure: Measure, is_better: bool) -> Html:
    known = shown(measure)
    width = known.half or (known.low and text("compare.interval", low=known.low, high=known.high))
    mark = [tag("span", text("compare.winner"), class_="hm-better")] if is_better else []
    notes = (tag("small", note, class_="hm-note") for note in _notes(measure))
    return tag("td", tag("b", aligned(known.value)), tag("small", width), *mark, *notes)


def _notes(measure: Measure) -> list[str]:
    """The notes below a value: its minimum, and the figures of its context."""
    notes = []
    if measure.floor is not None:
        notes.append(text("compare.floor", value=significant(measure.floor)))
    beside = {name: significant(value) for name, value in (measure.beside or {}).items()}
    return notes + [text(f"compare.beside.{name}", value=beside[name]) for name in CONTEXT if name in beside]
