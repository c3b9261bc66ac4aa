"""Images that two runs draw, side by side: reconstructions, and samples of the same random codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from halfmoon.compare.choice import file_stem
from halfmoon.parts import html
from halfmoon.parts.downloads import offer_picture, run_slugs
from halfmoon.parts.errors import user_errors
from halfmoon.parts.html import Html, tag
from halfmoon.parts.numbers import fixed
from halfmoon.parts.titles import class_names, data_title, titles_beside
from halfmoon.sample.choice import Choice
from halfmoon.sample.sheets import Sheet, has_raw, name_of, sheet_of
from halfmoon.sample.sheets import png as sheet_png
from halfmoon.server import loaded
from halfmoon.texts import literal, paragraph, text
from vae_core.comparison import Pair, are_twins
from vae_core.configs import DataConfig
from vae_core.errors import DataError
from vae_core.runs.run import Run

COUNT = 10  # test images: one of each class, as far as there are so many


class Line(NamedTuple):
    """Test images (COUNT, C, H, W) of a data set, reconstructed by a run or original; `names` are their classes."""

    title: str
    images: np.ndarray
    names: list[str]
    data: DataConfig
    is_original: bool = False


class Drawn(NamedTuple):
    """A sheet of random codes and its title.

    `slug` tells its run apart in the name of a file; `where` is the source of its codes by its name in `compare.drawn`.
    """

    title: str
    slug: str
    where: str
    sheet: Sheet

    @property
    def note(self) -> str:
        return text(f"compare.drawn.{self.where}")

    @property
    def file(self) -> str:
        """The name of its saved file."""
        return f"{name_of(self.sheet, self.slug, self.where)}.png"


@user_errors()
def show(pair: Pair) -> None:
    """Draws both runs' reconstructions of the same images, and their images of random codes, with their files."""
    st.subheader(text("compare.reconstructions"), anchor=False)
    with st.spinner(text("compare.drawing")):
        lines, drawn = reconstructions(pair), sheets(pair)
    st.caption(reconstructions_note(pair, lines))
    st.html(strips(lines))
    offer_picture(text("compare.save_images"), png(lines), f"{file_stem(pair)}-images.png")
    st.subheader(text("compare.samples"), anchor=False)
    st.caption(samples_note(pair))
    st.html(gallery(drawn))
    with st.container(horizontal=True):
        for one in drawn:
            title = one.title if are_twins(pair) else literal(one.title)
            label = text("compare.save_sheet", title=title, drawn=one.note)
            offer_picture(label, sheet_png(one.sheet), one.file)


def reconstructions(pair: Pair) -> list[Line]:
    """A line for each run, decoded from the mean codes of the same test images, below the originals if available.

    Runs of different data sets have originals of their own.
    """
    lines: list[Line] = []
    for run, title in zip(pair.runs, titles_beside(pair), strict=True):
        data = run.config.training.data
        points = one_of_each(run.codes.labels)
        names = [class_names(data)[label] for label in run.codes.labels[points]]
        if not _has_originals(run, lines) and (originals := _originals(run, points)) is not None:
            lines.append(Line(text("compare.original"), originals, names, data, is_original=True))
        lines.append(Line(title, loaded.decode(run, run.codes.mu[points]), names, data))
    return lines


def one_of_each(labels: np.ndarray) -> np.ndarray:
    """The positions in `labels` (N,) of the first of each class, then of the second of each, up to COUNT."""
    turn = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        turn[labels == label] = np.arange((labels == label).sum())
    return np.lexsort((labels, turn))[:COUNT]


def reconstructions_note(pair: Pair, lines: Sequence[Line]) -> str:
    """A note on the lines, naming the data sets whose original images are missing."""
    missing = dict.fromkeys(data_title(run.config.training.data) for run in pair.runs if not _has_originals(run, lines))
    note = text("compare.reconstructions_note")
    return paragraph([note, text("compare.no_originals", data=", ".join(missing))]) if missing else note


def strips(lines: Sequence[Line]) -> Html:
    """The lines, one below the other."""
    return tag("div", *map(_strip, lines), class_="hm-strips")


def png(lines: Sequence[Line]) -> bytes:
    """The lines, one below the other, as a PNG, pixel for pixel; the space beside smaller images is white."""
    rows = [np.concatenate(list(line.images), axis=2) for line in lines]  # COUNT of (C, H, W) -> (C, H, COUNT·W)
    width = max(row.shape[2] for row in rows)
    full = [np.pad(row, ((0, 0), (0, 0), (0, width - row.shape[2])), constant_values=1) for row in rows]
    return html.png(np.concatenate(full, axis=1))


def sheets(pair: Pair) -> list[Drawn]:
    """A hundred images from each run's prior, from the same draws; for an AE in standard coordinates and raw."""
    drawn = []
    for run, title, slug in zip(pair.runs, titles_beside(pair), run_slugs(pair), strict=True):
        if has_raw(Pair((run,))):
            for raw, where in ((False, "standard"), (True, "raw")):
                drawn.append(Drawn(title, slug, where, sheet_of(run, Choice(raw=raw))))
        else:
            drawn.append(Drawn(title, slug, "prior", sheet_of(run, Choice())))
    return drawn


def samples_note(pair: Pair) -> str:
    """A note on how to read the sheets."""
    return text("compare.samples_note_ae" if has_raw(pair) else "compare.samples_note")


def gallery(drawn: Sequence[Drawn]) -> Html:
    """The sheets side by side, each with the certainty of its data's classifier if there is one."""
    return tag("div", *map(_sheet, drawn), class_="hm-sheets")


def _has_originals(run: Run, lines: Sequence[Line]) -> bool:
    """Whether the original test images of the run are among the lines."""
    data = run.config.training.data
    return any(line.is_original and line.data.has_test_images_of(data) for line in lines)


def _originals(run: Run, points: np.ndarray) -> np.ndarray | None:
    try:
        return loaded.originals(run, points)
    except DataError:
        return None


def _strip(line: Line) -> Html:
    images = []
    for pixels, name in zip(line.images, line.names, strict=True):
        if line.is_original:
            alt = text("answer.alt_original", name=name)
        else:
            alt = text("answer.alt_reconstruction", kind=line.title, name=name)
        images.append(html.image(pixels, alt))
    return html.joined([tag("span", line.title), *images])


def _sheet(drawn: Drawn) -> Html:
    sheet = drawn.sheet
    judged = ""
    if sheet.certainty is not None:
        judged = text("compare.judged", certainty=fixed(100 * sheet.certainty.mean(), 0))
    words = (tag("b", f"{drawn.title}:"), f" {drawn.note} ", tag("small", judged))
    return tag("figure", html.image(sheet.picture(), f"{drawn.title}: {drawn.note}"), tag("figcaption", *words))
