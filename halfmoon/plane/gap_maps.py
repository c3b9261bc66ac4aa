"""The gap maps of runs: their names, their limits, and their form for the browser."""

from __future__ import annotations

import math
from dataclasses import replace
from threading import Lock

import numpy as np

from halfmoon.components.latent_plane import Gap
from halfmoon.server import interpolation, loaded
from halfmoon.server.run_cache import remembered_for_run
from halfmoon.texts import text
from vae_core.measures.gap_map import FIELDS, SURVEY_SIDE, GapMap, Survey, fields_of, ruler_kind, work_of
from vae_core.runs.run import Run
from vae_core.runs.weighing import ANSWER_WORK

_seeing = Lock()


def known(run: Run) -> list[Gap]:
    """The gap maps of a run, as the planes' component names and paints them."""
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


def max_places(run: Run, field: str) -> int:
    """The largest number of places in one request for the field: the fewer, the heavier the run."""
    return max(1, ANSWER_WORK // work_of(run.config.model, field))


def pack(run: Run, field: str, codes: np.ndarray, cells: np.ndarray) -> bytes:
    """Low, high and worst code (latent_dim) of the survey, then for each of `cells`, positions in `codes`, the value.

    `codes` are (N, latent_dim), and all is float32. Raises RunError where the run has gone, DataError where a field
    needs a data set that is not at hand.
    """
    survey = _survey(run, field)
    values = _map_of(run, field).field(field, codes)
    return np.concatenate([[survey.low, survey.high], survey.worst, values[cells]]).astype("<f4").tobytes()


def _map_of(run: Run, field: str) -> GapMap:
    plain = _map(run)
    if field != "distance":
        return plain
    with _seeing:  # both planes ask at once, and seconds of work need not be done twice
        return replace(plain, ruler=interpolation.map_ruler(run.config.training.data))


@remembered_for_run(maxsize=16)
def _map(run: Run) -> GapMap:
    """The gap map without the ruler, which only one field needs, and which needs the data set."""
    return GapMap(loaded.model_of(run), run.codes, loaded.judge_of(run.config.training.data.name))


@remembered_for_run(maxsize=64)
def _survey(run: Run, field: str) -> Survey:
    most = max_places(run, field)
    side = most if run.config.model.latent_dim == 1 else math.isqrt(most)
    return _map_of(run, field).survey(field, min(SURVEY_SIDE, side))
