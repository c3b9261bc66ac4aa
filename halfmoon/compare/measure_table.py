"""Two runs side by side in numbers: the measures of their cards, and which of the two is better."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from halfmoon.parts.html import number
from halfmoon.parts.titles import data_title, titles_beside
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, are_twins
from vae_core.measures.catalogue import CONTEXT
from vae_core.measures.definition import Group
from vae_core.runs.cards import Measure
from vae_core.verdicts import Verdict, same_images

STYLE = Path(__file__).parent / "measures.css"


def other_images(pair: Pair) -> str:
    """A sentence where the runs are measured on different images; empty where not."""
    if same_images(pair.runs):
        return ""
    first, second = (data_title(run.config.training.data) for run in pair.runs)
    return text("compare.other_images", first=first, second=second)


def matched_to_prior(pair: Pair) -> list[str]:
    """A sentence for each run whose loss has more than its reconstruction and KL, for this bears on its gaps."""
    return [
        text("compare.matched", run=literal(run.name), factor=number(run.config.training.prior_match, "g"))
        for run in pair.runs
        if run.config.training.prior_match and run.config.model.kind != "ae"  # whose loss lacks it all the same
    ]


def table(pair: Pair, group: Group, found: Sequence[Verdict]) -> str:
    """The rows of a group, as HTML, and beneath them why values are missing."""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles_beside(pair))
    body = "".join(map(_row, found))
    title = escape(text(f"compare.groups.{group}"))
    return (
        f'<table class="hm-compare"><thead><tr><th scope="col">{title}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{_reasons(found)}"
    )


def _row(row: Verdict) -> str:
    title, what = (escape(text(f"compare.measures.{row.name}.{part}")) for part in ("title", "what"))
    better = row.definition.better
    words = escape(text(f"compare.better.{better}")) if better else ""
    if row.apart:
        words += f" <b>{escape(text(f'compare.apart.{row.apart}'))}</b>"
    cells = "".join(_cell(measure, at == row.winner) for at, measure in enumerate(row.measures))
    about = f"<b>{title}</b> <code>{row.name}</code><p>{what} <em>{words}</em></p>"
    return f'<tr><th scope="row">{about}</th>{cells}</tr>'


def _cell(measure: Measure | None, is_better: bool) -> str:
    if measure is None or not measure.values:
        return '<td class="none">–</td>'
    shown = ", ".join(map(_three_digits, measure.values))
    mark = f'<span class="hm-better">{escape(text("compare.winner"))}</span>' if is_better else ""
    notes = "".join(f"<small>{escape(note)}</small>" for note in _notes(measure))
    return f"<td><b>{shown}</b> {mark}{notes}</td>"


def _notes(measure: Measure) -> list[str]:
    """What a value is read by: its interval, the minimum that it could be, and the figures that stand beside it."""
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


def _reasons(found: Sequence[Verdict]) -> str:
    """Each reason why a value is missing, once, after the measures that it holds for; as HTML."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for row in found:
        for measure in row.measures:
            if measure is None or not measure.values:
                reason = (measure and measure.reason) or text("compare.not_measured")
                names[reason][row.name] = None
    lines = (
        f"<div><code>{'</code>, <code>'.join(rows)}</code>: {escape(reason)}</div>" for reason, rows in names.items()
    )
    return f'<div class="hm-reasons">{escape(text("compare.missing"))}{"".join(lines)}</div>' if names else ""


def score(pair: Pair, found: Mapping[Group, Sequence[Verdict]]) -> str:
    """How many measures each of two runs wins, as Markdown; empty where there is none that could be won."""
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
    """A line for each measure of each run."""
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
    """The cards, by the names of the runs."""
    return json.dumps({run.name: run.read_card().to_json() for run in pair.runs}, indent=2)
