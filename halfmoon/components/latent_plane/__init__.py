"""The latent plane: one plane or two, side by side, in which every place shows its decoded image.

It knows nothing of models: it is given points, labels, an image source (the weights of a decoder, or an atlas of
tiles) and a code space. What is constant the browser fetches by routes; what changes (the view) comes as `data`.

What the server knows of a code is mounted apart from the planes, for it stands elsewhere on the page; `look.js`, which
the browser loads once for both, is where the planes tell it what is being looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from halfmoon.components import mounting
from halfmoon.components.mounting import Component

MAX_TILES = 4096  # that are decoded at once, or cells of a gap map; a browser asks for no more
MAX_TILE_BYTES = 2**24  # of their pixels

_component = Component("latent_plane")
_answer = Component("latent_plane", "answer")


@dataclass(frozen=True)
class PointClass:
    """The name and the colour of the points of one class."""

    name: str
    colour: str


@dataclass(frozen=True)
class Points:
    """The address of the points, and their number: `count` of `total` codes, with their variances or not."""

    path: str
    count: int
    total: int
    latent_dim: int
    has_posterior: bool


@dataclass(frozen=True)
class ImageSource:
    """The source of images: the weights of a `decoder` for the browser, or an `atlas` of tiles from the server.

    `shape` is (channels, height, width).
    """

    shape: tuple[int, int, int]
    decoder: str | None
    atlas: str | None


@dataclass(frozen=True)
class Space:
    """The code space: the map to standard coordinates (None if codes are standard already), and the slice.

    `slice` has `centre` (latent_dim) and `directions` (1 or 2 of latent_dim), orthonormal.
    """

    mean: list[float] | None
    whitening: list[list[float]] | None
    unwhitening: list[list[float]] | None
    slice: dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """A gap map: a value at each place. `worst` says which end is a gap, `about` explains the value.

    Where there is a `middle` values are right there, and painted by their logarithm; the two sides have two colours.
    Values without one are painted by their logarithm where the layer `is_logarithmic`.
    """

    name: str
    title: str
    unit: str
    about: str
    worst: Literal["low", "high"]
    middle: float | None
    is_logarithmic: bool


@dataclass(frozen=True)
class Slider:
    """A direction (latent_dim) that the planes don't show, along which the code is moved.

    A code's coordinate on it is its product with the direction, less `origin`; the slider goes `reach` to both sides.
    """

    label: str
    direction: list[float]
    origin: float
    reach: float


@dataclass(frozen=True)
class Plane:
    """One plane. `encode` is the address that encodes an image; `python` opens the run in a notebook.

    `gap_map` is where the values of its gap maps are. `slug` stands for it in the names of files, `heading` over
    pictures of it, line by line.
    """

    run: str
    kind: str
    title: str
    colour: str
    subtitle: str
    label: str
    slug: str
    heading: list[str]
    python: str
    encode: str
    gap_map: str
    points: Points
    image: ImageSource
    space: Space
    sliders: list[Slider]


def mount(
    key: str,
    *,
    data: str,
    planes: Sequence[Plane],
    classes: Sequence[PointClass],
    view: dict[str, Any],
    layers: Sequence[str],
    gaps: Sequence[Gap],
    max_pins: int,
    near: float,
    drawing: dict[str, int] | None,
    walk: str,
    is_answered: bool,
    texts: dict[str, str],
    on_view: Callable[[], None],
) -> None:
    """Mounts the planes side by side; `data` stands for their data in the names of files. `view` has `run`, `code`,
    `point`, `image`, `pins`, `zooms`, `hide`, `lasso` and
    `layers`, of those that `layers` names.

    Of the layers that are `gaps` a view has one at most. Codes no farther from a place than `near`, in standard
    coordinates, are counted. `drawing` has the `side` of the images that can be drawn by hand and the `box` that the
    ink is scaled into. `walk` is the address of a walk, without its ends; `is_answered` says whether the server's
    answer is on the page. A change of the view by the user calls `on_view`, with `reported(key)` then saying what is
    shown.
    """
    scene = {
        "data": data,
        "planes": [asdict(plane) for plane in planes],
        "classes": [asdict(point_class) for point_class in classes],
        "view": view,
        "layers": list(layers),
        "gaps": [asdict(gap) for gap in gaps],
        "max_pins": max_pins,
        "near": near,
        "max_tiles": MAX_TILES,
        "max_tile_bytes": MAX_TILE_BYTES,
        "drawing": drawing,
        "walk": walk,
        "is_answered": is_answered,
        "texts": texts,
    }
    _component.mount(key, scene, on_view)


def reported(key: str) -> dict[str, Any] | None:
    """The view last reported by the planes `key`, in the form of `mount`."""
    report: dict[str, Any] | None = mounting.reported(key)
    return report


def mount_answer(key: str, paths: Mapping[str, str], *, lead: str, unanswered: str) -> None:
    """Mounts the server's answer about the pinned code, fetched from the path of the code's run.

    `lead` precedes the server's reason where it refuses; `unanswered` is said where it does not answer at all.
    """
    _answer.mount(key, {"paths": dict(paths), "lead": lead, "unanswered": unanswered})
