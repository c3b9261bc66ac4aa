"""The choice of a walk: its ends and its path, in the URL and for a pair of runs.

`?run=NAME&a=12&b=z:0.5,-1&path=geodesic&frame=7`. An end is one of the test images, or after `z:` a place in standard
coordinates, which means the same to both models, or after `image:` an image of one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from halfmoon import address
from halfmoon.parts.choosing import run_in
from halfmoon.parts.packed import MARK, packed, unpacked
from halfmoon.parts.pairs import find_pairs
from halfmoon.plane.view import View
from halfmoon.server import loaded
from halfmoon.server.interpolation import PathName
from halfmoon.texts import text
from vae_core.codes.codes import Codes
from vae_core.comparison import Pair, pair_of
from vae_core.configs import DataConfig
from vae_core.data.drawn_moons import moon_factors
from vae_core.errors import needed
from vae_core.moons import drawing
from vae_core.runs.run import Run

PATHS: tuple[PathName, ...] = get_args(PathName)
FRAMES = 41  # of a walk, both ends included
PARTS = {"a": "start", "b": "end", "path": "path", "frame": "frame"}  # what a query parameter holds of a walk
SEED = 0  # of the order in which the images of a class are offered
_PLACE = "z:"

Side = Literal["start", "end"]


@dataclass(frozen=True)
class End:
    """One end of a walk: a test image, by its position among the codes; a place in standard coordinates; or an image.

    `image` is one's own, a byte a pixel, for each model to encode.
    """

    point: int | None = None
    place: tuple[float, ...] = ()
    image: bytes = b""

    @classmethod
    def from_query(cls, given: str, run: Run) -> End:
        """The end in the URL, checked as a view's code is. Raises ValueError if it can't be read."""
        if given.startswith(MARK):
            return cls(image=unpacked(given.removeprefix(MARK), run.config.model.pixels))
        name = "z" if given.startswith(_PLACE) else "point"
        view = View.from_query({name: given.removeprefix(_PLACE)}, run)
        return cls(place=view.code) if view.point is None else cls(view.point)

    def query(self) -> str:
        """The query of the URL."""
        if self.image:
            return MARK + packed(self.image)
        return str(self.point) if self.point is not None else _PLACE + ",".join(f"{value:g}" for value in self.place)

    def standard(self, run: Run) -> tuple[float, ...]:
        """Its standard coordinates in `run`, (latent_dim,)."""
        if self.place:
            return self.place
        codes = run.codes
        code = loaded.encode(run, self.pixels(run))[0][0] if self.image else codes.mu[self.point]
        return tuple(codes.standardise(code).tolist())

    def pixels(self, run: Run) -> np.ndarray:
        """The user's own image as the models of `run` take it, uint8 (1, C, H, W)."""
        return np.frombuffer(self.image, np.uint8).reshape(1, *run.config.model.image_shape)


@dataclass(frozen=True)
class Walk:
    """Both ends of a walk, its path, one of PATHS, and the frame that is shown; `run` names one of the pair.

    What lies between the ends is the point, so the usual frame is the middle one. An end that is None is the usual one
    of the pair: `settled` has both.
    """

    run: str
    start: End | None = None
    end: End | None = None
    path: PathName = PATHS[0]
    frame: int = FRAMES // 2

    @classmethod
    def from_query(cls, query: Mapping[str, str], run: Run) -> Walk:
        """The walk through `run` in the URL. Raises ValueError if it can't be read."""
        start, end = (End.from_query(query[name], run) if name in query else None for name in ("a", "b"))
        names: tuple[str, ...] = PATHS
        path = names.index(query.get("path", PATHS[0]))
        frame = range(FRAMES).index(int(query.get("frame", cls.frame)))
        return cls(run.name, start, end, PATHS[path], frame)

    def query(self) -> dict[str, str]:
        """The query of the URL; defaults are omitted."""
        ends = {name: end.query() for name, end in (("a", self.start), ("b", self.end)) if end}
        others = {"path": self.path, "frame": str(self.frame)}
        usual = {"path": PATHS[0], "frame": str(Walk.frame)}
        return {"run": self.run} | ends | {name: value for name, value in others.items() if value != usual[name]}

    @property
    def ends(self) -> tuple[End, End]:
        """Start and end of a settled walk."""
        return needed(self.start), needed(self.end)

    def with_end(self, side: Side, end: End) -> Walk:
        """The same walk, but for the end on that side."""
        return replace(self, start=end) if side == "start" else replace(self, end=end)

    def settled(self, pair: Pair) -> Walk:
        """The same walk with both ends."""
        usual = first_walk(pair)
        return replace(self, start=self.start or usual.start, end=self.end or usual.end)


def asked_for(pair: Pair, title: str, query: Mapping[str, str]) -> tuple[Walk, list[str]]:
    """The walk in the URL, and a sentence for each invalid part, which the default replaces."""
    _, warning = run_in(query, pair, title)
    if warning:
        return first_walk(pair), [warning]
    walk, broken = _readable(pair, query)
    return walk.settled(pair), [text(f"interpolate.broken.{part}") for part in broken]


def of_pair(run: str) -> Walk:
    """The walk in the URL for another pair, that of `run`: its path, and the ends that mean the same to both.

    They do where they are images and both pairs have the same data; a place means something to its own models alone.
    """
    query, pairs = address.query(), find_pairs()
    before, after = pair_of(query.get("run", pairs[0].name), pairs), pair_of(run, pairs)
    if before is None or after is None:
        return Walk(run)
    walk, _ = _readable(before, query)
    has_same_data = _data(before) == _data(after)
    start, end = (end if end and has_same_data and not end.place else None for end in (walk.start, walk.end))
    return Walk(run, start, end, walk.path, walk.frame)


def first_walk(pair: Pair) -> Walk:
    """The default walk: from an image of the first class to one of the last.

    Of moons these are two that as little as possible but the phase tells apart: else it is a walk to another moon.
    """
    codes, data = pair.runs[-1].codes, _data(pair)
    classes = codes.labels.min(), codes.labels.max()
    if data.moons is None:
        start, end = (int(in_order(codes, label)[0]) for label in classes)
    else:
        factors = moon_factors(data)[0][codes.indices]
        start, end = drawing.most_alike(factors, *(np.flatnonzero(codes.labels == label) for label in classes))
    return Walk(pair.name, End(start), End(end))


def in_order(codes: Codes, label: int) -> np.ndarray:
    """The positions (N,) of the test images of a class, in a fixed random order."""
    return np.random.default_rng(SEED).permutation(np.flatnonzero(codes.labels == label))


def another(codes: Codes, point: int | None) -> int:
    """The next test image of the same class; after the last, the first; after none, any."""
    if point is None:
        return any_image(codes)
    order = in_order(codes, codes.labels[point])
    return int(np.roll(order, -1)[order == point][0])


def any_image(codes: Codes) -> int:
    """The position of a random test image, another one each time."""
    return int(np.random.default_rng().integers(len(codes.mu)))


def own_image(run: Run, image: bytes) -> End:
    """The end that is this image, a byte a pixel. Raises ValueError if `run` has images of another size."""
    if len(image) != run.config.model.pixels:
        raise ValueError(f"no image of {run.config.model.image_shape}")
    return End(image=image)


def _readable(pair: Pair, query: Mapping[str, str]) -> tuple[Walk, list[str]]:
    """The walk made of the readable parts of the URL, and the names of the other parts."""
    walk = Walk(pair.name)
    broken: list[str] = []
    for name, part in PARTS.items():
        try:
            alone = Walk.from_query({name: query[name]} if name in query else {}, pair.runs[-1])
            walk = replace(walk, **{part: getattr(alone, part)})
        except ValueError:
            broken.append(part)
    return walk, broken


def _data(pair: Pair) -> DataConfig:
    return pair.runs[-1].config.training.data
