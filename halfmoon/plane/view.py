"""The view of the planes, and its form in the URL.

`?run=NAME` with `&z=0.5,-1` (a code of that run) or `&point=12` (one of its test codes), `&pins=0,0;1,2` (kept places),
`&layers=rings`, `&view=all;-1,2,-3,0.5` (what of each plane is in view) and `&axes=0,3` (the slice of a code with more
than two dimensions).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from vae_core.codes.codes import Codes
from vae_core.measures.gap_map import FIELDS
from vae_core.runs.run import Run

GAPS = tuple(FIELDS)  # the fields of a gap map, of which one is shown at most
LAYERS = (*GAPS, "density", "manifold", "rings")  # from below
MAX_PINS = 12
_MAX_NUMBER = 1e6  # a place beyond is a broken link, or a mischievous one
_MAX_PLANES = 2
_FRAMES = ("all", "prior")

Zoom = Literal["all", "prior"] | tuple[float, ...] | None
"""What of a plane is in view: all codes, the prior, ranges from end to end; None for the bulk of its codes."""


@dataclass(frozen=True)
class View:
    """The view of the planes: a code of `run`, raw, the position of its test image if it has one, and the surroundings.

    `pins` are kept places in standard coordinates, which mean the same to both runs of a pair; `zooms` are the planes'
    in their order, none where all are as usual; `axes` says which slice is drawn of a code with more than two
    dimensions.
    """

    run: str
    code: tuple[float, ...]
    point: int | None = None
    pins: tuple[tuple[float, ...], ...] = ()
    layers: tuple[str, ...] = ()
    zooms: tuple[Zoom, ...] = ()
    axes: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], run: Run) -> View:
        """The view of `run` in the URL. Raises ValueError if it can't be read."""
        latent_dim, first = run.codes.mu.shape[1], first_view(run)
        pins = [pin for pin in query.get("pins", "").split(";") if pin]
        layers = _layers(query["layers"].split(",")) if "layers" in query else first.layers
        point = int(query["point"]) if "point" in query else None
        if point is not None:
            code = point_code(run.codes, point)
        else:
            code = _numbers(query["z"], latent_dim) if "z" in query else first.code
        return cls(
            run=run.name,
            code=code,
            point=point,
            pins=tuple(_numbers(pin, latent_dim) for pin in pins[:MAX_PINS]),
            layers=layers,
            zooms=_zooms([_zoom_in(part) for part in query.get("view", "").split(";")], latent_dim),
            axes=query.get("axes", ""),
        )

    @classmethod
    def from_report(cls, report: Mapping[str, Any], run: Run, axes: str) -> View:
        """The view that the planes report after a click, of one of the runs they show."""
        point = report["point"]
        return cls(
            run=run.name,
            code=rounded(report["code"]) if point is None else point_code(run.codes, int(point)),
            point=None if point is None else int(point),
            pins=tuple(rounded(pin) for pin in report["pins"][:MAX_PINS]),
            layers=_layers(report["layers"]),
            zooms=_zooms(report["zooms"], run.codes.mu.shape[1]),
            axes=axes,
        )

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        place = {"z": _numbers_text(self.code)} if self.point is None else {"point": str(self.point)}
        query = {"run": self.run} | place
        if self.pins:
            query["pins"] = ";".join(map(_numbers_text, self.pins))
        if self.layers != usual_layers(len(self.code)):
            query["layers"] = ",".join(self.layers) or "none"
        if self.zooms:
            query["view"] = ";".join(map(_zoom_text, self.zooms))
        if self.axes:
            query["axes"] = self.axes
        return query


def usual_layers(latent_dim: int) -> tuple[str, ...]:
    """The default layers: on a line the film of decoded images, on a plane the prior's rings."""
    return ("manifold",) if latent_dim == 1 else ("rings",)


def rounded(values: Sequence[float] | np.ndarray) -> tuple[float, ...]:
    """Coordinates with five digits: finer than a pixel, and the stated code is the decoded one."""
    return tuple(float(f"{value:.5g}") + 0.0 for value in values)


def first_view(run: Run) -> View:
    """The default view: the origin of standard coordinates."""
    return View(run.name, rounded(run.codes.code_mean), layers=usual_layers(run.codes.mu.shape[1]))


def gap_view(run: Run, gap: str) -> View:
    """The first view with a gap map: its `query()` makes a link to the planes that show it."""
    first = first_view(run)
    return replace(first, layers=(gap, *first.layers))


def point_code(codes: Codes, point: int) -> tuple[float, ...]:
    """The exact code of a test image. Raises ValueError if there is no such image."""
    if not 0 <= point < len(codes.mu):
        raise ValueError(f"no point {point}")
    return tuple(codes.mu[point].tolist())


def _layers(names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that are layers, from below; of several gap maps only the first."""
    others = [gap for gap in GAPS if gap in names][1:]
    return tuple(name for name in LAYERS if name in names and name not in others)


def _zooms(given: Sequence[Any], latent_dim: int) -> tuple[Zoom, ...]:
    """The zooms of the planes. Raises ValueError if a plane can't have such a one."""
    zooms = tuple(
        tuple(map(float, zoom)) if isinstance(zoom, Sequence) and zoom not in _FRAMES else zoom for zoom in given
    )
    if len(zooms) > _MAX_PLANES or not all(_is_range(zoom, latent_dim) for zoom in zooms if isinstance(zoom, tuple)):
        raise ValueError("not what planes can have in view")
    return zooms if any(zooms) else ()


def _is_range(zoom: tuple[float, ...], latent_dim: int) -> bool:
    """Whether these are the ends of a range on each axis of a plane."""
    is_near = all(math.isfinite(end) and abs(end) < _MAX_NUMBER for end in zoom)
    return is_near and len(zoom) == 2 * min(latent_dim, 2) and all(map(operator.lt, zoom[::2], zoom[1::2]))


def _zoom_in(part: str) -> str | list[float] | None:
    return part if part in _FRAMES else [float(end) for end in part.split(",")] if part else None


def _zoom_text(zoom: Zoom) -> str:
    return zoom if isinstance(zoom, str) else ",".join(f"{end:.12g}" for end in zoom or ())


def _numbers(text: str, count: int) -> tuple[float, ...]:
    values = [float(value) for value in text.split(",")]
    if len(values) != count or not all(math.isfinite(value) and abs(value) < _MAX_NUMBER for value in values):
        raise ValueError(f"not {count} numbers")
    return rounded(values)


def _numbers_text(values: Sequence[float]) -> str:
    return ",".join(f"{value:g}" for value in rounded(values))
