"""Two runs side by side in numbers: the measures of their cards, which of the two is better, and where codes lie."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ui import warmup
from ui.gallery import Pair
from ui.palette import CLASS_COLOURS
from ui.pictures import number
from ui.texts import literal, text
from vae_core.runs import Run

if TYPE_CHECKING:
    import plotly.graph_objects as go

GROUPS = {
    "fit": (
        "reconstruction_at_mean",
        "psnr",
        "ssim",
        "generalisation_gap",
        "negative_elbo",
        "reconstruction",
        "kl",
        "iwae_64",
        "iwae_5000",
        "exact_nll",
    ),
    "codes": ("knn_accuracy", "active_units", "noise_to_signal"),
    "gaps": ("prior_hole_share", "marginal_kl", "mmd2"),
    "samples": ("round_trip_error", "sample_credibility", "sharpness_error"),
    "smoothness": ("decoder_speed_ratio", "step_evenness", "path_distance"),
    "factors": ("mig", "sap", "dci_disentanglement", "dci_completeness", "dci_informativeness"),
}
"""The measures of a card, in the order and the groups in which they are read."""

STYLE = Path(__file__).parent / "assets" / "measures.css"
RANGE, BINS = 4.0, 64  # of the figure of codes, in standard deviations of the prior
MOST_DIMS = 4
HEIGHT = 190  # pixels of one dimension's figure


@dataclass(frozen=True)
class Row:
    """One measure of each run, None where its card lacks it.

    `better` is "low", "high" or None; `winner` the index of the run that is better beyond doubt, None where neither is.
    """

    name: str
    better: str | None
    measures: tuple[dict[str, Any] | None, ...]
    winner: int | None


def rows(pair: Pair) -> dict[str, list[Row]]:
    """The rows of each group that has a value of any of the runs."""
    warmup.ensure()
    from vae_core.metrics import MEASURES

    cards = [(run.card or {}).get("measures", {}) for run in pair.runs]
    found = {}
    for group, names in GROUPS.items():
        known = [row_of(name, MEASURES[name].better, [card.get(name) for card in cards]) for name in names]
        if shown := [row for row in known if any(_has_value(one) for one in row.measures)]:
            found[group] = shown
    return found


def row_of(name: str, better: str | None, measures: Sequence[dict[str, Any] | None]) -> Row:
    """The row of a measure, and whose it is: the one with the better value, where that is no matter of chance."""
    winner = None
    if better and len(measures) == 2 and all(map(_has_value, measures)):
        difference, half = _difference(*measures)
        if half is not None and abs(difference) > half:
            winner = int((difference > 0) == (better == "low"))
    return Row(name, better, tuple(measures), winner)


def _difference(one: dict[str, Any], other: dict[str, Any]) -> tuple[float, float | None]:
    """The first value minus the second, and half the 95 % interval of that as if the two were independent.

    None where a value has no interval.
    """
    difference = np.mean(one["value"]) - np.mean(other["value"])
    if not (one.get("interval") and other.get("interval")):
        return difference, None
    return difference, math.hypot(*((high - low) / 2 for low, high in (one["interval"], other["interval"])))


def without_card(pair: Pair) -> list[str]:
    """A sentence for each run that has not been measured."""
    return [
        text("compare.no_card", run=literal(run.name), command=literal(f"python -m vae_core evaluate {run.folder}"))
        for run in pair.runs
        if not run.card
    ]


def table(pair: Pair, group: str, found: Sequence[Row]) -> str:
    """The rows of a group, as HTML."""
    kinds = [text(f"kind.{run.config.model.kind}") for run in pair.runs]
    head = "".join(f'<th scope="col">{escape(kind)}</th>' for kind in kinds)
    body = "".join(_row(row, kinds) for row in found)
    title = escape(text(f"compare.groups.{group}"))
    return (
        f'<table class="hm-compare"><thead><tr><th scope="col">{title}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(row: Row, kinds: Sequence[str]) -> str:
    title, what = (escape(text(f"compare.measures.{row.name}.{part}")) for part in ("title", "what"))
    better = escape(text(f"compare.better.{row.better}")) if row.better else ""
    cells = "".join(_cell(measure, at == row.winner) for at, measure in enumerate(row.measures))
    about = f"<b>{title}</b> <code>{row.name}</code><p>{what} <em>{better}</em></p>"
    return f'<tr><th scope="row">{about}</th>{cells}</tr>'


def _cell(measure: dict[str, Any] | None, is_better: bool) -> str:
    if not _has_value(measure):
        reason = (measure or {}).get("reason") or text("compare.not_measured")
        return f'<td class="none" title="{escape(reason)}">–</td>'
    values = measure["value"] if isinstance(measure["value"], list) else [measure["value"]]
    shown = ", ".join(number(value, ".3g") for value in values)
    interval = ""
    if measure.get("interval"):
        low, high = (number(edge, ".3g") for edge in measure["interval"])
        interval = f"<small>{text('compare.interval', low=low, high=high)}</small>"
    mark = f'<span class="hm-better">{escape(text("compare.winner"))}</span>' if is_better else ""
    return f"<td><b>{shown}</b> {mark}{interval}</td>"


def verdict(pair: Pair, found: dict[str, list[Row]]) -> str:
    """How many measures each of two runs wins, as Markdown; empty for a run alone."""
    if len(pair.runs) < 2:
        return ""
    both = [row for group in found.values() for row in group if row.better and all(map(_has_value, row.measures))]
    winners = [row.winner for row in both]
    wins = [winners.count(at) for at in range(2)]
    kinds = [text(f"kind.{run.config.model.kind}") for run in pair.runs]
    return text(
        "compare.verdict",
        count=len(both),
        first=kinds[0],
        first_wins=wins[0],
        second=kinds[1],
        second_wins=wins[1],
        open=winners.count(None),
    )


def as_csv(pair: Pair, found: dict[str, list[Row]]) -> str:
    """A line for each measure of each run."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["measure", "better", "run", "value", "low", "high", "unit", "split", "n"])
    for row in (row for group in found.values() for row in group):
        for run, measure in zip(pair.runs, row.measures, strict=True):
            if _has_value(measure):
                low, high = measure.get("interval") or ("", "")
                rest = [measure.get(name, "") for name in ("unit", "split", "n")]
                write([row.name, row.better or "", run.name, measure["value"], low, high, *rest])
    return out.getvalue()


def as_json(pair: Pair) -> str:
    """The cards as they are, by the names of the runs."""
    return json.dumps({run.name: run.card for run in pair.runs}, indent=2)


def codes_figure(pair: Pair, dim: int) -> go.Figure:
    """How the test codes lie along one standard coordinate, beside the prior N(0, 1)."""
    import plotly.graph_objects as go

    edges = np.linspace(-RANGE, RANGE, BINS + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    drawn = go.Figure()
    prior = np.exp(-0.5 * centres**2) / math.sqrt(2 * math.pi)
    drawn.add_scatter(x=centres, y=prior, name="N(0, 1)", line={"color": "rgba(128, 128, 128, 0.9)", "dash": "dot"})
    for run, colour in zip(pair.runs, CLASS_COLOURS[1::-1], strict=False):
        density = marginal_density(run, dim, edges)
        kind = text(f"kind.{run.config.model.kind}")
        drawn.add_scatter(x=centres, y=density, name=kind, line={"color": colour, "width": 2.5, "shape": "hvh"})
    drawn.update_layout(
        height=HEIGHT,
        margin={"l": 36, "r": 8, "t": 8, "b": 30},
        showlegend=False,
        hovermode="x unified",
        xaxis={"range": [-RANGE, RANGE], "fixedrange": True, "hoverformat": ".1f"},
        yaxis={"rangemode": "tozero", "fixedrange": True, "hoverformat": ".2f"},
    )
    return drawn


def marginal_density(run: Run, dim: int, edges: np.ndarray) -> np.ndarray:
    """The density of test codes along a standard coordinate in each bin, (bins,); of a VAE, one draw of each.

    What lies beyond the outer edges is missing from it.
    """
    codes = run.codes
    drawn = codes.mu
    if codes.log_var is not None:
        noise = np.random.default_rng(0).standard_normal(codes.mu.shape)
        drawn = codes.mu + np.exp(0.5 * codes.log_var) * noise
    counts, _ = np.histogram(codes.standardise(drawn)[:, dim], edges)
    return counts / (len(drawn) * np.diff(edges))


def legend(pair: Pair) -> str:
    """What the lines of the figures of codes are, as HTML."""
    kinds = [text(f"kind.{run.config.model.kind}") for run in pair.runs]
    marks = [(colour, kind) for colour, kind in zip(CLASS_COLOURS[1::-1], kinds, strict=False)]
    marks.append(("rgba(128, 128, 128, 0.9)", text("compare.prior")))
    spans = (f'<span><i class="hm-dot" style="background:{colour}"></i>{escape(name)}</span>' for colour, name in marks)
    return f'<div class="hm-legend">{"".join(spans)}</div>'


def _has_value(measure: dict[str, Any] | None) -> bool:
    return measure is not None and measure.get("value") is not None
