"""A sheet of sampled images and the plane of their codes: what is drawn, what the URL holds, what is taken along."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from halfmoon import address
from halfmoon.components import sample_sheet
from halfmoon.parts import html
from halfmoon.parts.fields import Limits
from halfmoon.parts.html import code_text, number
from halfmoon.parts.palette import point_classes
from halfmoon.parts.titles import class_names, kind_title
from halfmoon.plane import slices
from halfmoon.server import loaded
from halfmoon.texts import text
from vae_core.comparison import Pair
from vae_core.runs.run import Run

SIDE = 10  # tiles along each side of a sheet
COUNT = SIDE * SIDE
SOURCES = ("prior", "posterior")
MOST_TEMPERATURE = 2.0
SEEDS = Limits(0, 2**31 - 1, is_whole=True)
CLOUD = 1500  # test codes drawn on a plane at most
CLOUD_SHARE = 0.01  # of them may lie outside, on either side: one far away would make all others a dot


@dataclass(frozen=True)
class Choice:
    """What is sampled: all that the URL holds besides the run. `tile` is the one that is pinned."""

    seed: int = 0
    temperature: float = 1.0
    source: str = "prior"
    raw: bool = False
    tile: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Choice:
        """The choice that the URL holds. Raises ValueError where it can't be read."""
        tile = int(query["tile"]) if "tile" in query else None
        choice = cls(
            seed=int(query.get("seed", 0)),
            temperature=float(query.get("temperature", 1)),
            source=query.get("source", "prior"),
            raw=query.get("raw", "0") == "1",
            tile=tile,
        )
        in_range = SEEDS.allow(choice.seed) and 0 <= choice.temperature <= MOST_TEMPERATURE
        if not in_range or choice.source not in SOURCES or tile not in (None, *range(COUNT)):
            raise ValueError("no such sample")
        return choice

    def query(self) -> dict[str, str]:
        """What stands for it in the URL; what is as it is anyhow is left out."""
        values = {
            "seed": str(self.seed) if self.seed else "",
            "temperature": f"{self.temperature:g}" if self.temperature != 1 else "",
            "source": self.source if self.source != "prior" else "",
            "raw": "1" if self.raw else "",
            "tile": "" if self.tile is None else str(self.tile),
        }
        return {name: value for name, value in values.items() if value}


class Sheet(NamedTuple):
    """What a run draws: `codes` (COUNT, latent_dim), `images` (COUNT, C, H, W), and what the judge takes them for.

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
    """What the run draws of this choice. Only an AE's codes can be raw: a VAE's are as the prior has them anyhow."""
    how = {"seed": choice.seed, "temperature": choice.temperature}
    if choice.source == "posterior":
        codes = loaded.posterior_codes(run, COUNT, **how)
    else:
        codes = loaded.prior_codes(run, COUNT, **how, raw=choice.raw)
    images = loaded.decode(run, codes)
    return Sheet(run, codes, images, *(loaded.judged(run.config.training.data, images) or (None, None)))


def choice_in(query: Mapping[str, str]) -> tuple[Choice, str | None]:
    """The choice that the URL holds, and a sentence where it can't be read."""
    try:
        return Choice.from_query(query), None
    except ValueError:
        return Choice(), text("sample.broken_link")


def remember(run: str, choice: Choice) -> None:
    """The URL holds this run and this choice."""
    st.query_params.from_dict(address.language_query() | {"run": run} | choice.query())


def remember_run(run: str) -> None:
    """The URL holds this run, and the choice that it held before but for the tile."""
    remember(run, replace(choice_in(st.query_params)[0], tile=None))


def has_raw(pair: Pair) -> bool:
    """Whether there is a run whose codes have a scale of their own."""
    return not all(run.config.model.has_posterior for run in pair.runs)


def panels(sheets: Sequence[Sheet]) -> list[sample_sheet.Panel]:
    """The sheets and their planes, as the component shows them."""
    return [_panel(sheet) for sheet in sheets]


def colours(pair: Pair) -> list[str]:
    """The colours of the classes of the pair's data."""
    return [shown.colour for shown in point_classes(pair.runs[-1].config.training.data)]


def certainties(sheets: Sequence[Sheet]) -> str | None:
    """How sure the judge is of each sheet, as Markdown; None where there is no judge."""
    sentences = [
        text("sample.certainty", kind=sheet.kind, certainty=number(100 * sheet.certainty.mean(), ".0f"))
        for sheet in sheets
        if sheet.certainty is not None
    ]
    return " ".join([*sentences, text("sample.judge_note")]) if sentences else None


def png(sheet: Sheet) -> bytes:
    """The sheet as a PNG, pixel for pixel."""
    return html.png(sheet.picture())


def npz(sheet: Sheet) -> bytes:
    """The codes as the .npz that `python -m vae_core decode --codes` reads."""
    buffer = io.BytesIO()
    np.savez(buffer, z=sheet.codes.astype(np.float32))
    return buffer.getvalue()


def place_query(sheet: Sheet, tile: int) -> dict[str, str]:
    """What the URL of the planes holds where they show the code of a tile."""
    code = address.rounded(sheet.codes[tile])
    return address.View(sheet.run.name, code, layers=address.usual_layers(len(code))).query()


def _panel(sheet: Sheet) -> sample_sheet.Panel:
    codes = sheet.run.codes
    chosen = np.linspace(0, len(codes.mu) - 1, min(CLOUD, len(codes.mu))).astype(int)
    cloud, dots = (_flat(sheet.run, those) for those in (codes.mu[chosen], sheet.codes))
    ends = np.vstack([np.quantile(cloud, [CLOUD_SHARE, 1 - CLOUD_SHARE], axis=0), dots])
    low, high = ends.min(0), ends.max(0)
    return sample_sheet.Panel(
        title=sheet.kind,
        sheet=html.png_address(sheet.picture()),
        cloud=_in_square(cloud, low, high),
        classes=codes.labels[chosen].tolist(),
        dots=_in_square(dots, low, high),
        captions=[_caption(sheet, tile) for tile in range(COUNT)],
        certainty=None if sheet.certainty is None else np.round(sheet.certainty, 3).tolist(),
        labels={
            "sheet": text("sample.sheet_label", kind=sheet.kind),
            "plane": text("sample.plane_label", kind=sheet.kind),
        },
    )


def _caption(sheet: Sheet, tile: int) -> str:
    at = text("component.heading", kind=sheet.kind, code=code_text(address.rounded(sheet.codes[tile])))
    if sheet.labels is None:
        return at
    name = class_names(sheet.run.config.training.data)[sheet.labels[tile]]
    return text("sample.judged", at=at, name=name, certainty=number(100 * sheet.certainty[tile], ".0f"))


def _flat(run: Run, codes: np.ndarray) -> np.ndarray:
    """Raw codes (N, latent_dim) on the plane, or the line, that the run's first view shows: (N, 2), or (N, 1)."""
    return slices.slice_of(run, address.first_view(run)).places(codes)


def _in_square(places: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[list[float]]:
    """Places (N, 1 or 2) in a square of 100 by 100 whose y points down, `low` and `high` inside, both to one scale."""
    reach = 0.53 * max(float((high - low).max()), 1e-9)
    inside = 50 + 50 * (places - (low + high) / 2) / reach
    x, y = inside[:, 0], 100 - inside[:, 1] if inside.shape[1] > 1 else np.full(len(inside), 50.0)
    return np.round(np.stack([x, y], axis=1), 1).tolist()
