"""The view of the planes, and its form in the URL.

`?run=NAME` with `&z=0.5,-1` (a code of that run), `&point=12` (one of its test codes) or `&image=...` (an image of
one's own, which every model encodes itself), `&pins=0,0;image:...` (saved places), `&layers=rings`,
`&view=all;-1,2,-3,0.5` (what of each plane is in view), `&hide=1,4` (classes that are not seen), `&lasso=0,-1,2,...`
(a plane, and an outline on it) and `&axes=0,3` (the slice of a code with more than two dimensions).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from halfmoon.parts.packed import MARK, unpacked
from halfmoon.server import loaded
from vae_core.codes.codes import Codes
from vae_core.measures.gap_map import FIELDS
from vae_core.runs.run import Run

GAPS = tuple(FIELDS)  # the fields of a gap map, of which one is shown at most
LAYERS = (*GAPS, "density", "manifold", "rings")  # from below
MAX_PINS = 12
_MAX_NUMBER = 1e6  # a place beyond is a broken link, or a mischievous one
_MAX_PLANES = 2
_MAX_CLASSES = 256
_CORNERS = range(3, 65)  # of an outline
_FRAMES = ("all", "prior")

Zoom = Literal["all", "prior"] | tuple[float, ...] | None
"""What of a plane is in view: all codes, the prior, ranges from end to end; None for the bulk of its codes."""

Pin = tuple[float, ...] | str
"""A saved place: standard coordinates, which mean the same to both runs of a pair, or an image of one's own, packed."""


@dataclass(frozen=True)
class View:
    """The view of the planes: a code of `run`, raw, the image that it is of if there is one, and the surroundings.

    That image is a test image, whose position is `point`, or the user's own `image`, packed. `zooms` are the planes'
    in their order, none where all are as usual; `hide` are the labels of hidden classes; `lasso` is the outline of a
    selection: the number of a plane, then x and y of each corner on it; `axes` says which slice is drawn of a code with
    more than two dimensions.
    """

    run: str
    code: tuple[float, ...]
    point: int | None = None
    image: str = ""
    pins: tuple[Pin, ...] = ()
    layers: tuple[str, ...] = ()
    zooms: tuple[Zoom, ...] = ()
    hide: tuple[int, ...] = ()
    lasso: tuple[float, ...] = ()
    axes: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], run: Run) -> View:
        """The view of `run` in the URL. Raises ValueError if it can't be read."""
        latent_dim, first = run.codes.mu.shape[1], first_view(run)
        pins = [pin for pin in query.get("pins", "").split(";") if pin]
        layers = _layers(query["layers"].split(",")) if "layers" in query else first.layers
        point, image = int(query["point"]) if "point" in query else None, query.get("image", "")
        if image:
            point, code = None, rounded(image_code(run, image))
        elif point is not None:
            code = point_code(run.codes, point)
        else:
            code = _numbers(query["z"], latent_dim) if "z" in query else first.code
        return cls(
            run=run.name,
            code=code,
            point=point,
            image=image,
            pins=tuple(_pin(pin, run) for pin in pins[:MAX_PINS]),
            layers=layers,
            zooms=_zooms([_zoom_in(part) for part in query.get("view", "").split(";")], latent_dim),
            hide=_labels(query.get("hide", "").split(",")),
            lasso=_outline(query.get("lasso", "").split(",")),
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
            image=report["image"],
            pins=tuple(pin if isinstance(pin, str) else rounded(pin) for pin in report["pins"][:MAX_PINS]),
            layers=_layers(report["layers"]),
            zooms=_zooms(report["zooms"], run.codes.mu.shape[1]),
            hide=_labels(report["hide"]),
            lasso=_outline(report["lasso"]),
            axes=axes,
        )

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        query = {"run": self.run} | self._place_query()
        if self.pins:
            query["pins"] = ";".join(MARK + pin if isinstance(pin, str) else _numbers_text(pin) for pin in self.pins)
        if self.layers != usual_layers(len(self.code)):
            query["layers"] = ",".join(self.layers) or "none"
        if self.zooms:
            query["view"] = ";".join(map(_zoom_text, self.zooms))
        if self.hide:
            query["hide"] = ",".join(map(str, self.hide))
        if self.lasso:
            query["lasso"] = ",".join(f"{value:.12g}" for value in self.lasso)
        if self.axes:
            query["axes"] = self.axes
        return query

    def _place_query(self) -> dict[str, str]:
        if self.image:
            return {"image": self.image}
        return {"z": _numbers_text(self.code)} if self.point is None else {"point": str(self.point)}


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


def image_pixels(run: Run, image: str) -> np.ndarray:
    """An image of one's own, packed, as the models of `run` take it, uint8 (1, C, H, W).

    Raises ValueError if it is none of that size.
    """
    model = run.config.model
    return np.frombuffer(unpacked(image, model.pixels), np.uint8).reshape(1, *model.image_shape)


def image_code(run: Run, image: str) -> np.ndarray:
    """The code (latent_dim,) of an image of one's own, packed. Raises ValueError as `image_pixels` does."""
    code: np.ndarray = loaded.encode(run, image_pixels(run, image))[0][0]
    return code


def pin_code(run: Run, pin: Pin) -> np.ndarray:
    """The code (latent_dim,) of a saved place in `run`."""
    return image_code(run, pin) if isinstance(pin, str) else run.codes.unstandardise(np.array(pin))


def _pin(given: str, run: Run) -> Pin:
    if not given.startswith(MARK):
        return _numbers(given, run.codes.mu.shape[1])
    image = given.removeprefix(MARK)
    image_pixels(run, image)
    return image


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


def _labels(given: Sequence[Any]) -> tuple[int, ...]:
    """Labels in ascending order. Raises ValueError if some are none."""
    labels = sorted({int(label) for label in given if label != ""})
    if labels and not 0 <= labels[0] <= labels[-1] < _MAX_CLASSES:
        raise ValueError(f"not labels of classes: {labels}")
    return tuple(labels)


def _outline(given: Sequence[Any]) -> tuple[float, ...]:
    """The number of a plane, then x and y of each corner; nothing if there is none. Raises ValueError if it is none."""
    outline = tuple(float(value) for value in given if value != "")
    if not outline:
        return ()
    is_near = all(math.isfinite(value) and abs(value) < _MAX_NUMBER for value in outline)
    if not is_near or outline[0] not in range(_MAX_PLANES) or (len(outline) - 1) / 2 not in _CORNERS:
        raise ValueError("not the outline of a selection")
    return outline


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
