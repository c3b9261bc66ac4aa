"""A walk from one image to another through the codes of each model of a pair, and what is met on the way.

The URL holds it: `?run=NAME&a=12&b=z:0.5,-1&path=geodesic`. An end is one of the test images, or after `z:` a place in
standard coordinates, which means the same to both models, or after `image:` an image of one's own.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import streamlit as st

from halfmoon import address
from halfmoon.parts.pairs import find_pairs, not_shown
from halfmoon.parts.titles import data_title
from halfmoon.server import interpolation, loaded
from halfmoon.texts import text
from vae_core.codes.codes import Codes
from vae_core.comparison import Pair, pair_of
from vae_core.configs import DataConfig
from vae_core.data.drawn_moons import moon_factors
from vae_core.errors import DataError
from vae_core.moons import drawing
from vae_core.runs.run import Run

FRAMES = 41  # of a walk, both ends included
EVERY = 4  # frames from one of the strip's eleven to the next
PATHS = get_args(interpolation.PathName)
SEED = 0  # of the order in which the images of a class are offered
_PLACE, _IMAGE = "z:", "image:"
_QUERY = ("run", "a", "b", "path")

Side = Literal["start", "end"]


@dataclass(frozen=True)
class End:
    """One end of a walk: a test image, by its position among the codes, a place in standard coordinates, or an image.

    `image` is one's own, a byte a pixel, for each model to encode.
    """

    point: int | None = None
    place: tuple[float, ...] = ()
    image: bytes = b""

    def standard(self, run: Run) -> tuple[float, ...]:
        """Where it lies in the standard coordinates of `run`, (latent_dim,)."""
        if self.place:
            return self.place
        codes = run.codes
        code = loaded.encode(run, self.pixels(run))[0][0] if self.image else codes.mu[self.point]
        return tuple(codes.standardise(code).tolist())

    def pixels(self, run: Run) -> np.ndarray:
        """One's own image as the models of `run` take it, uint8 (1, C, H, W)."""
        return np.frombuffer(self.image, np.uint8).reshape(1, *run.config.model.image_shape)

    def query(self) -> str:
        """What stands for it in the URL."""
        if self.image:
            return _IMAGE + base64.urlsafe_b64encode(zlib.compress(self.image, 9)).decode()
        return str(self.point) if self.point is not None else _PLACE + ",".join(f"{value:g}" for value in self.place)


@dataclass(frozen=True)
class Walk:
    """From where to where, and by which of the PATHS; `run` names one of the pair."""

    run: str
    start: End
    end: End
    path: str = PATHS[0]

    def query(self) -> dict[str, str]:
        """What stands for it in the URL; the usual path is left out."""
        ends = {"run": self.run, "a": self.start.query(), "b": self.end.query()}
        return ends if self.path == PATHS[0] else ends | {"path": self.path}


@dataclass(frozen=True)
class Row:
    """What is met on one way: `images` (FRAMES, C, H, W) and the sizes (FRAMES - 1,) of the steps between them.

    `evenness` of the steps is NaN where nothing moves. `length` is that of the whole way, also of what the image does
    between two frames: never less than the steps together. `codes` (FRAMES, latent_dim) are raw ones of `run`; a
    cross-dissolve has neither.
    """

    title: str
    note: str
    images: np.ndarray
    steps: np.ndarray
    evenness: float
    length: float
    run: Run | None = None
    codes: np.ndarray | None = None


def asked_for(pair: Pair, title: str, query: Mapping[str, str]) -> tuple[Walk, list[str]]:
    """The walk that the URL holds, and a sentence for each part of it that can't be followed: the usual one it is."""
    walk, run, warnings = first_walk(pair), pair.runs[-1], []
    if pair.run(query.get("run", pair.name)) is None:
        return walk, [not_shown(query["run"], title)]
    for part, name, read in (("start", "a", _end), ("end", "b", _end), ("path", "path", _path_named)):
        try:
            walk = replace(walk, **{part: read(run, query[name])}) if name in query else walk
        except ValueError:
            warnings.append(text(f"interpolate.broken.{part}"))
    return walk, warnings


def first_walk(pair: Pair) -> Walk:
    """The walk to begin with: from an image of the first class to one of the last.

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
    """The positions (N,) of the test images of a class, in an order that was drawn once for all."""
    return np.random.default_rng(SEED).permutation(np.flatnonzero(codes.labels == label))


def another(codes: Codes, point: int | None) -> int:
    """The test image of the same class that comes after this one; after the last, the first; after none, any."""
    if point is None:
        return any_image(codes)
    order = in_order(codes, codes.labels[point])
    return int(np.roll(order, -1)[order == point][0])


def any_image(codes: Codes) -> int:
    """The position of any test image, another one each time."""
    return int(np.random.default_rng().integers(len(codes.mu)))


def own_image(run: Run, image: bytes) -> End:
    """The end that is this image, a byte a pixel. Raises ValueError where `run` has images of another size."""
    if len(image) != math.prod(run.config.model.image_shape):
        raise ValueError(f"no image of {run.config.model.image_shape}")
    return End(image=image)


def show_in_url(walk: Walk) -> None:
    """From now on the URL holds this walk."""
    _replace(walk.query())


def show_pair_in_url(run: str) -> None:
    """From now on the URL holds another pair, with the path, and with the ends where they mean the same to it.

    They do where they are images and both pairs have the same data; a place means something to its own models alone.
    """
    query, pairs = st.query_params, find_pairs()
    before, after = pair_of(query.get("run", pairs[0].name), pairs), pair_of(run, pairs)
    ends = ("a", "b") if before and after and _data(before) == _data(after) else ()
    kept = {name: query[name] for name in (*ends, "path") if name in query}
    _replace({name: value for name, value in kept.items() if not value.startswith(_PLACE)} | {"run": run})


def rows(pair: Pair, walk: Walk) -> list[Row]:
    """What is met on the way through each model, and in a cross-dissolve, which needs none.

    Raises RunError where a run has gone.
    """
    met = [_through(run, walk) for run in pair.runs]
    return [*met, _dissolve(pair.runs[-1], walk, met[-1].images[[0, -1]])]


def _through(run: Run, walk: Walk) -> Row:
    ends = (end.standard(run) for end in (walk.start, walk.end))
    standard, length = interpolation.path(run, walk.path, *ends, FRAMES)
    raw = run.codes.unstandardise(standard)
    kind = run.config.model.kind
    images = loaded.decode(run, raw)
    steps = interpolation.steps_between(images)
    return Row(text(f"kind.{kind}"), text(f"kind.{kind}_long"), images, *steps, length, run, raw)


def _dissolve(run: Run, walk: Walk, decoded: np.ndarray) -> Row:
    """From original to original, else between the images (2, C, H, W) that `run` draws at the ends."""
    kind = text(f"kind.{run.config.model.kind}")
    ends, note = decoded, text("interpolate.dissolve_decoded", kind=kind)
    if not walk.start.place and not walk.end.place:
        try:
            ends = np.concatenate([_original(run, end) for end in (walk.start, walk.end)])
            note = text("interpolate.dissolve_originals")
        except DataError:
            note = text("interpolate.not_at_hand", kind=kind, data=data_title(run.config.training.data))
    images = interpolation.cross_dissolve(ends, FRAMES)
    steps = interpolation.steps_between(images)
    return Row(text("interpolate.dissolve"), note, images, *steps, length=float(steps.sizes.sum()))


def _original(run: Run, end: End) -> np.ndarray:
    """The image (1, C, H, W) that the end is, in [0, 1]. Raises DataError where the data set is not at hand."""
    return end.pixels(run).astype(np.float32) / 255 if end.image else loaded.originals(run, np.array([end.point]))


def _end(run: Run, given: str) -> End:
    """The end that the URL holds, checked as a view's code is. Raises ValueError where it can't be read."""
    if given.startswith(_IMAGE):
        return own_image(run, _inflated(given.removeprefix(_IMAGE), math.prod(run.config.model.image_shape)))
    name = "z" if given.startswith(_PLACE) else "point"
    view = address.view_from_query(run, {name: given.removeprefix(_PLACE)})
    return End(place=view.code) if view.point is None else End(view.point)


def _path_named(_: Run, given: str) -> str:
    """The path that the URL holds. Raises ValueError where it is none."""
    return PATHS[PATHS.index(given)]


def _inflated(given: str, most: int) -> bytes:
    """The bytes that an image's address holds, no more than shows that there are more than `most`.

    Raises ValueError where it holds none.
    """
    try:
        return zlib.decompressobj().decompress(base64.urlsafe_b64decode(given), most + 1)
    except zlib.error as error:
        raise ValueError("no image") from error


def _data(pair: Pair) -> DataConfig:
    return pair.runs[-1].config.training.data


def _replace(query: dict[str, str]) -> None:
    kept = {name: value for name, value in st.query_params.items() if name not in _QUERY}
    st.query_params.from_dict(kept | query)  # in one go: each change of the URL is a step of the browser's history
