"""The gap maps of runs as a browser gets them, and what they are called."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from halfmoon.components.latent_plane import Gap
from halfmoon.server import loaded
from halfmoon.server.run_cache import state_of
from halfmoon.texts import text
from vae_core.configs import DataConfig
from vae_core.measures.gap_map import FIELDS, SURVEY_SIDE, GapMap, Survey, fields_of, ruler_kind, work_of
from vae_core.runs.run import Run
from vae_core.runs.weighing import ANSWER_WORK

if TYPE_CHECKING:
    from vae_core.measures.rulers import Ruler

_seeing = Lock()


def known(run: Run) -> list[Gap]:
    """The gap maps that there are of a run, as the planes' component names and paints them."""
    return [
        Gap(
            name=name,
            title=text(f"gap.title.{name}"),
            unit=text(f"gap.unit.{name}"),
            about=text(f"gap.about.{name if name != 'distance' else ruler_kind(run.config.training.data)}"),
            worst=FIELDS[name].worst,
            middle=FIELDS[name].middle,
            is_logarithmic=FIELDS[name].is_logarithmic,
        )
        for name in fields_of(run)
    ]


def most_places(run: Run, field: str) -> int:
    """At how many places the field may be asked for at once: at fewer, the heavier the run."""
    return max(1, ANSWER_WORK // work_of(run.config.model, field))


def pack(run: Run, field: str, codes: np.ndarray, cells: np.ndarray) -> bytes:
    """Low, high and worst code (latent_dim) of the survey, then for each of `cells`, positions in `codes`, the value.

    `codes` are (N, latent_dim), and all is float32. Raises RunError where the run has gone, DataError where a field
    needs a data set that is not at hand.
    """
    survey = _survey(*state_of(run), field)
    values = _map_of(run, field).field(field, codes)
    return np.concatenate([[survey.low, survey.high], survey.worst, values[cells]]).astype("<f4").tobytes()


def _map_of(run: Run, field: str) -> GapMap:
    plain = _map(*state_of(run))
    if field != "distance":
        return plain
    with _seeing:  # both planes ask at once, and seconds of work need not be done twice
        return replace(plain, ruler=_ruler(run.config.training.data))


@lru_cache(maxsize=16)
def _map(folder: Path, stamp: str) -> GapMap:
    """Without the ruler, which only one field needs, and which needs the data set."""
    run = Run.open(folder)
    return GapMap(loaded.model_of(run), run.codes, loaded.judge_of(run.config.training.data.name))


@lru_cache(maxsize=64)
def _survey(folder: Path, stamp: str, field: str) -> Survey:
    run = Run.open(folder)
    most = most_places(run, field)
    side = most if run.config.model.latent_dim == 1 else math.isqrt(most)
    return _map_of(run, field).survey(field, min(SURVEY_SIDE, side))


@lru_cache(maxsize=2)
def _ruler(data: DataConfig) -> Ruler:
    """Holds what is seen in thousands of real images; shared by all sessions."""
    from vae_core.measures.rulers import PixelRuler, ruler_of

    real_images = loaded.image_set(data).split("training")[0]
    ruler = ruler_of(data, loaded.judge_of(data.name), real_images)
    return PixelRuler(real_images) if ruler is None or ruler.most else ruler  # a map has thousands of places
