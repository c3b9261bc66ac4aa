"""Sheets of sampled images, with the plane of their codes: their drawing, and their files."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from halfmoon.components import sample_sheet
from halfmoon.parts import html
from halfmoon.parts.downloads import file_name
from halfmoon.parts.numbers import code_text, fixed
from halfmoon.parts.palette import point_classes, run_colours
from halfmoon.parts.titles import class_names, kind_title
from halfmoon.plane import slices
from halfmoon.plane.view import View, first_view, rounded, usual_layers
from halfmoon.sample.choice import COUNT, Choice
from halfmoon.server import loaded
from halfmoon.texts import text
from vae_core.comparison import Pair
from vae_core.runs.run import Run

SIDE = math.isqrt(COUNT)  # tiles along each side of a sheet
CLOUD = 1500  # test codes drawn on a plane at most
RIM = 1.0  # of the plane's hundredths: half a dot, which is seen whole
REACH = 0.56  # of the extent of the codes: so far they lie from the middle, so that a ring around a dot has room too
CLOUD_SHARE = 0.01  # of them may lie outside, on either side: one far away would make all others a dot


class Sheet(NamedTuple):
    """A run's sample: `codes` (COUNT, latent_dim), `images` (COUNT, C, H, W), and their classes by the judge.

    `labels` and `certainty` (COUNT,) are the judge's most probable class and its probability, None without a judge.
    """

    run: Run
    codes: np.ndarray
    images: np.ndarray
    labels: np.ndarray | None
    certainty: np.ndarray | None

    @property
    def kind(self) -> str:
        return kind_title(self.run.config.model)

    def picture(self) -> np.ndarray:
        """All images as one, (C, SIDE·H, SIDE·W), row by row."""
        rows = [np.concatenate(list(row), axis=2) for row in self.images.reshape(SIDE, SIDE, *self.images.shape[1:])]
        return np.concatenate(rows, axis=1)


def sheet_of(run: Run, choice: Choice) -> Sheet:
    """The run's sample of this choice. Only an AE's codes can be raw: a VAE's are as the prior has them anyhow."""
    if choice.source == "posterior":
        codes = loaded.posterior_codes(run, COUNT, choice.seed, choice.temperature)
    else:
        codes = loaded.prior_codes(run, COUNT, choice.seed, choice.temperature, choice.raw)
    images = loaded.decode(run, codes)
    return Sheet(run, codes, images, *(loaded.judged(run.config.training.data, images) or (None, None)))


def has_raw(pair: Pair) -> bool:
    """Whether there is a run whose codes have a scale of their own."""
    return not all(run.config.model.has_posterior for run in pair.runs)


def panels(sheets: Sequence[Sheet]) -> list[sample_sheet.Panel]:
    """The sheets and their planes, as the component shows them."""
    return [_panel(sheet) for sheet in sheets]


def colours(pair: Pair) -> list[str]:
    """The colours of the classes of the pair's data."""
    return [shown.colour for shown in point_classes(pair.runs[-1].config.training.data)]


def certainty_note(sheet: Sheet) -> str | None:
    """How sure the judge is of the sheet on average; None if there is no judge."""
    if sheet.certainty is None:
        return None
    return text("sample.certainty", certainty=fixed(100 * sheet.certainty.mean(), 0))


def png(sheet: Sheet) -> bytes:
    """The sheet as a PNG, pixel for pixel."""
    return html.png(sheet.picture())


def name_of(sheet: Sheet, *details: str) -> str:
    """The name of the sheet's files, without a suffix."""
    return file_name(sheet.run.config.training.data.name, "sample", *details)


def npz(sheet: Sheet) -> bytes:
    """The codes as the .npz that `python -m vae_core decode --codes` reads."""
    buffer = io.BytesIO()
    np.savez(buffer, z=sheet.codes.astype(np.float32))
    return buffer.getvalue()


def place_of(sheet: Sheet, tile: int) -> View:
    """The view of the planes that shows the code of a tile."""
    code = rounded(sheet.codes[tile])
    return View(sheet.run.name, code, layers=usual_layers(len(code)))


def _panel(sheet: Sheet) -> sample_sheet.Panel:
    codes = sheet.run.codes
    chosen = np.linspace(0, len(codes.mu) - 1, min(CLOUD, len(codes.mu))).astype(int)
    cloud, dots = (_flat(sheet.run, those) for those in (codes.mu[chosen], sheet.codes))
    ends = np.vstack([np.quantile(cloud, [CLOUD_SHARE, 1 - CLOUD_SHARE], axis=0), dots])
    low, high = ends.min(0), ends.max(0)
    return sample_sheet.Panel(
        title=sheet.kind,
        colour=run_colours([sheet.run.config.model])[0],
        sheet=html.png_address(sheet.picture()),
        cloud=_in_square(cloud, low, high),
        classes=codes.labels[chosen].tolist(),
        dots=_in_square(dots, low, high),
        captions=[_caption(sheet, tile) for tile in range(COUNT)],
        certainty=None if sheet.certainty is None else np.round(sheet.certainty, 3).tolist(),
        note=certainty_note(sheet),
        labels={
            "sheet": text("sample.sheet_label", kind=sheet.kind),
            "plane": text("sample.plane_label", kind=sheet.kind),
        },
    )


def _caption(sheet: Sheet, tile: int) -> str:
    at = text("component.heading", kind=sheet.kind, code=code_text(rounded(sheet.codes[tile])))
    if sheet.labels is None or sheet.certainty is None:
        return at
    name = class_names(sheet.run.config.training.data)[sheet.labels[tile]]
    return text("sample.judged", at=at, name=name, certainty=fixed(100 * sheet.certainty[tile], 0))


def _flat(run: Run, codes: np.ndarray) -> np.ndarray:
    """Raw codes (N, latent_dim) on the plane, or the line, of the run's first view: (N, 2), or (N, 1)."""
    return slices.slice_of(run, first_view(run)).places(codes)


def _in_square(places: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[list[float]]:
    """Places (N, 1 or 2) in a square of 100 by 100 whose y points down, `low` and `high` inside, both to one scale.

    What lies outside is at the rim.
    """
    reach = REACH * max(float((high - low).max()), 1e-9)
    inside = (50 + 50 * (places - (low + high) / 2) / reach).clip(RIM, 100 - RIM)
    x, y = inside[:, 0], 100 - inside[:, 1] if inside.shape[1] > 1 else np.full(len(inside), 50.0)
    rounded_places: list[list[float]] = np.round(np.stack([x, y], axis=1), 1).tolist()
    return rounded_places
