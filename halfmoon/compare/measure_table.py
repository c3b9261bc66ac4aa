"""The tables of two runs' measures, with the verdict on which of the two is better."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from halfmoon.compare import lanes
from halfmoon.parts.html import Html, joined, marked_up, tag
from halfmoon.parts.numbers import plain
from halfmoon.parts.titles import data_title
from halfmoon.texts import literal, text
from halfmoon.texts.sentences import told
from vae_core import verdicts
from vae_core.comparison import Pair
from vae_core.kinds import KINDS
from vae_core.measures.catalogue import CONTEXT
from vae_core.measures.definition import Group
from vae_core.verdicts import Verdict, same_images


def cautions(pair: Pair) -> list[str]:
    """Sentences on what keeps the two from comparing as one would think, as Markdown."""
    return [*filter(None, [other_images(pair)]), *matched_to_prior(pair)]


def other_images(pair: Pair) -> str:
    """A sentence if the runs are measured on different images; else empty."""
    if same_images(pair.runs):
        return ""
    first, second = (data_title(run.config.training.data) for run in pair.runs)
    return text("compare.other_images", first=first, second=second)


def matched_to_prior(pair: Pair) -> list[str]:
    """A sentence for each run whose loss has terms besides reconstruction and KL, which affect its gaps."""
    return [
        text("compare.matched", run=literal(run.name), factor=plain(run.config.training.prior_match))
        for run in pair.runs
        if run.config.training.prior_match and "prior_match" in KINDS[run.config.model.kind].weights
    ]


def headlines(pair: Pair, found: Mapping[Group, Sequence[Verdict]]) -> Html:
    """The few measures that come first, in one table; empty if no run has been measured."""
    rows = verdicts.headlines(found)
    return lanes.table(pair, rows, _heading, "hm-headlines") if rows else Html()


def table(pair: Pair, found: Sequence[Verdict]) -> Html:
    """The rows of a group, followed by the reasons for missing values."""
    return joined([lanes.table(pair, found, _explained, "hm-group"), _reasons(found)])


def _heading(row: Verdict) -> Html:
    return joined([tag("b", text(f"compare.measures.{row.name}.title")), " ", lanes.unit_and_better(row)])


def _explained(row: Verdict) -> Html:
    apart = [tag("b", text(f"compare.apart.{row.apart}"))] if row.apart else []
    what = tag("p", marked_up(f"compare.measures.{row.name}.what"), " ", *apart)
    title = tag("b", text(f"compare.measures.{row.name}.title"))
    return joined([title, " ", tag("code", row.name), what, lanes.unit_and_better(row)])


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
