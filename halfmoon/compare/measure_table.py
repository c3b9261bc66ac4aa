"""Two runs side by side in numbers: the measures of their cards, and which of the two is better."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from halfmoon.parts.html import Html, joined, number, tag
from halfmoon.parts.titles import data_title, titles_beside
from halfmoon.server import warmup
from halfmoon.texts import literal, text
from vae_core.comparison import Pair, are_twins

if TYPE_CHECKING:
    from vae_core.measures.registry import Definition

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

BESIDE = ("floor_difference", "of_the_prior", "median_sigma", "real_images", "label_entropy", "log_ratio")
"""The figures that stand beside the value of some measure, to read it by."""

STYLE = Path(__file__).parent / "measures.css"


@dataclass(frozen=True)
class Row:
    """One measure of each run, None where its card lacks it.

    `better` is "low", "high" or None; `winner` the index of the run that is better beyond doubt, None where neither is.
    Where figures of these runs don't compare, `apart` says why, by a name in `compare.apart`.
    """

    name: str
    better: str | None
    measures: tuple[dict[str, Any] | None, ...]
    winner: int | None
    apart: str | None = None

    @property
    def compares(self) -> bool:
        """Whether two runs have a value with an interval, and one could be called better."""
        are_sampled = all(_has_value(one) and one.get("interval") for one in self.measures)
        return len(self.measures) == 2 and self.better is not None and self.apart is None and are_sampled


def rows(pair: Pair) -> dict[str, list[Row]]:
    """The rows of each group that has a value of any of the runs."""
    warmup.ensure()
    from vae_core.measures.evaluation import MEASURES

    cards = [(run.card or {}).get("measures", {}) for run in pair.runs]
    found = {}
    for group, names in GROUPS.items():
        known = [
            row_of(name, MEASURES[name].better, [card.get(name) for card in cards], why_apart(MEASURES[name], pair))
            for name in names
        ]
        if shown := [row for row in known if any(_has_value(one) for one in row.measures)]:
            found[group] = shown
    return found


def row_of(name: str, better: str | None, measures: Sequence[dict[str, Any] | None], apart: str | None = None) -> Row:
    """The row of a measure, and whose it is: the one with the better value, where that is no matter of chance."""
    row = Row(name, better, tuple(measures), None, apart)
    if not row.compares:
        return row
    difference, half = _difference(*measures)
    if abs(difference) <= half:
        return row
    return replace(row, winner=int((difference > 0) == (better == "low")))


def why_apart(definition: Definition, pair: Pair) -> str | None:
    """Why figures of the pair's runs don't compare, by its name in `compare.apart`; None where they do.

    Nats of an image are those of a likelihood on a data set, and what a judge, a ruler or known factors say is said of
    one data set. All else is in units of its own: decibels, shares, or the coordinates in which the prior is N(0, I).
    """
    from vae_core.measures.fit import NATS

    if not same_images(pair):
        if definition.unit == NATS:
            return "images"
        return "ruler" if definition.needs_judge or definition.needs_ruler or definition.needs_factors else None
    likelihoods = {
        (model.reconstruction, model.observation_variance if model.reconstruction == "mse" else None)
        for model in (run.config.model for run in pair.runs)
    }
    return "likelihood" if definition.unit == NATS and len(likelihoods) > 1 else None


def same_images(pair: Pair) -> bool:
    """Whether all runs are measured on the same test images; which of them are trained on makes no difference."""
    return len({(data.name, data.moons) for data in (run.config.training.data for run in pair.runs)}) == 1


def other_images(pair: Pair) -> str:
    """A sentence where the runs are measured on different images; empty where not."""
    if same_images(pair):
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


def _difference(one: dict[str, Any], other: dict[str, Any]) -> tuple[float, float]:
    """The first value minus the second, and half the 95 % interval of that as if the two were independent.

    Of an interval that ends at what is possible the longer side counts.
    """
    values = [float(np.mean(measure["value"])) for measure in (one, other)]
    ends = (one["interval"], other["interval"])
    halves = [max(high - value, value - low) for (low, high), value in zip(ends, values, strict=True)]
    return values[0] - values[1], math.hypot(*halves)


def table(pair: Pair, group: str, found: Sequence[Row]) -> Html:
    """The rows of a group, and beneath them why values are missing."""
    heads = [text(f"compare.groups.{group}"), *titles_beside(pair)]
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in heads)))
    rows = tag("table", head, tag("tbody", *map(_row, found)), class_="hm-compare")
    return joined([rows, _reasons(found)])


def _row(row: Row) -> Html:
    title, what = (text(f"compare.measures.{row.name}.{part}") for part in ("title", "what"))
    better = [text(f"compare.better.{row.better}")] if row.better else []
    if row.apart:
        better += [" ", tag("b", text(f"compare.apart.{row.apart}"))]
    about = (tag("b", title), " ", tag("code", row.name), tag("p", what, " ", tag("em", *better)))
    cells = (_cell(measure, at == row.winner) for at, measure in enumerate(row.measures))
    return tag("tr", tag("th", *about, scope="row"), *cells)


def _cell(measure: dict[str, Any] | None, is_better: bool) -> Html:
    if not _has_value(measure):
        return tag("td", "–", class_="none")
    values = measure["value"] if isinstance(measure["value"], list) else [measure["value"]]
    mark = [tag("span", text("compare.winner"), class_="hm-better")] if is_better else []
    notes = (tag("small", note) for note in _notes(measure))
    return tag("td", tag("b", ", ".join(map(_three_digits, values))), " ", *mark, *notes)


def _notes(measure: dict[str, Any]) -> list[str]:
    """What a value is read by: its interval, the least that it could be, and the figures that stand beside it."""
    notes = []
    if measure.get("interval"):
        low, high = map(_three_digits, measure["interval"])
        notes.append(text("compare.interval", low=low, high=high))
    if "floor" in measure:
        notes.append(text("compare.floor", value=_three_digits(measure["floor"])))
    beside = measure.get("beside", {})
    return notes + [
        text(f"compare.beside.{name}", value=_three_digits(beside[name])) for name in BESIDE if name in beside
    ]


def _three_digits(value: float) -> str:
    return number(round(value, 9) + 0.0, ".3g")  # without an exponent: what is next to nothing is 0


def _reasons(found: Sequence[Row]) -> Html:
    """Each reason why a value is missing, once, after the measures that it holds for."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for row in found:
        for measure in row.measures:
            if not _has_value(measure):
                reason = (measure or {}).get("reason") or text("compare.not_measured")
                names[reason][row.name] = None
    if not names:
        return Html()
    lines = (_reason(reason, list(rows)) for reason, rows in names.items())
    return tag("div", text("compare.missing"), *lines, class_="hm-reasons")


def _reason(reason: str, names: Sequence[str]) -> Html:
    codes = [part for name in names for part in (", ", tag("code", name))][1:]
    return tag("div", *codes, f": {reason}")


def verdict(pair: Pair, found: dict[str, list[Row]]) -> str:
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


def as_csv(pair: Pair, found: dict[str, list[Row]]) -> str:
    """A line for each measure of each run."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["measure", "better", "run", "value", "low", "high", "unit", "split", "n", "floor", *BESIDE])
    for row in (row for group in found.values() for row in group):
        for run, measure in zip(pair.runs, row.measures, strict=True):
            if _has_value(measure):
                low, high = measure.get("interval") or ("", "")
                known = measure | measure.get("beside", {})
                rest = [known.get(name, "") for name in ("unit", "split", "n", "floor", *BESIDE)]
                write([row.name, row.better or "", run.name, measure["value"], low, high, *rest])
    return out.getvalue()


def as_json(pair: Pair) -> str:
    """The cards as they are, by the names of the runs."""
    return json.dumps({run.name: run.card for run in pair.runs}, indent=2)


def _has_value(measure: dict[str, Any] | None) -> bool:
    return measure is not None and measure.get("value") is not None
