"""The planes of a page: their data, the originals and the answer about the pinned code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import streamlit as st

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.components import latent_plane
from halfmoon.parts.choosing import run_in
from halfmoon.parts.downloads import data_slug, run_slugs
from halfmoon.parts.errors import user_errors
from halfmoon.parts.palette import point_classes, run_colours
from halfmoon.parts.titles import data_title, long_kind_title, run_title, titles_beside
from halfmoon.plane import gap_maps, slices
from halfmoon.plane.answer import DENSITY_RADIUS
from halfmoon.plane.routes import (
    answer_path,
    atlas_path,
    codes_path,
    decoder_path,
    encode_path,
    gap_map_path,
    points_count,
)
from halfmoon.plane.view import GAPS, LAYERS, MAX_PINS, View, first_view, gap_view
from halfmoon.server import loaded, warmup
from halfmoon.texts import literal, table, text
from halfmoon.texts.language import language
from halfmoon.texts.sentences import told
from vae_core.comparison import Pair
from vae_core.configs import DataConfig
from vae_core.measures.gap_map import LIKELY
from vae_core.runs.run import Run

PLANES_KEY, ANSWER_KEY = "planes", "answer"


def shown(pair: Pair, title: str, query: Mapping[str, str]) -> tuple[Run, View, str | None]:
    """The run and the view in the URL, and a sentence if they are invalid."""
    run, warning = run_in(query, pair, title)
    if warning:
        return run, first_view(run), warning
    try:
        return run, slices.checked(run, View.from_query(query, run)), None
    except ValueError:
        return run, first_view(run), text("plane.broken_place")


def planes(pair: Pair, view: View, is_answered: bool = False) -> None:
    """Draws the planes of the pair; actions on them are in the URL before the page runs again.

    `is_answered` says whether the page draws the server's answer too.
    """

    def remember() -> None:
        report = latent_plane.reported(PLANES_KEY)
        if report and (run := pair.run(report["run"])):
            address.write(View.from_report(report, run, view.axes))

    warmup.give_way()
    data = pair.runs[0].config.training.data
    gaps = gap_maps.gaps_of(pair.runs[0])
    colours = run_colours([run.config.model for run in pair.runs])
    absent = {"density"} if len(view.code) == 1 else set()
    absent |= set(GAPS) - {gap.name for gap in gaps}
    latent_plane.mount(
        PLANES_KEY,
        data=data_slug(pair),
        planes=[
            _plane(run, title, slug, colour, view)
            for run, title, slug, colour in zip(pair.runs, titles_beside(pair), run_slugs(pair), colours, strict=True)
        ],
        classes=point_classes(data),
        view={name: value for name, value in asdict(view).items() if name != "axes"},
        layers=[name for name in LAYERS if name not in absent],
        gaps=gaps,
        max_pins=MAX_PINS,
        near=DENSITY_RADIUS,
        drawing=_drawing(data),
        walk=address.of("interpolate", _choice_of(pair)),
        is_answered=is_answered,
        texts=table("component") | {"worst_gap": text("component.worst_gap", radius=f"{LIKELY:g}")},
        on_view=remember,
    )


def _choice_of(pair: Pair) -> RunChoice:
    """The pair as an address names it: the same whichever of its planes was clicked last."""
    names = address.names()
    return RunChoice(*names) if len(names) == 2 else RunChoice(pair.name)


def _drawing(data: DataConfig) -> dict[str, int] | None:
    """How a hand-drawn digit is made like those of the data set: scaled into the box, in an image of that side."""
    box = data.source.ink_box
    return {"side": data.image_shape[-1], "box": box} if box else None


def gap_planes(pair: Pair, gap: str, query: Mapping[str, str]) -> None:
    """Draws the planes of the pair on another page, with a gap map until the user has chosen otherwise.

    `query` holds the view as a URL does; where it can't be followed, a sentence says so.
    """
    run, view, warning = shown(pair, pair.name, query)
    notice = st.empty()  # always there: what follows keeps its place, and the planes are not drawn anew
    if warning:
        notice.warning(warning)
    is_chosen = {"z", "point", "layers"} & set(query) and not warning
    planes(pair, view if is_chosen else gap_view(run, gap))


def _plane(run: Run, title: str, slug: str, colour: str, view: View) -> latent_plane.Plane:
    model, codes = run.config.model, run.codes
    space = None if codes.space.is_identity else codes.space
    mlp = model.decoder.network == "mlp"
    drawn = slices.slice_of(run, view)
    return latent_plane.Plane(
        run=run.name,
        kind=model.kind,
        title=title,
        colour=colour,
        subtitle=long_kind_title(model),
        label=text("component.label", kind=title, data=data_title(run.config.training.data)),
        slug=slug,
        heading=[run_title(run), f"{long_kind_title(model)} · {data_title(run.config.training.data)}"],
        python=f"open_run({run.name!r})",
        encode=encode_path(run),
        gap_map=gap_map_path(run),
        points=latent_plane.Points(
            codes_path(run), points_count(run), len(codes.mu), model.latent_dim, codes.log_var is not None
        ),
        image=latent_plane.ImageSource(
            model.image_shape, decoder_path(run) if mlp else None, None if mlp else atlas_path(run)
        ),
        space=latent_plane.Space(
            mean=space and space.mean.tolist(),
            whitening=space and space.whitening.tolist(),
            unwhitening=space and space.inverse.tolist(),
            slice={"centre": drawn.centre.tolist(), "directions": drawn.directions.tolist()},
        ),
        sliders=slices.sliders(run, view),
    )


def answer(pair: Pair) -> None:
    """Draws the server's answer about the pinned code: the browser fetches it itself, and runs no page."""
    data = pair.runs[0].config.training.data
    suffix = f"&lang={language()}&fetched={loaded.times_fetched(data)}"  # then it is another answer
    latent_plane.mount_answer(
        ANSWER_KEY,
        {run.name: answer_path(run) + suffix for run in pair.runs},
        lead=text("error.lead"),
        unanswered=text("answer.unanswered"),
    )


def offer_originals(data: DataConfig, reason: str) -> None:
    """Says why there are no originals, with a button that downloads them if they are published."""
    st.markdown(f"{text('originals.reason')} {literal(told(reason))}")
    megabytes = data.source.download_megabytes
    if megabytes is None:
        return
    title = data_title(data)
    if st.button(text("originals.fetch", data=title, megabytes=megabytes), key="fetch"):
        with user_errors(), st.spinner(text("originals.fetching", data=title)):
            loaded.fetch(data)
            st.rerun()
