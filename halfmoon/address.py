"""What the user has chosen: the language, and the view that the URL holds.

The URL is the owner of the view: `?run=NAME` with `&z=0.5,-1` (a code of that run) or `&point=12` (one of its test
codes), `&pins=0,0;1,2` (kept places), `&layers=rings` and `&axes=0,3` (the slice of a code with more than two
dimensions). A reload, or the link sent to somebody else, shows the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from vae_core.codes.codes import Codes
from vae_core.measures.gap_map import FIELDS
from vae_core.runs.run import Run

LANGUAGES = {"en": "EN", "zh": "中文"}  # short, for a phone has little room
LANGUAGE_KEY = "lang"  # of the widget, and of the query parameter
PAIR_KEY = "pair"
PAGE_KEY = "page"  # the path that this session showed last
GAPS = tuple(FIELDS)  # the fields of a gap map, of which one is shown at most
LAYERS = (*GAPS, "density", "manifold", "rings")  # from below
MOST_PINS = 12
_FARTHEST = 1e6  # a place beyond is a broken link, or a mischievous one
_VIEW = ("run", "z", "point", "pins", "layers", "axes")  # its query parameters


_spoken: ContextVar[str | None] = ContextVar("_spoken", default=None)


def language() -> str:
    """The language of this session, or of what is `speaking`."""
    return _spoken.get() or st.session_state.get(LANGUAGE_KEY, "en")


@contextmanager
def speaking(wanted: str | None) -> Iterator[None]:
    """Texts made within are in this language, or in English where it is none of ours: a route has no session."""
    token = _spoken.set(wanted if wanted in LANGUAGES else "en")
    try:
        yield
    finally:
        _spoken.reset(token)


def browser_language() -> str:
    """The language to begin with: the browser's, where it is one of ours."""
    locale = st.context.locale or ""
    return "zh" if locale.lower().startswith("zh") else "en"


@dataclass(frozen=True)
class View:
    """What the planes show: a code of `run`, raw, which of its test codes that is, if it is one, and what is around.

    `pins` are kept places in standard coordinates, which mean the same to both runs of a pair; `axes` says which slice
    is drawn of a code with more than two dimensions.
    """

    run: str
    code: tuple[float, ...]
    point: int | None = None
    pins: tuple[tuple[float, ...], ...] = ()
    layers: tuple[str, ...] = ()
    axes: str = ""

    def query(self) -> dict[str, str]:
        """What stands for it in the URL; what is as it is anyhow is left out."""
        place = {"z": _numbers_text(self.code)} if self.point is None else {"point": str(self.point)}
        query = {"run": self.run} | place
        if self.pins:
            query["pins"] = ";".join(map(_numbers_text, self.pins))
        if self.layers != usual_layers(len(self.code)):
            query["layers"] = ",".join(self.layers) or "none"
        if self.axes:
            query["axes"] = self.axes
        return query


def usual_layers(latent_dim: int) -> tuple[str, ...]:
    """The layers to begin with: on a line the film of decoded images, on a plane the prior's rings."""
    return ("manifold",) if latent_dim == 1 else ("rings",)


def rounded(values: Sequence[float] | np.ndarray) -> tuple[float, ...]:
    """Coordinates with five digits: finer than a pixel, and what is stated is what is decoded."""
    return tuple(float(f"{value:.5g}") + 0.0 for value in values)


def first_view(run: Run) -> View:
    """The view to begin with: the origin of standard coordinates."""
    return View(run.name, rounded(run.codes.code_mean), layers=usual_layers(run.codes.mu.shape[1]))


def gap_view(run: Run, gap: str) -> View:
    """The first view with a gap map beneath: its `query()` makes a link to the planes that show it."""
    first = first_view(run)
    return replace(first, layers=(gap, *first.layers))


def view_from_query(run: Run, query: Mapping[str, str]) -> View:
    """The view of `run` that the URL holds. Raises ValueError where it can't be read."""
    latent_dim, first = run.codes.mu.shape[1], first_view(run)
    pins = [pin for pin in query.get("pins", "").split(";") if pin]
    layers = _layers(query["layers"].split(",")) if "layers" in query else first.layers
    point = int(query["point"]) if "point" in query else None
    if point is not None:
        code = point_code(run.codes, point)
    else:
        code = _numbers(query["z"], latent_dim) if "z" in query else first.code
    return View(
        run=run.name,
        code=code,
        point=point,
        pins=tuple(_numbers(pin, latent_dim) for pin in pins[:MOST_PINS]),
        layers=layers,
        axes=query.get("axes", ""),
    )


def view_from_report(run: Run, report: Mapping[str, Any], axes: str) -> View:
    """The view that the planes report after a click, of one of the runs they show."""
    point = report["point"]
    return View(
        run=run.name,
        code=rounded(report["code"]) if point is None else point_code(run.codes, int(point)),
        point=None if point is None else int(point),
        pins=tuple(rounded(pin) for pin in report["pins"][:MOST_PINS]),
        layers=_layers(report["layers"]),
        axes=axes,
    )


def point_code(codes: Codes, point: int) -> tuple[float, ...]:
    """The exact code of one of the test images. Raises ValueError where there is no such image."""
    if not 0 <= point < len(codes.mu):
        raise ValueError(f"no point {point}")
    return tuple(codes.mu[point].tolist())


def language_query() -> dict[str, str]:
    """What the URL of another page holds so that its language is the same."""
    return {name: value for name, value in st.query_params.items() if name == LANGUAGE_KEY}


def show_in_url(view: View | None = None, **query: str) -> None:
    """From now on the URL holds this view, or one that `query` begins."""
    kept = {name: value for name, value in st.query_params.items() if name not in _VIEW}
    # In one go, for each change of the URL is a step of the browser's history.
    st.query_params.from_dict(kept | (view.query() if view else query))


def _layers(names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that are layers, from below; of several gap maps the first."""
    others = [gap for gap in GAPS if gap in names][1:]
    return tuple(name for name in LAYERS if name in names and name not in others)


def _numbers(text: str, count: int) -> tuple[float, ...]:
    values = [float(value) for value in text.split(",")]
    if len(values) != count or not all(math.isfinite(value) and abs(value) < _FARTHEST for value in values):
        raise ValueError(f"not {count} numbers")
    return rounded(values)


def _numbers_text(values: Sequence[float]) -> str:
    return ",".join(f"{value:g}" for value in rounded(values))
