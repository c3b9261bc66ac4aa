"""The tables of two runs' measures, with the verdict on which of the two is better."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from halfmoon.parts.html import Html, joined, kind_marks, number, tag
from halfmoon.parts.titles import data_title, titles_beside
from halfmoon.texts import literal, text
from halfmoon.texts.sentences import told
from vae_core.comparison import Pair, are_twins
from vae_core.kinds import KINDS
from vae_core.measures.catalogue import CONTEXT
from vae_core.measures.definition import Group
from vae_core.runs.cards import Measure
from vae_core.verdicts import Verdict, same_images


def other_images(pair: Pair) -> str:
    """A sentence if the runs are measured on different images; else empty."""
    if same_images(pair.runs):
        return ""
    first, second = (data_title(run.config.training.data) for run in pair.runs)
    return text("compare.other_images", first=first, second=second)


def matched_to_prior(pair: Pair) -> list[str]:
    """A sentence for each run whose loss has terms besides reconstruction and KL, which affect its gaps."""
    return [
        text("compare.matched", run=literal(run.name), factor=number(run.config.training.prior_match, "g"))
        for run in pair.runs
        if run.config.training.prior_match and "prior_match" in KINDS[run.config.model.kind].weights
    ]


def table(pair: Pair, group: Group, found: Sequence[Verdict]) -> Html:
    """The rows of a group, followed by the reasons for missing values."""
    heads = [text(f"compare.groups.{group}"), *kind_marks(pair)]
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in heads)))
    rows = tag("table", head, tag("tbody", *map(_row, found)), class_="hm-compare")
    return joined([rows, _reasons(found)])


def _row(row: Verdict) -> Html:
    title, what = (text(f"compare.measures.{row.name}.{part}") for part in ("title", "what"))
    better = row.definition.better
    words = [text(f"compare.better.{better}")] if better else []
    if row.apart:
        words += [" ", tag("b", text(f"compare.apart.{row.apart}"))]
    about = (tag("b", title), " ", tag("code", row.name), tag("p", what, " ", tag("em", *words)))
    cells = (_cell(measure, at == row.winner) for at, measure in enumerate(row.measures))
    return tag("tr", tag("th", *about, scope="row"), *cells)


def _cell(measure: Measure | None, is_better: bool) -> Html:
    if measure is None or not measure.values:
        return tag("td", "–", class_="none")
    mark = [tag("span", text("compare.winner"), class_="hm-better")] if is_better else []
    notes = (tag("small", note) for note in _notes(measure))
    return tag("td", tag("b", ", ".join(map(_three_digits, measure.values))), " ", *mark, *notes)


def _notes(measure: Measure) -> list[str]:
    """The notes below a value: its interval, its minimum, and the figures of its context."""
    notes = []
    if measure.interval:
        low, high = map(_three_digits, measure.interval)
        notes.append(text("compare.interval", low=low, high=high))
    if measure.floor is not None:
        notes.append(text("compare.floor", value=_three_digits(measure.floor)))
    beside = measure.beside or {}
    return notes + [
        text(f"compare.beside.{name}", value=_three_digits(beside[name])) for name in CONTEXT if name in beside
    ]


def _three_digits(value: float) -> str:
    return number(round(value, 9) + 0.0, ".3g")  # without an exponent: what is next to nothing is 0


def _reasons(found: Sequence[Verdict]) -> Html:
    """Each reason for missing values, once, after the measures that lack them."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for row in found:
        for measure in row.measures:
            if measure is None or not measure.values:
                reason = (measure and measure.reason) or text("compare.not_measured")
                names[reason][row.name] = None
    if not names:
        return Html()
    lines = (_reason(reason, list(rows)) for reason, rows in names.items())
    return tag("div", text("compare.missing"), *lines, class_="hm-reasons")


def _reason(reason: str, names: Sequence[str]) -> Html:
    codes = [part for name in names for part in (", ", tag("code", name))][1:]
    return tag("div", *codes, f": {told(reason)}")


def score(pair: Pair, found: Mapping[Group, Sequence[Verdict]]) -> str:
    """The number of measures that each of two runs wins, as Markdown; empty if none can be won."""
    both = [row for group in found.values() for row in group if row.compares]
    if not both:
        return ""
    winners = [row.winner for row in both]
    wins = [winners.count(at) for at in range(2)]
    titles = titles_beside(pair)
    first, second = titles if are_twins(pair) else map(literal, titles)
    return text(
        "compare.verdict",
        count=len(both),
        first=first,
        first_wins=wins[0],
        second=second,
        second_wins=wins[1],
        open=winners.count(None),
    )


def as_csv(pair: Pair, found: Mapping[Group, Sequence[Verdict]]) -> str:
    """A CSV with a line for each measure of each run."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["measure", "better", "run", "value", "low", "high", "unit", "split", "n", "floor", *CONTEXT])
    for row in (row for group in found.values() for row in group):
        for run, measure in zip(pair.runs, row.measures, strict=True):
            if measure is not None and measure.values:
                low, high = measure.interval or ("", "")
                beside = [(measure.beside or {}).get(name, "") for name in CONTEXT]
                known = [measure.unit, measure.split, measure.n, "" if measure.floor is None else measure.floor]
                write([row.name, row.definition.better or "", run.name, measure.value, low, high, *known, *beside])
    return out.getvalue()


def as_json(pair: Pair) -> str:
    """The cards as JSON, by the names of the runs."""
    return json.dumps({run.name: run.read_card().to_json() for run in pair.runs}, indent=2)
