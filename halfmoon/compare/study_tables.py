"""The shipped studies as tables: differences over seeds, training set sizes, and the sweep of β."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from halfmoon.compare.lanes import aligned
from halfmoon.parts.html import Html, marked_up, tag
from halfmoon.parts.numbers import known_decimals, near_zero, to_interval
from halfmoon.parts.titles import data_title
from halfmoon.texts import literal, text
from vae_core import studies
from vae_core.configs import DataConfig
from vae_core.errors import RunError
from vae_core.measures.catalogue import MEASURES
from vae_core.measures.definition import Better
from vae_core.runs.cards import Card
from vae_core.studies import KINDS, SIZES, PairedDifference, Studied

SEEDED: tuple[str, ...] = ("mnist", "fashion-mnist")
COMMAND = "python weights/make_studies.py"

Sizes = list[tuple[int, tuple[Studied, Studied]]]
Differences = dict[str, PairedDifference]
T = TypeVar("T")


@dataclass(frozen=True)
class Studies:
    """The studies; a part is None, or left out of `differences`, if one of its cards is missing or broken.

    `sizes` are numbers of training images with their AE and VAE, `betas` the VAEs of the sweep, and `differences` are
    those of VAE and AE over the seeds, by measure, of each data set.
    """

    sizes: Sizes | None
    betas: list[Studied] | None
    differences: dict[str, Differences]

    @property
    def missing(self) -> list[str]:
        """The names of the missing parts, for people."""
        titles = [] if self.sizes else [text("studies.sizes")]
        titles += [] if self.betas else [text("studies.betas")]
        lost = [name for name in SEEDED if name not in self.differences]
        return titles + [text("studies.seeds_of", data=data_title(DataConfig(name=name))) for name in lost]

    def runs(self) -> list[Studied]:
        """Each run of the figures once."""
        pairs = [run for _, pair in self.sizes or () for run in pair]
        known = {studies.study_name(run.config.model, run.config.training): run for run in pairs + (self.betas or [])}
        return list(known.values())


def read() -> Studies:
    """The shipped studies."""
    found = {name: _if_there(partial(studies.compare_seeds, name)) for name in SEEDED}
    differences = {name: compared for name, compared in found.items() if compared}
    return Studies(_if_there(studies.sizes), _if_there(studies.betas), differences)


def missing_note(known: Studies) -> str:
    """A sentence on the missing parts, as Markdown; empty if there are none."""
    if not known.missing:
        return ""
    return text("studies.missing", what=text("studies.and").join(known.missing), command=literal(COMMAND))


def titles(known: Studies) -> list[str]:
    """The titles of the data sets whose differences are known."""
    return [data_title(DataConfig(name=name)) for name in known.differences]


def longer() -> str:
    """The epochs of the runs with few images, the fewest first, for people."""
    words = [text("studies.longer", epochs=epochs, count=f"{count:,}") for count, epochs in SIZES.items() if count]
    return text("studies.and").join(words)


def table(differences: Differences) -> Html:
    """Means of AE and VAE over the seeds and their paired difference, a line for each measure.

    Who is better is said only where the interval excludes 0.
    """
    ae, vae = (text(f"kind.{kind}") for kind in KINDS)
    heads = (text("studies.measure"), ae, vae, f"{vae} − {ae}")
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in heads)))
    body = tag("tbody", *(_line(*judged) for judged in _judged(differences)))
    return tag("div", tag("table", head, body, class_="hm-seeds"), class_="hm-wide", tabindex="0")


def differences_csv(differences: dict[str, Differences]) -> str:
    """A CSV with a line for each measure of each data set; `winner` is empty if there is no clear difference."""
    entries = list(_entries(differences))
    return _csv(list(entries[0]), (entry.values() for entry in entries))


def differences_json(differences: dict[str, Differences]) -> str:
    """The same as JSON objects."""
    return json.dumps(list(_entries(differences)), indent=2)


def runs_csv(runs: Sequence[Studied]) -> str:
    """A CSV with a line for each measure of each run that has a value."""
    names = ("data", "kind", "beta", "training_count", "seed", "measure", "value", "low", "high", "unit", "split", "n")
    lines = []
    for run in runs:
        training = run.config.training
        about = [training.data.name, run.config.model.kind, training.beta, training.data.training_count, training.seed]
        for name, measure in run.measures.items():
            if measure.value is not None:
                low, high = measure.interval or ("", "")
                lines.append([*about, name, measure.value, low, high, measure.unit, measure.split, measure.n])
    return _csv(names, lines)


def runs_json(runs: Sequence[Studied]) -> str:
    """Settings and measures of each run, as JSON."""
    kept = [{"config": run.config.model_dump(mode="json")} | Card(run.measures).to_json() for run in runs]
    return json.dumps(kept, indent=2)


def _if_there(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except RunError:
        return None


def _judged(differences: Differences) -> Iterator[tuple[str, PairedDifference, Better]]:
    """Each measure with a better end, its difference, and that end, low or high, in the order of the measures."""
    for name, definition in MEASURES.items():
        if name in differences and definition.better:
            yield name, differences[name], definition.better


def _line(name: str, found: PairedDifference, better: Better) -> Html:
    unit = tag("small", marked_up(f"compare.measures.{name}.unit"))
    about = (tag("b", text(f"compare.measures.{name}.title")), " ", unit)
    mark = tag("span", text("compare.winner"), class_="hm-better")
    decimals = known_decimals(found.difference, *found.interval)
    cells = [
        tag("td", tag("b", aligned(near_zero(value, decimals))), *([mark] if found.winner(better) == kind else ()))
        for kind, value in zip(KINDS, (found.ae, found.vae), strict=True)
    ]
    shown = to_interval(found.difference, *found.interval)
    difference = tag("td", aligned(shown.value), tag("small", shown.half))
    return tag("tr", tag("th", *about, scope="row"), *cells, difference)


def _entries(differences: dict[str, Differences]) -> Iterator[dict[str, object]]:
    for data, found in differences.items():
        for name, one, better in _judged(found):
            low, high = one.interval
            means = {"ae": one.ae, "vae": one.vae, "difference": one.difference, "low": low, "high": high}
            yield {"data": data, "measure": name, "better": better} | means | {"winner": one.winner(better)}


def _csv(names: Sequence[str], lines: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(lines)
    return out.getvalue()
