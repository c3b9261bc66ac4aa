"""The rows of the table of runs, as HTML: a thumbnail of the plane, the title, and the facts in columns."""

from __future__ import annotations

from datetime import datetime

from halfmoon.components import mounting
from halfmoon.parts.html import Html, joined, kind_mark, tag
from halfmoon.parts.numbers import plain, significant
from halfmoon.parts.palette import run_colours
from halfmoon.plane.routes import thumbnail_path
from halfmoon.runs.facts import Facts
from halfmoon.texts import text

COLUMNS = ("title", "data", "kind", "dims", "beta", "epochs", "loss", "started", "size")
MISSING = "–"


def head() -> Html:
    """The names of the columns."""
    names = [tag("span", text(f"runs.columns.{name}"), class_=f"hm-run-{name}") for name in COLUMNS]
    return tag("div", tag("span"), *names, class_="hm-run hm-run-head", aria_hidden="true")


def row(one: Facts, status: str | None = None, is_viewable: bool = True) -> Html:
    """One run, with its `status` unless that is the usual one."""
    cells = [
        tag("span", tag("small", text(f"runs.columns.{name}"), " "), value, class_=f"hm-run-{name}{_missing(value)}")
        for name, value in _values(one).items()
    ]
    return tag("div", _thumbnail(one, is_viewable), _title(one, status), *cells, class_="hm-run")


def _title(one: Facts, status: str | None) -> Html:
    name = [tag("small", one.name)] if one.title != one.name else []
    standing = [tag("em", status)] if status else []
    return tag("span", tag("strong", one.title), *name, *standing, class_="hm-run-title")


def _values(one: Facts) -> dict[str, Html]:
    (colour,) = run_colours([one.model])
    return {
        "data": joined([one.data]),
        "kind": kind_mark(colour, one.kind),
        "dims": joined([text("runs.dims", dims=one.model.latent_dim)]),
        "beta": joined([one.beta or MISSING]),
        "epochs": joined([MISSING if one.epochs is None else plain(one.epochs, 3)]),
        "loss": joined([MISSING if one.loss is None else significant(one.loss, 4)]),
        "started": joined([_date(one.started)]),
        "size": joined([f"{significant(one.size, 2)}\u00a0MB" if one.size else MISSING]),
    }


def _missing(value: Html) -> str:
    """What marks a cell that says nothing, for screens on which such a one is left out."""
    return " hm-run-missing" if value == MISSING else ""


def _thumbnail(one: Facts, is_viewable: bool) -> Html:
    if one.run is None or not one.run.is_trained or not is_viewable:
        return tag("span", class_="hm-run-plane")
    address = f"{mounting.base_path()}/{thumbnail_path(one.run)}"
    return tag("img", class_="hm-run-plane", src=address, alt=text("runs.thumbnail"), loading="lazy")


def _date(started: str | None) -> str:
    """The day and the minute, as a file manager has it."""
    try:
        return datetime.fromisoformat(started or "").strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return MISSING
